"""A program that is hard to stop: a child that ignores SIGTERM and a daemon in a session of its own.

python family.py <file for the pids>
"""

import os
import signal
import sys
import time
from pathlib import Path


def daemon(note: Path) -> None:
    """The classic double fork, so that its parent is no member of the family any more."""
    if os.fork():
        os.wait()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    _stay(note)


def stubborn_child(note: Path) -> None:
    if not os.fork():
        _stay(note)


def _stay(note: Path) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with note.open("a") as file:
        file.write(f"{os.getpid()}\n")
    while True:
        time.sleep(60)


if __name__ == "__main__":
    daemon(Path(sys.argv[1]))
    stubborn_child(Path(sys.argv[1]))
    time.sleep(60)
