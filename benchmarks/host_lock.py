"""A file lock that keeps measurements of one host apart; it holds even while the database is away."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def only_one_here(folder: Path) -> Iterator[bool]:
    """Whether this process alone may measure while the block lasts; never waits. `folder` is the bench's own."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "host.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
