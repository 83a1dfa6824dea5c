"""What was measured: windows of finished blocks, and the capacity (or the refusal) they amount to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from estimator.domain.capacity import Capacity, RefusedStack, ServingLimits
from estimator.domain.fitting import fit_capacity
from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.measurement import StackFailed, Window
from estimator.domain.workload import SMOKE
from estimator.models import HardwareProfile, Run, RunState, Stack, TrialRecord, WindowRecord

HEADLINE_WORKLOAD = "user_lookup"
# Statements per request, as the contract test counts them.
QUERIES = {"json": 0, "user_lookup": 1}


@dataclass(frozen=True, kw_only=True)
class MeasuredStack:
    """What one run says of one stack and workload: raw windows and facts, and what they amount to."""

    run: int
    stack: Stack
    workload: str
    windows: tuple[Window, ...]
    cold_starts_s: tuple[float, ...]
    idle_memory_mib: float | None
    versions: Mapping[str, str]
    outcome: Capacity | RefusedStack


def counted_trials(run_id: int) -> QuerySet[TrialRecord]:
    """The trials of finished blocks, of the attempt that finished each."""
    finished = Q(run__blocks__number=F("block"), run__blocks__attempt=F("attempt"))
    return TrialRecord.objects.filter(finished, run=run_id).select_related("stack", "workload").distinct()


def newest_runs(*, workload: str = HEADLINE_WORKLOAD, smoke: bool = False) -> dict[str, int]:
    """The newest succeeded run in which each active stack was tried under the workload: stack slug -> run id."""
    trials = TrialRecord.objects.filter(run__state=RunState.SUCCEEDED, workload__slug=workload, stack__active=True)
    if not smoke:
        trials = trials.exclude(run__spec__profile=SMOKE.name)  # its figures mean nothing
    pairs = trials.order_by("stack__position", "run_id").values_list("stack__slug", "run_id")
    return dict(pairs)  # the last, so the newest, run of each stack stays


def newest_measurements(*, workload: str = HEADLINE_WORKLOAD, smoke: bool = False) -> list[MeasuredStack]:
    """Each active stack as its newest succeeded run saw it, in display order."""
    wanted = newest_runs(workload=workload, smoke=smoke)
    by_run = {run_id: measured_stacks(run_id=run_id, workload=workload) for run_id in sorted(set(wanted.values()))}
    return [one for slug, run_id in wanted.items() for one in by_run[run_id] if one.stack.slug == slug]


def measured_stacks(*, run_id: int, workload: str | None = None) -> list[MeasuredStack]:
    """All that a run measured, one entry per stack and workload, in display order."""
    run = Run.objects.select_related("host").get(pk=run_id)
    trials = counted_trials(run_id).prefetch_related("windows")
    if workload is not None:
        trials = trials.filter(workload__slug=workload)
    groups: dict[tuple[str, str], list[TrialRecord]] = {}
    for trial in trials.order_by("stack__position", "workload__position", "block"):
        groups.setdefault((trial.stack.slug, trial.workload.slug), []).append(trial)
    return [_measured(run, group) for group in groups.values()]


def _measured(run: Run, trials: list[TrialRecord]) -> MeasuredStack:
    first = trials[0]
    windows = tuple(record.to_domain() for trial in trials for record in _windows(trial))
    cold_starts = tuple(trial.cold_start_s for trial in trials if trial.cold_start_s is not None)
    idle = [trial.idle_memory_mib for trial in trials if trial.idle_memory_mib is not None]
    outcome = fit_capacity(
        stack=first.stack.slug,
        workload=first.workload.slug,
        windows=windows,
        objective_ms=run.spec["objective_ms"],
        run=str(run.pk),
        title=first.stack.title,
        limits=serving_limits(first.stack.settings, workload=first.workload.slug),
        host=cpu_speed(run.host) if run.host else CpuSpeed(),
        failures=_failures(trials),
        warnings=tuple(dict.fromkeys(warning for trial in trials for warning in trial.warnings)),
        cold_starts_s=cold_starts,
    )
    return MeasuredStack(
        run=run.pk,
        stack=first.stack,
        workload=first.workload.slug,
        windows=windows,
        cold_starts_s=cold_starts,
        idle_memory_mib=max(idle, default=None),
        versions=first.versions,
        outcome=outcome,
    )


def _windows(trial: TrialRecord) -> Iterable[WindowRecord]:
    return sorted(trial.windows.all(), key=lambda record: record.sequence)


def _failures(trials: Iterable[TrialRecord]) -> list[StackFailed]:
    return [
        StackFailed(stack=trial.stack.slug, workload=trial.workload.slug, block=trial.block, reason=trial.failure)
        for trial in trials
        if trial.failure
    ]


def serving_limits(settings: Mapping[str, Any], *, workload: str) -> ServingLimits:
    """What bounds a stack beside its CPU, from its manifest's settings."""
    threads, pool = settings.get("threads"), settings.get("pool_size")
    return ServingLimits(
        workers=int(settings.get("workers", 1)),
        threads_per_worker=threads if isinstance(threads, int) else None,
        pool_per_worker=pool if isinstance(pool, int) else None,
        queries=QUERIES.get(workload, 0),
    )


def cpu_speed(hardware: HardwareProfile) -> CpuSpeed:
    """What is known of a profile's processor."""
    return CpuSpeed(
        canary=hardware.canary_score,
        single_thread=hardware.single_thread_score,
        smt=Smt(hardware.vcpu_kind),
        model=hardware.cpu_model,
    )


def failure_reasons(*, run_id: int) -> list[str]:
    """Why stacks of a run get no cost, in the words recorded."""
    trials = counted_trials(run_id).exclude(failure="").values_list("stack__slug", "failure")
    return [f"{stack}: {failure}" for stack, failure in trials]


def has_results(*, run_id: int) -> bool:
    """Whether at least one stack of the run went through all its steps."""
    return counted_trials(run_id).filter(finished=True, failure="").exists()
