"""A service of our own, started with `manage.py up` in a var folder of its own, and commands that belong to it."""

import http.client
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import ensure_environment
from benchmarks.errors import BenchmarkError
from benchmarks.guarded_process import PROJECT, GuardedProcess, Program, guarded, wait_until
from benchmarks.validation.ground import Ground, never

_MEASURED = ("fastapi", "flask", "django")  # by the first shipped plan
_START_LIMIT_S, _RUN_LIMIT_S, _STOP_LIMIT_S = 120.0, 1_200.0, 30.0


@dataclass(frozen=True, kw_only=True)
class OwnService:
    """A running service and where it answers."""

    ground: Ground
    port: int
    supervisor: int  # process id of `manage.py up`

    @property
    def var(self) -> Path:
        """Its data; removed when it ends."""
        return _var(self.ground)

    def manage(self, *arguments: str) -> str:
        """One command of manage.py beside it, to its end: what it said last. Raises BenchmarkError."""
        with guarded(_manage(self.ground, *arguments)) as command:
            ended = wait_until(lambda: not command.running(), limit_s=_RUN_LIMIT_S, should_stop=never)
            if not ended or command.exit_code():
                raise _failed(command, "failed")
            return command.last_log_line()


@contextmanager
def own_service(ground: Ground) -> Iterator[OwnService]:
    """With an empty var folder, and environments made before: what it is given knows no certificates or package index.

    Raises BenchmarkError when it does not start.
    """
    environments = ground.folder / "environments"
    for stack in _MEASURED:
        ensure_environment(ground.stack(stack).folder, environments)
    var, port = _var(ground), _free_port()
    shutil.rmtree(var, ignore_errors=True)
    (var / "bench").mkdir(parents=True)
    (var / "bench" / "environments").symlink_to(environments.resolve())
    with guarded(_manage(ground, "up", "--port", str(port))) as up:
        ready = wait_until(lambda: not up.running() or _answers(port), limit_s=_START_LIMIT_S, should_stop=never)
        if not (ready and up.running()):
            raise _failed(up, "did not start")
        yield OwnService(ground=ground, port=port, supervisor=up.child_pid)
    shutil.rmtree(var, ignore_errors=True)


def _failed(process: GuardedProcess, how: str) -> BenchmarkError:
    program = process.program
    return BenchmarkError(f"{program.name} {how}: {process.last_log_line()}; see {program.log}")


def _var(ground: Ground) -> Path:
    return ground.folder / "service"


def _manage(ground: Ground, *arguments: str) -> Program:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(ground.folder), "LANG": "C.UTF-8"}
    return Program(
        name=f"manage.py {arguments[0]}",
        argv=[sys.executable, "-u", str(PROJECT / "manage.py"), *arguments],
        cpus=sorted({*ground.cores.app, *ground.cores.load}),
        env={**environment, "VAR_DIR": str(_var(ground))},
        cwd=PROJECT,
        log=ground.log(f"service-{arguments[0]}"),
        record_folder=ground.records,
        grace_s=_STOP_LIMIT_S,
    )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
