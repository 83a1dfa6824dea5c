"""A server with a fault of choice under load, for the tests of the capacity engine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.app_process import RunningApp, start_app
from benchmarks.load.engine import LoadEngine, Target, load_engine
from benchmarks.load.results import StepResult
from benchmarks.workloads import PreparedRequest
from estimator.domain.measuring.workload import LoadStep, Spacing, StepKind
from tests.bench.programs import CORES, JSON, Bench, never

RING = 20
PATIENCE_S = 1.5
VERIFIED = RING + 1  # answers that an app has given when it was started and verified


@contextmanager
def loaded(
    folder: Path,
    mode: str = "right",
    ring: tuple[PreparedRequest, ...] = (JSON,) * RING,
    should_stop: Callable[[], bool] = never,
) -> Iterator[tuple[RunningApp, LoadEngine]]:
    """A server with a fault of choice, and an engine aimed at it."""
    bench = Bench(folder)
    with start_app(bench.answering(mode), workload=JSON, should_stop=never) as app:
        target = Target(host=app.host, port=app.port, ring=ring, connections=4, patience_s=PATIENCE_S)
        log = folder / "engine.log"
        with load_engine(target, cpus=CORES, log=log, record_folder=bench.records, should_stop=should_stop) as engine:
            yield app, engine


def closed_loop(duration_s: float = 0.5, **more: Any) -> LoadStep:
    return replace(LoadStep(kind=StepKind.SATURATION, duration_s=duration_s, connections=4), **more)


def open_loop(rate: float, duration_s: float = 0.5, spacing: Spacing = Spacing.POISSON, **more: Any) -> LoadStep:
    step = LoadStep(kind=StepKind.OPEN_LOOP, duration_s=duration_s, rate=rate, connections=4, spacing=spacing, seed=7)
    return replace(step, **more)


def accounted(result: StepResult) -> bool:
    """Every arrival has exactly one end."""
    ended = result.completed + result.errors + result.wrong
    return result.sent == ended and result.scheduled == result.sent + result.unsent == ended + result.unsent
