"""Everything a run recorded, raw: trials that count and those that do not, and their windows as they came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from estimator.models import Block, Run, TrialRecord, WindowRecord

_AT_ONCE = 100  # rows in memory while a run of thousands is written out


@dataclass(frozen=True, kw_only=True)
class RecordedWindow:
    """One window. `counted`: its block was finished by this attempt; only such windows enter a capacity."""

    attempt: int
    counted: bool
    data: Mapping[str, Any]


def recorded_trials(run: Run) -> list[tuple[TrialRecord, bool]]:
    """The trials of a run in the order in which they began, each with whether it counts."""
    trials = TrialRecord.objects.filter(run=run).select_related("stack", "workload").order_by("pk")
    counted = _counted(run)
    return [(trial, (trial.block, trial.attempt) in counted) for trial in trials]


def recorded_windows(run: Run) -> Iterator[RecordedWindow]:
    """The windows of a run in the order in which they were measured; one query, read as it goes."""
    counted = _counted(run)
    rows = WindowRecord.objects.filter(trial__run=run).order_by("trial_id", "sequence")
    for block, attempt, data in rows.values_list("trial__block", "trial__attempt", "data").iterator(_AT_ONCE):
        yield RecordedWindow(attempt=attempt, counted=(block, attempt) in counted, data=data)


def _counted(run: Run) -> set[tuple[int, int]]:
    return set(Block.objects.filter(run=run).values_list("number", "attempt"))
