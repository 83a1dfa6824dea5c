"""Advisory locks on files. The kernel releases them with the process, however it ends; children do not inherit them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from estimator.runtime.errors import ServiceError, not_ours
from estimator.runtime.processes import wait_until


class FileLock:
    """One open lock file, in one of the modes free, shared, exclusive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError:
            raise not_ours(path) from None

    def wait_shared(self) -> None:
        """Wait until nobody holds it exclusively."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def wait_exclusive(self) -> None:
        """Wait until nobody else holds it at all."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def try_exclusive(self) -> bool:
        """Take it unless somebody else holds it. On False a shared hold of ours is lost too."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go, and keep the file open."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go for good."""
        os.close(self._descriptor)


@contextmanager
def open_lock(path: Path) -> Iterator[FileLock]:
    """A lock that is let go at the end."""
    lock = FileLock(path)
    try:
        yield lock
    finally:
        lock.close()


@contextmanager
def exclusive(path: Path, *, timeout_s: float) -> Iterator[None]:
    """Hold the lock alone. Raises ServiceError when others keep it for longer than `timeout_s`."""
    with open_lock(path) as lock:
        if not wait_until(lock.try_exclusive, timeout_s):
            raise ServiceError(f"{path} was held by another process for {timeout_s:.0f} s: see what it does.")
        yield


@contextmanager
def sole_holder(path: Path, note: str) -> Iterator[str | None]:
    """Hold the lock while the block runs, our note in the file; if another process does, yield its note instead."""
    with open_lock(path) as lock:
        if lock.try_exclusive():
            path.write_text(note, encoding="utf-8")
            yield None
        else:
            yield path.read_text(encoding="utf-8")
