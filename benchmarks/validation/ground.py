"""Where checks run: cores, folders, our own tiny server and an engine aimed at it."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.app_process import AppCommand, RunningApp, app_environment, start_app
from benchmarks.errors import EngineError
from benchmarks.load.engine import LoadEngine, Target, load_engine
from benchmarks.resources import CoreSplit, split_cores
from benchmarks.workloads import PreparedRequest

REQUEST = PreparedRequest(path="/", expected_json={"status": "ok"})
_RING = 50  # equal requests: nothing here depends on their number


@dataclass(frozen=True, kw_only=True)
class Ground:
    """`folder` is the bench's own; logs and process records go below it."""

    folder: Path
    cores: CoreSplit = field(default_factory=split_cores)

    @property
    def records(self) -> Path:
        """Where each started process is written down until it has ended."""
        return self.folder / "processes"

    def log(self, name: str) -> Path:
        """The log file of one program, below logs/validation."""
        return self.folder / "logs" / "validation" / f"{name}.log"


@contextmanager
def server(ground: Ground, behaviour: str) -> Iterator[RunningApp]:
    """Our own server (see server.py for its behaviours) on the app's cores."""
    command = AppCommand(
        name=f"the {behaviour.partition(':')[0]} server",
        command=("{python}", "server.py", "{fd}", behaviour),
        folder=Path(__file__).parent,
        python=sys.executable,
        cpus=ground.cores.app,
        environment=app_environment(home=ground.folder),
        log=ground.log("server"),
        record_folder=ground.records,
        grace_s=1.0,
    )
    with start_app(command, workload=REQUEST, should_stop=never) as app:
        yield app


def target(app: RunningApp, *, connections: int = 32) -> Target:
    """The load's aim."""
    return Target(host=app.host, port=app.port, ring=(REQUEST,) * _RING, connections=connections)


@contextmanager
def verified_engine(ground: Ground, app: RunningApp) -> Iterator[LoadEngine]:
    """The capacity engine on the load's cores, ready for steps. Raises EngineError when an answer is wrong."""
    engine_at = load_engine(
        target(app),
        cpus=ground.cores.load,
        log=ground.log("load"),
        record_folder=ground.records,
        should_stop=app.check_alive,
    )
    with engine_at as engine:
        seen = engine.verify()
        if seen.failures:
            raise EngineError(f"{app.app.name} answered wrongly: {seen.first_failure}; see {app.app.log}")
        yield engine


def never() -> bool:
    """Only Ctrl-C ends a check, and it ends the process."""
    return False


def listed(values: Sequence[float], digits: int = 2) -> str:
    """`0.98, 1.01`."""
    return ", ".join(f"{value:.{digits}f}" for value in values)
