"""What was measured: windows of finished blocks, and the capacity (or the refusal) they amount to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.measuring.journeys import heaviest
from estimator.domain.measuring.measurement import StackFailed, Window
from estimator.domain.measuring.workload import SMOKE
from estimator.domain.performance.capacity import Capacity, RefusedStack, serving_limits
from estimator.models import HardwareProfile, Run, RunState, Stack, TrialRecord, WindowRecord, Workload
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
    settings: Mapping[str, Any]  # as they ran
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
    trials = _tried(smoke=smoke).filter(workload__slug=workload)
    pairs = trials.order_by("stack__position", "run_id").values_list("stack__slug", "run_id")
    return dict(pairs)  # the last, so the newest, run of each stack stays


def _tried(*, smoke: bool) -> QuerySet[TrialRecord]:
    """Trials of active stacks in succeeded runs."""
    trials = TrialRecord.objects.filter(run__state=RunState.SUCCEEDED, stack__active=True)
    return trials if smoke else trials.exclude(run__spec__profile=SMOKE.name)  # its figures mean nothing


def newest_measurements(*, workload: str = HEADLINE_WORKLOAD, smoke: bool = False) -> list[MeasuredStack]:
    """Each active stack as its newest succeeded run saw it, in display order."""
    wanted = newest_runs(workload=workload, smoke=smoke)
    measured = measured_in(runs=wanted.values(), workloads=[workload])
    return [one for one in measured if wanted.get(one.stack.slug) == one.run]


def newest_of_all(*, smoke: bool = False) -> list[MeasuredStack]:
    """Each pair of an active stack and a workload as the newest succeeded run that tried it saw it."""
    trials = _tried(smoke=smoke).order_by("run_id")
    wanted = {tuple(pair): run for *pair, run in trials.values_list("stack__slug", "workload__slug", "run_id")}
    measured = measured_in(runs=wanted.values(), workloads={workload for _, workload in wanted})
    return [one for one in measured if wanted.get((one.stack.slug, one.workload)) == one.run]


def newest_by_host() -> dict[tuple[str, str, str], int]:
    """The newest succeeded run of each active stack and workload on each host: (stack, workload, host) -> run id."""
    trials = _tried(smoke=False).filter(run__host__isnull=False).order_by("run_id")
    found = trials.values_list("stack__slug", "workload__slug", "run__host__name", "run_id").distinct()
    return {(stack, workload, host): run for stack, workload, host, run in found}


def measured_workloads(*, smoke: bool = False) -> list[Workload]:
    """The workloads that a succeeded run tried with an active stack, in display order."""
    return list(Workload.objects.filter(pk__in=_tried(smoke=smoke).values("workload")))


def workloads_of(*, run_id: int) -> list[Workload]:
    """The workloads under which a run tried anything to the end of a block, in display order."""
    return list(Workload.objects.filter(pk__in=counted_trials(run_id).values("workload")))


def measured_stacks(*, run_id: int, workload: str | None = None) -> list[MeasuredStack]:
    """All that a run measured, one entry per stack and workload, in display order."""
    return measured_in(runs=[run_id], workloads=None if workload is None else [workload])


def measured_in(*, runs: Iterable[int], workloads: Iterable[str] | None = None) -> list[MeasuredStack]:
    """What these runs measured, by stack, workload and run: four queries, however many there are."""
    rows = Run.objects.select_related("host").in_bulk(set(runs))
    finished = Q(run__blocks__number=F("block"), run__blocks__attempt=F("attempt"))
    trials = TrialRecord.objects.filter(finished, run__in=rows).select_related("stack", "workload").distinct()
    if workloads is not None:
        trials = trials.filter(workload__slug__in=set(workloads))
    groups: dict[tuple[int, int, int], list[TrialRecord]] = {}
    for trial in trials.order_by("stack__position", "workload__position", "run_id", "block"):
        groups.setdefault((trial.stack_id, trial.workload_id, trial.run_id), []).append(trial)
    pairs = [(rows[run], group) for (_, _, run), group in groups.items()]
    fits = remembered([_question(run, group) for run, group in pairs], windows_of=_recorded)
    return [_measured(run, group, fit) for (run, group), fit in zip(pairs, fits, strict=True)]


def _measured(run: Run, trials: Sequence[TrialRecord], fit: Fit) -> MeasuredStack:
    first = trials[0]
    return MeasuredStack(
        run=run.pk,
        stack=first.stack,
        workload=first.workload.slug,
        cold_starts_s=_cold_starts_s(trials),
        idle_memory_mib=max(_idle_memory_mib(trials), default=None),
        versions=first.versions,
        settings=_settings(first),
        fit=fit,
    )


def _bounding_workload(run: Run, slug: str) -> str:
    """The workload itself; of a journey, the part that sends most statements."""
    mixes = (one.get("mix") for one in run.spec["trials"] if one["workload"] == slug)
    return heaviest(mix) if (mix := next(mixes, None)) else slug


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
            "limits": serving_limits(_settings(first), workload=_bounding_workload(run, first.workload.slug)),
            "host": cpu_speed(run.host) if run.host else CpuSpeed(),
            "failures": _failures(trials),
            "warnings": tuple(dict.fromkeys(warning for trial in trials for warning in trial.warnings)),
            "cold_starts_s": _cold_starts_s(trials),
            "idle_memory_mib": _idle_memory_mib(trials),
        },
    )


def _settings(trial: TrialRecord) -> Mapping[str, Any]:
    """As they ran; those of the stack today for a trial that recorded none."""
    settings: Mapping[str, Any] = trial.settings or trial.stack.settings
    return settings


def _cold_starts_s(trials: Iterable[TrialRecord]) -> tuple[float, ...]:
    return tuple(trial.cold_start_s for trial in trials if trial.cold_start_s is not None)


def _idle_memory_mib(trials: Iterable[TrialRecord]) -> tuple[float, ...]:
    return tuple(trial.idle_memory_mib for trial in trials if trial.idle_memory_mib is not None)


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
