"""The app under test: started from its manifest's command, awaited until it answers correctly, stopped whole."""

import contextlib
import http.client
import json
import os
import select
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.errors import AppError
from benchmarks.guarded_process import POLL_S, GuardedProcess, Program, ShouldStop, check_stop, guarded
from benchmarks.workloads import PreparedRequest

HOST = "127.0.0.1"
HEALTH = PreparedRequest(
    method="GET", path="/health", headers=(), body=b"", expected_status=200, expected_json={"status": "ok"}
)
_BACKLOG = 2048
_ANSWER_LIMIT_S = 1.0  # for the rest of an answer whose first byte is there


@dataclass(frozen=True, kw_only=True)
class AppCommand:
    """How an app is started. In `command`, {python}, {fd} (a listening socket) and {port} are filled in."""

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
    port: int
    cold_start_s: float = field(default=0.0)
    host: str = HOST

    def check_alive(self) -> bool:
        """False while the app runs, so that it can be part of a `should_stop`. Raises AppError when it is gone."""
        if self.process.running():
            return False
        said = self.process.last_log_line()
        raise AppError(
            f"{self.app.name} exited with code {self.process.exit_code()}"
            f"{': ' + said if said else ' and said nothing'}; see {self.app.log}"
        )


def app_environment(*, home: Path, database_url: str | None = None) -> dict[str, str]:
    """The whole environment of an app: built from empty, so that no secret of ours reaches it."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
    return environment if database_url is None else {**environment, "BENCH_DATABASE_URL": database_url}


@contextlib.contextmanager
def start_app(app: AppCommand, *, workload: PreparedRequest, should_stop: ShouldStop) -> Iterator[RunningApp]:
    """Run an app; the block starts when health and then `workload` were answered correctly, each within the timeout.

    Raises AppError when it exits before that or does not answer correctly in time, Stopped when asked to stop.
    """
    with listening_socket() as listener:
        port = listener.getsockname()[1]
        program = _program(app, listener)
        stack = contextlib.ExitStack()
        process = stack.enter_context(guarded(program))
    with stack:
        running = RunningApp(app=app, process=process, port=port)
        _await_correct(running, app.health, should_stop)
        _await_correct(running, workload, should_stop)
        running.cold_start_s = (time.monotonic_ns() - process.started_ns) / 1e9
        yield running


def listening_socket() -> socket.socket:
    """A loopback socket on a free port. The app gets it, we close ours: after the app's death the port refuses."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by what it accepts. Uvicorn leaves Nagle's algorithm on for a socket passed to it: 40 ms an answer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((HOST, 0))
    listener.listen(_BACKLOG)
    return listener


def _program(app: AppCommand, listener: socket.socket) -> Program:
    descriptor, port = listener.fileno(), listener.getsockname()[1]
    passes_socket = any("{fd}" in word for word in app.command)
    if not passes_socket:
        listener.close()  # the app binds the port itself
    return Program(
        name=app.name,
        argv=[_filled(word, {"python": app.python, "fd": descriptor, "port": port}) for word in app.command],
        cpus=app.cpus,
        env=app.environment,
        cwd=app.folder,
        log=app.log,
        record_folder=app.record_folder,
        pass_fds=[descriptor] if passes_socket else [],
        stop_signal=app.stop_signal,
        grace_s=app.grace_s,
    )


def _filled(word: str, values: Mapping[str, object]) -> str:
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", str(value))
    return word


def _await_correct(running: RunningApp, request: PreparedRequest, should_stop: ShouldStop) -> None:
    limit_s = running.app.ready_timeout_s
    deadline, seen = time.monotonic() + limit_s, "no answer"
    while time.monotonic() < deadline:
        try:
            seen = _exchange(running, request, deadline, should_stop)
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


def _exchange(running: RunningApp, request: PreparedRequest, deadline: float, should_stop: ShouldStop) -> str:
    """Send a request, wait for the answer while the app lives; returns what is wrong with it, empty if nothing is."""
    connection = http.client.HTTPConnection(running.host, running.port, timeout=_ANSWER_LIMIT_S)
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
    try:
        same = request.expected_json is None or json.loads(body) == request.expected_json
    except ValueError:
        same = False
    return "" if same else f"another body than expected: {shown}"
