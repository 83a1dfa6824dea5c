"""The embedded default: PostgreSQL and Valkey run while any process of this project uses them, and no longer.

Every user holds a shared lock; the last one out stops the servers. A keeper process waits for the same lock, so that
they also stop when the last one was killed before it could do so.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from estimator.runtime import postgres, valkey
from estimator.runtime.binaries import site_packages
from estimator.runtime.environment import PROJECT, is_given, supplied
from estimator.runtime.errors import ServiceError
from estimator.runtime.locks import FileLock, exclusive, open_lock
from estimator.runtime.logs import append_log
from estimator.runtime.postgres import PostgresCluster, PostgresServer
from estimator.runtime.private_files import new_secret, private_text
from estimator.runtime.processes import wait_until
from estimator.runtime.storage import POSTGRES_WHEEL, make_folder
from estimator.runtime.valkey import VALKEY_WHEEL, ValkeyInstance, ValkeyServer

# Starting includes initdb and, after a crash, recovery; whoever waits here waits for another process's start or stop.
_GATE_TIMEOUT_S = 120
_LEAVE_TIMEOUT_S = 10


@dataclass(frozen=True, kw_only=True)
class Services:
    """What runs for us; None where the environment supplies its own."""

    postgres: PostgresServer | None = None
    valkey: ValkeyServer | None = None

    def environment(self) -> dict[str, str]:
        """The addresses, as settings read them."""
        addresses = {"DATABASE_URL": self.postgres and self.postgres.url, "REDIS_URL": self.valkey and self.valkey.url}
        return {name: url for name, url in addresses.items() if url}

    def dead(self) -> str | None:
        """The name of a server that has ended, if one has."""
        for name, server in (("PostgreSQL", self.postgres), ("Valkey", self.valkey)):
            if server is not None and not server.is_alive():
                return name
        return None


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The embedded servers of one var folder, and the locks that guard them."""

    var: Path
    postgres_settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def cluster(self) -> PostgresCluster:
        """The service's database."""
        log = self.var / "logs" / "postgres.log"
        return PostgresCluster(folder=self.var / "postgres", settings=self.postgres_settings, log=log)

    @property
    def instance(self) -> ValkeyInstance:
        """The service's queue and cache."""
        return ValkeyInstance(folder=self.var / "valkey", log=self.var / "logs" / "valkey.log")

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the servers."""
        return self.var / "users.lock"

    @property
    def gate_lock(self) -> Path:
        """Held alone while somebody starts or stops the servers."""
        return self.var / "gate.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper."""
        return self.var / "keeper.lock"


@contextmanager
def services(var: Path, *, postgres_settings: Mapping[str, str] | None = None) -> Iterator[Services]:
    """Supply DATABASE_URL, REDIS_URL and SECRET_KEY where the environment does not, servers included.

    With both URLs given it does nothing: that is a deployment, whose SECRET_KEY must not differ between replicas.
    Raises ServiceError when a server cannot be had.
    """
    if is_given("DATABASE_URL") and is_given("REDIS_URL"):
        yield Services()
        return
    for wheel in (POSTGRES_WHEEL, VALKEY_WHEEL):
        if not is_given(wheel.variable):
            site_packages(wheel)  # before anything is made
    layout = Layout(var=var.resolve(), postgres_settings=postgres_settings or {})
    make_folder(layout.var / "logs")
    found = Services()
    with open_lock(layout.users_lock) as users:
        try:
            found = _enter(layout, users)
            with supplied(_secret_key(layout.var) | found.environment()):
                yield found
        finally:
            _leave(layout, users, found)


@contextmanager
def no_services() -> Iterator[None]:
    """For commands that only load settings: a key and addresses at which nobody answers; starts and writes nothing."""
    nowhere = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": _new_key(),
    }
    with supplied({name: value for name, value in nowhere.items() if not is_given(name)}):
        yield


def find_services(var: Path) -> Services:
    """The servers that this process uses, found again (by a command that must notice their end)."""
    layout = Layout(var=var.resolve())
    database, queue = postgres.find(layout.cluster), valkey.find(layout.instance)
    return Services(
        postgres=database if database and database.url == os.environ.get("DATABASE_URL") else None,
        valkey=queue if queue and queue.url == os.environ.get("REDIS_URL") else None,
    )


def stop_servers(layout: Layout) -> None:
    """Stop what runs, PostgreSQL last. The caller holds the gate, and the users lock alone."""
    queue = valkey.find(layout.instance)
    if queue is not None:
        valkey.stop(queue)
    postgres.stop_cluster(layout.cluster)


def _enter(layout: Layout, users: FileLock) -> Services:
    with exclusive(layout.gate_lock, timeout_s=_GATE_TIMEOUT_S):
        users.wait_shared()
        with _keeper(layout):
            return Services(
                postgres=None if is_given("DATABASE_URL") else postgres.start(layout.cluster),
                valkey=None if is_given("REDIS_URL") else valkey.start(layout.instance),
            )


def _leave(layout: Layout, users: FileLock, found: Services) -> None:
    """Stop the servers if nobody else uses them. If somebody is busy with them for long, the keeper does it later."""
    try:
        with suppress(ServiceError), exclusive(layout.gate_lock, timeout_s=_LEAVE_TIMEOUT_S):
            # More than one try: the keeper may get hold of the lock first, and lets go when it finds the gate held.
            if wait_until(users.try_exclusive, 0.05):
                stop_servers(layout)
    except FileNotFoundError:  # the folder was cleared away under us: there is nothing left to share
        _stop_known(found)


def _stop_known(found: Services) -> None:
    if found.valkey is not None:
        valkey.stop(found.valkey)
    if found.postgres is not None:
        postgres.stop(found.postgres)


@contextmanager
def _keeper(layout: Layout) -> Iterator[None]:
    """Start a keeper if there is none, while the servers start; it makes itself nobody's child."""
    with open_lock(layout.keeper_lock) as lock:
        is_needed = lock.try_exclusive()
    if not is_needed:
        yield
        return
    argv = [sys.executable, "-m", "estimator.runtime.keeper", str(layout.var)]
    with (
        append_log(layout.var / "logs" / "keeper.log") as log,
        subprocess.Popen(argv, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True),
    ):
        yield


def _secret_key(var: Path) -> dict[str, str]:
    return {} if is_given("SECRET_KEY") else {"SECRET_KEY": private_text(var / "secret-key", _new_key)}


def _new_key() -> str:
    return new_secret() + new_secret()
