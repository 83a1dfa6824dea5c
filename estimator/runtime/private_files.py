"""Small files of mode 600: passwords, keys, ports. Written whole or not at all, whenever the writer is killed."""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from estimator.runtime.errors import not_ours


def new_secret() -> str:
    """192 random bits, of characters that need no escaping in a URL or a configuration file."""
    return secrets.token_urlsafe(24)


def read_private(path: Path) -> str | None:
    """The file's text, or None when it is missing or empty. Raises ServiceError when it belongs to somebody else."""
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except PermissionError:
        raise not_ours(path) from None


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step."""
    _drafted(path, text).replace(path)


def private_text(path: Path, make: Callable[[], str] = new_secret) -> str:
    """The file's text; made once. Of several processes that make it at the same time, all get the first one's."""
    known = read_private(path)
    if known is not None:
        return known
    draft = _drafted(path, make())
    try:
        os.link(draft, path)
    except FileExistsError:
        if path.stat().st_size == 0:  # power was lost, or the disk was full
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return read_private(path) or private_text(path, make)


def _drafted(path: Path, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # of mode 600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
