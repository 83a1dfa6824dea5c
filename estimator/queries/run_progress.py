"""What the run pages show: where each run stands, and what it recorded so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from estimator.domain.measuring.workload import PROFILES, Profile
from estimator.models import Block, Run, RunEvent, RunState, Stack, TrialRecord, Workload
from estimator.queries.window_rows import WindowRow, window_row


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """Where one run stands. Times in seconds; `remaining_s` is an expectation, None when there is none."""

    id: int
    plan: str
    profile: str
    objective_ms: float
    state: str
    state_label: str
    ended: bool
    reason: str
    requested_by: str
    created_at: datetime
    finished_at: datetime | None
    host: str
    attempt: int
    message: str
    share: float
    elapsed_s: float | None
    remaining_s: float | None
    stacks: int
    workloads: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """One stack under one workload in one block. `confirms`: in the round after the last block instead."""

    block: int
    confirms: bool
    state: str  # measuring, measured, failed
    failure: str
    warnings: tuple[str, ...]
    cold_start_s: float | None
    idle_memory_mib: float | None
    windows: tuple[WindowRow, ...]


@dataclass(frozen=True, kw_only=True)
class StackRow:
    """One stack under one workload, over all blocks that count; the newest first."""

    stack: str
    workload: str
    state: str  # waiting, measuring, measured, failed
    failure: str
    blocks_finished: int
    blocks_planned: int
    latest: TrialRow | None
    earlier: tuple[TrialRow, ...]


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """One thing that happened to a run."""

    at: datetime
    kind: str
    message: str


def run_rows(*, now: datetime, limit: int = 50) -> tuple[RunRow, ...]:
    """The newest runs, newest first."""
    return tuple(_row(run, now) for run in _runs()[:limit])


def open_runs(*, now: datetime) -> tuple[RunRow, ...]:
    """Runs that wait or measure, in the order in which they will be measured."""
    waiting = _runs().filter(state__in=(RunState.PENDING, RunState.RUNNING)).order_by("id")
    return tuple(sorted((_row(run, now) for run in waiting), key=lambda row: row.state != RunState.RUNNING))


def run_row(*, run_id: int, now: datetime) -> RunRow | None:
    """One run, or None when there is no such run."""
    run = _runs().filter(pk=run_id).first()
    return _row(run, now) if run else None


def _runs() -> QuerySet[Run]:
    return Run.objects.select_related("plan", "requested_by", "host")


def _row(run: Run, now: datetime) -> RunRow:
    return RunRow(
        id=run.pk,
        plan=run.plan.name,
        profile=run.spec["profile"],
        objective_ms=run.spec["objective_ms"],
        state=run.state,
        state_label=str(run.get_state_display()),
        ended=run.ended,
        reason=run.reason,
        requested_by=run.requested_by.get_username() if run.requested_by else "",
        created_at=run.created_at,
        finished_at=run.finished_at,
        host=str(run.host.name) if run.host else "",
        attempt=run.attempt,
        message=run.progress_message,
        share=min(1.0, max(0.0, run.progress_share)),
        elapsed_s=_seconds((run.finished_at or now) - run.started_at) if run.started_at else None,
        remaining_s=_seconds(run.expected_end_at - now) if run.expected_end_at and not run.ended else None,
        stacks=len({trial["stack"] for trial in run.spec["trials"]}),
        workloads=len({trial["workload"] for trial in run.spec["trials"]}),
        facts=run.host_facts,
    )


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())


def run_events(*, run_id: int) -> tuple[EventRow, ...]:
    """What happened to the run, in order."""
    events = RunEvent.objects.filter(run=run_id)
    return tuple(EventRow(at=event.at, kind=event.kind.replace("_", " "), message=event.message) for event in events)


def stacks_of_run(*, run_id: int) -> tuple[StackRow, ...]:
    """Each stack and workload of the run's plan with what was recorded of it, in the order of the plan.

    While the run goes on only the newest block carries its windows: the page asks each second."""
    run = Run.objects.get(pk=run_id)
    trials = _trials_that_count(run)
    titles = _titles(Stack), _titles(Workload)
    return tuple(_stack_row(run, wanted, trials, titles) for wanted in run.spec["trials"])


def _titles(model: type[Stack] | type[Workload]) -> dict[str, str]:
    return {row.slug: row.title for row in model.objects.all()}


def _trials_that_count(run: Run) -> list[TrialRecord]:
    """Trials of finished blocks, and of the attempt that measures now."""
    counted = {(block.number, block.attempt) for block in Block.objects.filter(run=run)}
    records = TrialRecord.objects.filter(run=run).select_related("stack", "workload").prefetch_related("windows")
    records = records.order_by("-block", "-attempt")
    return [trial for trial in records if (trial.block, trial.attempt) in counted or trial.attempt == run.attempt]


def _stack_row(
    run: Run, wanted: Mapping[str, str], trials: Iterable[TrialRecord], titles: tuple[dict[str, str], dict[str, str]]
) -> StackRow:
    own = [
        trial for trial in trials if (trial.stack.slug, trial.workload.slug) == (wanted["stack"], wanted["workload"])
    ]
    profile = PROFILES[run.spec["profile"]]
    rows = [_trial_row(trial, profile, with_windows=run.ended or trial is own[0]) for trial in own]
    return StackRow(
        stack=titles[0].get(wanted["stack"], wanted["stack"]),
        workload=titles[1].get(wanted["workload"], wanted["workload"]),
        state=_state(run, rows),
        failure=next((row.failure for row in rows if row.failure), ""),
        blocks_finished=sum(row.state == "measured" and not row.confirms for row in rows),
        blocks_planned=_blocks_planned(run, profile, rows),
        latest=rows[0] if rows else None,
        earlier=tuple(rows[1:]),
    )


def _blocks_planned(run: Run, profile: Profile, rows: Iterable[TrialRow]) -> int:
    """As many as the profile begins with, or more once more were begun; a run that ended has those it has."""
    begun = max((row.block + 1 for row in rows if not row.confirms), default=0)
    return begun if run.ended and begun else max(profile.blocks, begun)


def _state(run: Run, rows: list[TrialRow]) -> str:
    if any(row.failure for row in rows):
        return "failed"
    if not rows:
        return "not measured" if run.ended else "waiting"
    if run.ended and rows[0].state == "measuring":
        return "broken off"
    return rows[0].state


def _trial_row(trial: TrialRecord, profile: Profile, *, with_windows: bool) -> TrialRow:
    state = "measured" if trial.finished else "measuring"
    return TrialRow(
        block=trial.block,
        confirms=trial.block == profile.confirmation_block,
        state="failed" if trial.failure else state,
        failure=trial.failure,
        warnings=tuple(trial.warnings),
        cold_start_s=trial.cold_start_s,
        idle_memory_mib=trial.idle_memory_mib,
        windows=tuple(window_row(record.to_domain()) for record in trial.windows.all()) if with_windows else (),
    )
