"""Real programs for the bench's tests: how to start them, and how to ask whether anything of them is left."""

import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.app_process import AppCommand, app_environment
from benchmarks.guarded_process import Program
from benchmarks.process_tree import ProcessIdentity
from benchmarks.workloads import PreparedRequest

SERVERS = Path(__file__).resolve().parents[1] / "servers"
CORES = sorted(os.sched_getaffinity(0))
JSON = PreparedRequest(
    method="GET",
    path="/json",
    headers=(),
    body=b"",
    expected_status=200,
    expected_json={"message": "Hello, World!"},
)


def never() -> bool:
    """Nobody asks to stop."""
    return False


@dataclass(frozen=True)
class Bench:
    """A folder of one test, and programs that run in it."""

    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "program.log"

    @property
    def records(self) -> Path:
        return self.folder / "records"

    def program(self, *argv: str, grace_s: float = 3.0, piped: bool = False) -> Program:
        return Program(
            name="the program",
            argv=argv,
            cpus=CORES,
            env={"PATH": os.environ["PATH"]},
            cwd=self.folder,
            log=self.log,
            record_folder=self.records,
            grace_s=grace_s,
            piped=piped,
        )

    def python(self, source: str, *arguments: str, grace_s: float = 3.0) -> Program:
        return self.program(sys.executable, "-c", source, *arguments, grace_s=grace_s)

    def app(self, *command: str, timeout_s: float = 10.0) -> AppCommand:
        return AppCommand(
            name="tiny_app",
            command=command,
            folder=SERVERS,
            python=sys.executable,
            cpus=CORES,
            environment=app_environment(home=self.folder),
            log=self.folder / "tiny_app.log",
            record_folder=self.records,
            ready_timeout_s=timeout_s,
            grace_s=1.0,
        )

    def answering(self, mode: str = "right", timeout_s: float = 10.0) -> AppCommand:
        """The server of tests/servers/answering.py."""
        return self.app("{python}", "answering.py", "fd:{fd}", mode, timeout_s=timeout_s)


def identity(pid: int) -> ProcessIdentity:
    found = ProcessIdentity.of(pid)
    assert found is not None, f"process {pid} is gone already"
    return found


def within(limit_s: float, condition: Callable[[], bool]) -> bool:
    """Whether a condition came true in time."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def all_gone(processes: Iterable[ProcessIdentity], limit_s: float = 10.0) -> bool:
    """Whether all of them ended in time."""
    known = list(processes)
    return within(limit_s, lambda: not any(process.alive() for process in known))
