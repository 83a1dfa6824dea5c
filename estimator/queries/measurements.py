"""What was measured: windows of finished blocks, and the capacity (or the refusal) they amount to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from estimator.domain.capacity import Capacity, RefusedStack, serving_limits
from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.measurement import StackFailed, Window
from estimator.domain.workload import SMOKE
from estimator.models import HardwareProfile, Run, RunState, Stack, TrialRecord, WindowRecord
from estimator.models.windows import window_from_json
from estimator.queries.fits import Fit, Question, remembered

HEADLINE_WORKLOAD = "user_lookup"


@dataclass(frozen=True, kw_only=True)
class MeasuredStack:
    """What one run says of one stack and workload: raw windows and facts, and what they amount to."""

    run: int
    stack: Stack
    workload: str
    cold_starts_s: tuple[float, ...]
    idle_memory_mib: float | None
    versions: Mapping[str, str]
    fit: Fit

    @property
    def windows(self) -> tuple[Window, ...]:
        """All that were recorded, void ones included."""
        return self.fit.windows

    @property
    def outcome(self) -> Capacity | RefusedStack:
        """What they amount to."""
        return self.fit.outcome


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
    trials = counted_trials(run_id)
    if workload is not None:
        trials = trials.filter(workload__slug=workload)
    groups: dict[tuple[str, str], list[TrialRecord]] = {}
    for trial in trials.order_by("stack__position", "workload__position", "block"):
        groups.setdefault((trial.stack.slug, trial.workload.slug), []).append(trial)
    questions = [_question(run, group) for group in groups.values()]
    fits = remembered(questions, windows_of=_recorded)
    return [_measured(run, group, fit) for group, fit in zip(groups.values(), fits, strict=True)]


def _measured(run: Run, trials: Sequence[TrialRecord], fit: Fit) -> MeasuredStack:
    first = trials[0]
    idle = [trial.idle_memory_mib for trial in trials if trial.idle_memory_mib is not None]
    return MeasuredStack(
        run=run.pk,
        stack=first.stack,
        workload=first.workload.slug,
        cold_starts_s=_cold_starts_s(trials),
        idle_memory_mib=max(idle, default=None),
        versions=first.versions,
        fit=fit,
    )


def _question(run: Run, trials: Sequence[TrialRecord]) -> Question:
    first = trials[0]
    return Question(
        trials=tuple(trial.pk for trial in trials),
        ended_at=run.finished_at,
        facts={
            "stack": first.stack.slug,
            "workload": first.workload.slug,
            "objective_ms": run.spec["objective_ms"],
            "run": str(run.pk),
            "title": first.stack.title,
            "limits": serving_limits(first.stack.settings, workload=first.workload.slug),
            "host": cpu_speed(run.host) if run.host else CpuSpeed(),
            "failures": _failures(trials),
            "warnings": tuple(dict.fromkeys(warning for trial in trials for warning in trial.warnings)),
            "cold_starts_s": _cold_starts_s(trials),
        },
    )


def _cold_starts_s(trials: Iterable[TrialRecord]) -> tuple[float, ...]:
    return tuple(trial.cold_start_s for trial in trials if trial.cold_start_s is not None)


def _recorded(trials: Sequence[int]) -> dict[int, list[Window]]:
    """The windows of each trial, in their order; one query for all."""
    found: dict[int, list[Window]] = {trial: [] for trial in trials}
    records = WindowRecord.objects.filter(trial__in=trials).order_by("trial__block", "trial_id", "sequence")
    for trial_id, data in records.values_list("trial_id", "data").iterator(chunk_size=200):
        found[trial_id].append(window_from_json(data))
    return found


def _failures(trials: Iterable[TrialRecord]) -> tuple[StackFailed, ...]:
    return tuple(
        StackFailed(stack=trial.stack.slug, workload=trial.workload.slug, block=trial.block, reason=trial.failure)
        for trial in trials
        if trial.failure
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
