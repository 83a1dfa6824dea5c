"""One Python environment per app under test, made from its hash-pinned lock and then kept."""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.errors import AppError

LOCK_FILE = "requirements.lock"
_STAMP = ".complete"
_LIMIT_S = 600
# Compiled now, as pip does: else the first cold start of an app would be the slow one.
_UV_OPTIONS = ("--quiet", "--require-hashes", "--compile-bytecode")

_REPORT = """\
import importlib.metadata, json, sys
versions = {}
for name in sys.argv[1:]:
    try:
        versions[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(versions))
"""


class EnvironmentFailed(AppError):
    """The environment of an app cannot be made or read."""


def ensure_environment(folder: Path, root: Path) -> Path:
    """The interpreter of the app in `folder`: made below `root` unless one for this lock and this Python is there.

    Safe when called twice at once; an interrupted attempt is made again. Raises EnvironmentFailed.
    """
    environment = root.resolve() / f"{folder.resolve().name}-{_fingerprint(folder)}"
    root.mkdir(parents=True, exist_ok=True)
    with _locked(environment.with_name(f"{environment.name}.lock")):
        if not ((environment / _STAMP).exists() and _python(environment).exists()):
            _make(environment, folder / LOCK_FILE)
    return _python(environment)


def installed_versions(python: Path, packages: Sequence[str]) -> Mapping[str, str]:
    """Name -> version of those of `packages` that are installed beside `python`. Raises EnvironmentFailed."""
    reported = _run([str(python), "-I", "-c", _REPORT, *packages], purpose=f"The packages of {python} cannot be read")
    versions: dict[str, str] = json.loads(reported)
    return versions


def _fingerprint(folder: Path) -> str:
    lock = folder / LOCK_FILE
    if not lock.is_file():
        raise EnvironmentFailed(
            f"{lock} is missing; make it there with:"
            f" uv pip compile requirements.in --universal --generate-hashes --output-file {LOCK_FILE}"
        )
    return hashlib.sha256(lock.read_bytes() + platform.python_version().encode()).hexdigest()[:16]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield  # closing the file releases the lock


def _make(environment: Path, lock: Path) -> None:
    """In place, because scripts in an environment name its path; the stamp is written last."""
    shutil.rmtree(environment, ignore_errors=True)
    uv = _uv()
    for command in _with_uv(uv, environment, lock) if uv else _with_pip(environment, lock):
        _run(command, purpose=f"The environment of {lock.parent.name} cannot be made from {lock}")
    (environment / _STAMP).touch()


def _with_uv(uv: str, environment: Path, lock: Path) -> list[list[str]]:
    python = str(_python(environment))
    return [
        [uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(environment)],
        [uv, "pip", "install", *_UV_OPTIONS, "--python", python, "--requirement", str(lock)],
    ]


def _with_pip(environment: Path, lock: Path) -> list[list[str]]:
    pip = [str(_python(environment)), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return [
        [sys.executable, "-m", "venv", str(environment)],
        [*pip, "install", "--quiet", "--require-hashes", "--requirement", str(lock)],
    ]


def _uv() -> str | None:
    beside_us = Path(sys.executable).with_name("uv")
    return shutil.which("uv") or (str(beside_us) if os.access(beside_us, os.X_OK) else None)


def _python(environment: Path) -> Path:
    return environment / "bin" / "python"


def _run(command: Sequence[str], *, purpose: str) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_LIMIT_S, stdin=subprocess.DEVNULL
        )
    except subprocess.CalledProcessError as error:
        raise EnvironmentFailed(f"{purpose}: {command[0]} said: {_last_lines(error.stderr)}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailed(f"{purpose}: {error}") from error
    return done.stdout


def _last_lines(text: str) -> str:
    return " ".join(text.split("\n")[-4:]).strip() or "nothing"
