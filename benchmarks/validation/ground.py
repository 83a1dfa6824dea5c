"""Where checks run: cores, folders, servers of known behaviour, and an engine aimed at them."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.app_process import AppCommand, RunningApp, app_environment, start_app
from benchmarks.environments import ensure_environment
from benchmarks.errors import AppError, EngineError
from benchmarks.guarded_process import PROJECT
from benchmarks.load.engine import LoadEngine, Target, load_engine
from benchmarks.load.results import StepResult
from benchmarks.resources import CoreSplit, split_cores
from benchmarks.stack_catalogue import StackManifest, read_manifests
from benchmarks.workloads import PreparedRequest
from estimator.domain.measuring.workload import LoadStep, StepKind

HERE = Path(__file__).parent
REQUEST = PreparedRequest(path="/", expected_json={"status": "ok"})
CONNECTIONS = 32
_RING = 50  # equal requests: nothing here depends on their number
_DISCARD_S = 0.3


def _silent(_line: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """`folder` is the bench's own; logs and process records go below it. `tell` gets lines of progress."""

    folder: Path
    cores: CoreSplit = field(default_factory=split_cores)
    stacks_folder: Path = PROJECT / "apps_under_test"
    tell: Callable[[str], object] = _silent

    @property
    def records(self) -> Path:
        """Where each started process is written down until it has ended."""
        return self.folder / "processes"

    def log(self, name: str) -> Path:
        """The log file of one program, below logs/validation."""
        return self.folder / "logs" / "validation" / f"{name}.log"

    def stack(self, slug: str) -> StackManifest:
        """One of the stacks in `stacks_folder`. Raises AppError when it is not there."""
        for manifest in read_manifests(self.stacks_folder):
            if manifest.slug == slug:
                return manifest
        raise AppError(f"there is no stack {slug!r} in {self.stacks_folder}; set STACKS_DIR to the shipped folder")


def server(ground: Ground, behaviour: str) -> AbstractContextManager[RunningApp]:
    """Our own server (see server.py for its behaviours) on the app's cores."""
    name = f"the {behaviour.partition(':')[0]} server"
    return _served(ground, name, ("{python}", str(HERE / "server.py"), "{fd}", behaviour), sys.executable)


def null_asgi_server(ground: Ground) -> AbstractContextManager[RunningApp]:
    """A bare ASGI callable on the Uvicorn of the FastAPI stack, with uvloop and httptools, on the app's cores."""
    python = ensure_environment(ground.stack("fastapi").folder, ground.folder / "environments")
    command = (
        *("{python}", "-m", "uvicorn", "--app-dir", str(HERE), "null_asgi:app", "--fd", "{fd}"),
        *("--loop", "uvloop", "--http", "httptools", "--lifespan", "off"),
        *("--timeout-keep-alive", "75", "--no-access-log", "--log-level", "warning"),
        *("--no-proxy-headers", "--no-server-header", "--no-date-header"),
    )
    return _served(ground, "the null ASGI server", command, str(python))


@contextmanager
def _served(ground: Ground, name: str, command: Sequence[str], python: str) -> Iterator[RunningApp]:
    app = AppCommand(
        name=name,
        command=command,
        folder=HERE,
        python=python,
        cpus=ground.cores.app,
        environment=app_environment(home=ground.folder),
        health=REQUEST,
        log=ground.log("server"),
        record_folder=ground.records,
        grace_s=1.0,
    )
    with start_app(app, workload=REQUEST, should_stop=never) as running:
        yield running


def target(app: RunningApp, ring: Sequence[PreparedRequest] = (REQUEST,) * _RING) -> Target:
    """The load's aim."""
    return Target(host=app.host, port=app.port, ring=ring, connections=CONNECTIONS)


@contextmanager
def verified_engine(
    ground: Ground, app: RunningApp, ring: Sequence[PreparedRequest] = (REQUEST,) * _RING
) -> Iterator[LoadEngine]:
    """The capacity engine on the load's cores, ready for steps. Raises EngineError when an answer is wrong."""
    engine_at = load_engine(
        target(app, ring),
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


def closed_loop(engine: LoadEngine, seconds: float) -> StepResult:
    """As fast as the server answers. Raises EngineError when it does not answer."""
    step = LoadStep(
        kind=StepKind.SATURATION, duration_s=seconds + _DISCARD_S, discard_s=_DISCARD_S, connections=CONNECTIONS
    )
    result = engine.run_step(step)
    if not result.completed:
        raise EngineError(f"the server did not answer in a closed loop: {result.first_error}")
    return result


def never() -> bool:
    """Only Ctrl-C ends a check, and it ends the process."""
    return False
