"""The account the servers run as: ourselves, or one without rights when we are root (PostgreSQL refuses root)."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from estimator.runtime.errors import ServiceError

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, kw_only=True)
class Account:
    """What subprocess needs to become it; all None means that the process stays who it is."""

    name: str
    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] | None = None

    @property
    def is_another(self) -> bool:
        """Whether a server runs as somebody else than we do."""
        return self.uid is not None

    def can_enter(self, folder: Path) -> bool:
        """Asked of the kernel, as that account: modes alone do not tell (parents, ACLs, mounts)."""
        return not self.is_another or self.can_run(["test", "-x", str(folder)])

    def can_run(self, argv: list[str]) -> bool:
        """Whether the command starts and succeeds as that account."""
        try:
            return self.run(argv).returncode == 0
        except OSError:  # may not execute the file, or may not become the account
            return False

    def run(self, argv: list[str], *, text: str = "", timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run to the end as that account, in a neutral environment; never raises on a failing command."""
        return subprocess.run(
            argv,
            user=self.uid,
            group=self.gid,
            extra_groups=self.groups,
            env=neutral_environment(),
            cwd="/",
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )


def service_account(data: Path) -> Account:
    """Who runs the servers: the owner of existing `data`, else postgres, else nobody; ourselves unless we are root.

    Raises ServiceError when we are root and there is no such account.
    """
    if os.geteuid() != 0:
        return Account(name=str(os.geteuid()))
    owner = data.stat().st_uid if data.exists() else 0
    for entry in pwd.getpwall():
        if entry.pw_uid == owner != 0:
            return _account(entry)
    for name in _CANDIDATES:
        account = _named(name)
        if account is not None and account.can_run(["true"]):
            return account
    raise ServiceError(
        "PostgreSQL does not run as root, and root cannot become postgres or nobody here: run this as an ordinary user."
    )


def neutral_environment() -> dict[str, str]:
    """Neither the caller's secrets, nor a locale that this machine lacks, nor PG* variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _named(name: str) -> Account | None:
    try:
        return _account(pwd.getpwnam(name))
    except KeyError:
        return None


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, groups=())
