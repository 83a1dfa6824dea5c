"""Stops the embedded servers when their last user has gone without doing so, for instance by kill -9."""

import os
import sys
import time
from pathlib import Path

from estimator.runtime.locks import FileLock, open_lock

_PAUSE_S = 0.1


def keep(var: Path) -> None:
    """Wait until nobody uses the servers, stop them, return. Returns at once when there is a keeper already."""
    with open_lock(var / "keeper.lock") as own, open_lock(var / "users.lock") as users:
        if not own.try_exclusive():
            return
        while not _stopped_with_last_user(var, own, users):
            time.sleep(_PAUSE_S)


def _stopped_with_last_user(var: Path, own: FileLock, users: FileLock) -> bool:
    """False when somebody is entering or leaving just now: never wait for the gate while we hold the users lock."""
    users.wait_exclusive()
    with open_lock(var / "gate.lock") as gate:
        if not gate.try_exclusive():
            users.release()
            return False
        from estimator.runtime.embedded import Layout, stop_servers  # late: while it waits, the keeper stays small

        stop_servers(Layout(var=var))
        own.release()  # before the gate: whoever enters next must see that it needs a keeper of its own
        return True


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # our parent waits for us only until here; whoever started the servers may end before the keeper
    keep(Path(sys.argv[1]))
