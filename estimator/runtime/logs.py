"""Log files of the processes we start: appended to, of mode 600, and set aside when they have grown large."""

import os
from pathlib import Path
from typing import BinaryIO

LARGEST_LOG_MIB = 10


def append_log(path: Path) -> BinaryIO:
    """The log, unbuffered, at its end; a large one becomes `<name>.1` first. The caller closes it."""
    if path.exists() and path.stat().st_size > LARGEST_LOG_MIB * 2**20:
        path.replace(path.with_name(f"{path.name}.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.fdopen(descriptor, "ab", buffering=0)


def last_lines(path: Path, count: int = 3) -> str:
    """The log's end in one line, to quote in an error."""
    try:
        lines = path.read_bytes()[-4096:].decode("utf-8", errors="replace").splitlines()
    except OSError:
        return "(no log)"
    return " | ".join(lines[-count:]) or "(empty log)"
