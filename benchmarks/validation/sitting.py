"""Real apps measured in one sitting by the runner itself, and what a check asks of the windows."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from benchmarks import runner
from benchmarks.bench_host import BenchHost
from benchmarks.errors import AppError
from benchmarks.resources import CoreSplit
from benchmarks.stack_catalogue import StackManifest
from benchmarks.validation.ground import Ground, never
from estimator.domain.measuring.measurement import Progress, StackFailed, Window
from estimator.domain.measuring.workload import Profile, RunSpec, StepKind, Trial
from estimator.domain.performance.capacity import Capacity
from estimator.domain.performance.fitting import fit_capacity

OBJECTIVE_MS = 100.0
_SEED = 20_261_122


def measured(
    ground: Ground,
    stacks: Sequence[StackManifest],
    workload: str,
    *,
    profile: Profile,
    cores: CoreSplit | None = None,
) -> list[Window]:
    """All windows of all stacks, in blocks as in any run. Raises AppError when a stack cannot be measured."""
    trials = tuple(Trial(stack=stack.slug, workload=workload) for stack in stacks)
    spec = RunSpec(
        run=0,
        attempt=1,
        profile=profile,
        trials=trials,
        objective_ms=OBJECTIVE_MS,
        seed=_SEED,
        confirm_with_locust=False,
    )
    host = BenchHost(
        folder=ground.folder,
        stacks={stack.slug: stack for stack in stacks},
        cores=cores or ground.cores,
        should_stop=never,
    )
    windows: list[Window] = []
    trial = ""
    for seen in runner.measure(spec, host):
        if isinstance(seen, StackFailed):
            raise AppError(f"{seen.stack}, {seen.workload}: {seen.reason}")
        if isinstance(seen, Window):
            windows.append(seen)
        if isinstance(seen, Progress) and (now := seen.message.rpartition(": ")[0]) != trial:
            trial = now
            ground.tell(f"  {now}")
    return windows


def renamed(stack: StackManifest, slug: str) -> StackManifest:
    """The same stack under another name."""
    return replace(stack, slug=slug)


def fitted(windows: Sequence[Window], stack: str) -> Capacity:
    """One stack's capacity as a report has it. Raises AppError with the reasons of a refusal."""
    workload = windows[0].workload
    found = fit_capacity(stack=stack, workload=workload, windows=windows, objective_ms=OBJECTIVE_MS)
    if not isinstance(found, Capacity):
        raise AppError(f"{stack}, {workload}: refused: {'; '.join(found.reasons)}")
    return found


def of_kind(windows: Iterable[Window], stack: str, kind: StepKind) -> list[Window]:
    """One stack's windows of one kind that answered, without the disturbed ones where others are left.

    Raises AppError when there is none.
    """
    own = [window for window in windows if window.stack == stack and window.kind is kind and window.completed]
    if not own:
        raise AppError(f"{stack}: no {kind} window gave a right answer")
    return [window for window in own if not window.void] or own


def cpu_s_per_request(windows: Sequence[Window]) -> tuple[float, float, float]:
    """CPU-seconds per answer of app, database and generator, over all these windows."""
    served = sum(window.served for window in windows)
    uses = [window.resources for window in windows]
    app, database = sum(use.app_cpu_s for use in uses), sum(use.database_cpu_s for use in uses)
    return app / served, database / served, sum(use.generator_cpu_s for use in uses) / served
