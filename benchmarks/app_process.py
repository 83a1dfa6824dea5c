"""The app under test: started from its manifest's command, awaited until it answers correctly, stopped whole."""

import contextlib
import http.client
import os
import select
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.answers import is_right
from benchmarks.errors import AppError
from benchmarks.guarded_process import POLL_S, GuardedProcess, Program, ShouldStop, check_stop, guarded
from benchmarks.stack_catalogue import filled
from benchmarks.workloads import PreparedRequest

HOST = "127.0.0.1"
HEALTH = PreparedRequest(
    method="GET", path="/health", headers=(), body=b"", expected_status=200, expected_json={"status": "ok"}
)
_BACKLOG = 2048
_ANSWER_LIMIT_S = 1.0  # for the rest of an answer whose first byte is there


@dataclass(frozen=True, kw_only=True)
class AppCommand:
    """How an app is started. Filled into `command`: {python}, {fd} and {fd2} (listening sockets), {port} (of {fd})."""

    name: str
    command: Sequence[str]
    folder: Path
    python: str
    cpus: Sequence[int]
    environment: Mapping[str, str]
    log: Path
    record_folder: Path
    health: PreparedRequest = HEALTH
    ready_timeout_s: float = 20.0
    stop_signal: str = "TERM"
    grace_s: float = 3.0


@dataclass(kw_only=True)
class RunningApp:
    """An app that answered correctly. `cold_start_s` runs from the fork to its first correct workload answer."""

    app: AppCommand
    process: GuardedProcess
    ports: tuple[int, int]  # of the first and of the second listening socket
    cold_start_s: float = field(default=0.0)
    host: str = HOST

    @property
    def port(self) -> int:
        """The port of its first listening socket."""
        return self.port_of(1)

    def port_of(self, listener: int) -> int:
        """The port of its first (1) or second (2) listening socket, as the manifest counts them."""
        return self.ports[listener - 1]

    def check_alive(self) -> bool:
        """False while the app runs, so that it can be part of a `should_stop`. Raises AppError when it is gone."""
        if self.process.running():
            return False
        said = self.process.last_log_line()
        raise AppError(
            f"{self.app.name} exited with code {self.process.exit_code()}"
            f"{': ' + said if said else ' and said nothing'}; see {self.app.log}"
        )


def app_environment(
    *, home: Path, database_url: str | None = None, upstream_url: str | None = None, pool_size: object = None
) -> dict[str, str]:
    """The whole environment of an app: built from empty, so that no secret of ours reaches it."""
    given = {"BENCH_DATABASE_URL": database_url, "BENCH_UPSTREAM_URL": upstream_url, "BENCH_POOL_SIZE": pool_size}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **{name: str(value) for name, value in given.items() if value is not None},
    }


@contextlib.contextmanager
def start_app(
    app: AppCommand, *, workload: PreparedRequest, should_stop: ShouldStop, listener: int = 1
) -> Iterator[RunningApp]:
    """Run an app; the block starts when health and then `workload` (on its `listener`) were answered correctly.

    Each has the app's timeout. Raises AppError when it exits before that or does not answer correctly in time, Stopped
    when asked to stop.
    """
    with listening_socket() as first, listening_socket() as second:
        ports = first.getsockname()[1], second.getsockname()[1]
        program = _program(app, first, second)
        stack = contextlib.ExitStack()
        process = stack.enter_context(guarded(program))
    with stack:
        running = RunningApp(app=app, process=process, ports=ports)
        _await_correct(running, app.health, should_stop)
        _await_correct(running, workload, should_stop, listener)
        running.cold_start_s = (time.monotonic_ns() - process.started_ns) / 1e9
        yield running


def listening_socket(port: int = 0, *, host: str = HOST) -> socket.socket:
    """A socket on a free port, or on `port`. The app gets it, we close ours: after its death it refuses.

    Raises OSError where the address is not to be had.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by what it accepts. Uvicorn leaves Nagle's algorithm on for a socket passed to it: 40 ms an answer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _program(app: AppCommand, first: socket.socket, second: socket.socket) -> Program:
    values = {"python": app.python, "fd": first.fileno(), "fd2": second.fileno(), "port": first.getsockname()[1]}
    passed = [values[name] for name in ("fd", "fd2") if any(f"{{{name}}}" in word for word in app.command)]
    if first.fileno() not in passed:
        first.close()  # the app binds the port itself
    return Program(
        name=app.name,
        argv=[filled(word, values) for word in app.command],
        cpus=app.cpus,
        env=app.environment,
        cwd=app.folder,
        log=app.log,
        record_folder=app.record_folder,
        pass_fds=passed,
        stop_signal=app.stop_signal,
        grace_s=app.grace_s,
    )


def _await_correct(running: RunningApp, request: PreparedRequest, should_stop: ShouldStop, listener: int = 1) -> None:
    limit_s = running.app.ready_timeout_s
    deadline, seen = time.monotonic() + limit_s, "no answer"
    while time.monotonic() < deadline:
        try:
            seen = _exchange(running, request, deadline, should_stop, port=running.port_of(listener))
        except (OSError, http.client.HTTPException) as error:
            seen = f"{type(error).__name__}: {error}"
        if not seen:
            return
        time.sleep(POLL_S)
        _check(running, should_stop)
    raise AppError(
        f"{running.app.name} gave no correct response on {request.path} within {limit_s:g} s ({seen});"
        f" see {running.app.log}"
    )


def _check(running: RunningApp, should_stop: ShouldStop) -> None:
    running.check_alive()
    check_stop(should_stop)


def _exchange(
    running: RunningApp, request: PreparedRequest, deadline: float, should_stop: ShouldStop, *, port: int
) -> str:
    """Send a request, wait for the answer while the app lives; returns what is wrong with it, empty if nothing is."""
    connection = http.client.HTTPConnection(running.host, port, timeout=_ANSWER_LIMIT_S)
    with contextlib.closing(connection):
        connection.request(request.method, request.path, request.body or None, dict(request.headers))
        while not select.select([connection.sock], [], [], POLL_S)[0]:
            _check(running, should_stop)
            if time.monotonic() > deadline:
                return "no answer"
        response = connection.getresponse()
        return _difference(request, response.status, response.read())


def _difference(request: PreparedRequest, status: int, body: bytes) -> str:
    shown = body[:200].decode(errors="replace")
    if status != request.expected_status:
        return f"status {status} instead of {request.expected_status}: {shown}"
    right = is_right(body, expected_json=request.expected_json, expected_text=request.expected_text)
    return "" if right else f"another body than expected: {shown}"
