"""Fits of ended runs, remembered by this process: recorded windows never change, and neither does what they say.

The windows of a run are kept with their fit as long as there is room; all else is asked of the database each time.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from estimator.domain.measuring.measurement import Histogram, Window
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict, RefusedStack
from estimator.domain.performance.fitting import fit_capacity
from estimator.domain.statistics import Interval, interval_of
from estimator.queries.window_rows import WindowRow, window_row

MOST_WINDOWS = 4000  # some 10 KiB each
DRAWS = 10_000
SCHEDULED = frozenset({StepKind.OPEN_LOOP, StepKind.HALF_CAPACITY})  # whose latency is that of an arrival rate


@dataclass(frozen=True, kw_only=True)
class Question:
    """What decides a fit: the trials whose windows count, and every other argument of `fit_capacity`."""

    trials: tuple[int, ...]
    ended_at: datetime | None  # None while the run goes on: not remembered
    facts: Mapping[str, Any]

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal keys have equal fits. The end is part of it: a database made anew counts its rows from one again."""
        return (self.trials, self.ended_at, *self.facts.items())


@dataclass(frozen=True, kw_only=True)
class Level:
    """One planned rate over all blocks: percentiles of the merged histogram, never averages of percentiles."""

    offered_rate: float
    p50_ms: float
    p99_ms: float


def _level(windows: Sequence[Window]) -> Level:
    latency = Histogram.merged(window.latency for window in windows)
    return Level(
        offered_rate=sum(window.offered_rate or 0.0 for window in windows) / len(windows),
        p50_ms=latency.percentile_ms(50) or 0.0,
        p99_ms=latency.percentile_ms(99) or 0.0,
    )


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The windows of one stack and workload, and what they amount to."""

    windows: tuple[Window, ...]
    outcome: Capacity | RefusedStack

    @cached_property
    def rows(self) -> tuple[WindowRow, ...]:
        """The windows as they are shown."""
        return tuple(map(window_row, self.windows))

    @cached_property
    def curve(self) -> tuple[Level, ...]:
        """Latency by rate over all blocks, lowest rate first; windows of one planned rate are merged."""
        kept = [one for one in self.windows if one.kind in SCHEDULED and not one.void and one.latency.counts]
        kept.sort(key=lambda one: one.offered_rate or 0.0)
        blocks = len({one.block for one in kept})
        if not kept or len(kept) % blocks:  # a rate is missing in some block: windows cannot be matched
            return ()
        return tuple(_level(kept[start : start + blocks]) for start in range(0, len(kept), blocks))

    @cached_property
    def capacity_rps(self) -> Interval | None:
        """C at the run's own objective, P10 to P90; None without a capacity, or where no window met the objective."""
        if not isinstance(self.outcome, Capacity):
            return None
        objective_ms = self.outcome.objective_ms
        try:
            rate, (low, high) = self.outcome.rate(objective_ms), self.outcome.interval(objective_ms)
        except ObjectiveTooStrict:
            return None
        return Interval(low=min(low, rate), mid=rate, high=max(high, rate))

    @cached_property
    def service_demand_s(self) -> Interval | None:
        """D, P10 to P90; None without a capacity."""
        if not isinstance(self.outcome, Capacity):
            return None
        low, high = interval_of(self.outcome.draws(DRAWS, seed=0).service_demand_s)
        middle = self.outcome.service_demand_s
        return Interval(low=min(low, middle), mid=middle, high=max(high, middle))


_fits: OrderedDict[tuple[Any, ...], Fit] = OrderedDict()
_lock = Lock()


def remembered(
    questions: Sequence[Question], *, windows_of: Callable[[Sequence[int]], Mapping[int, Sequence[Window]]]
) -> list[Fit]:
    """A fit for each question, in their order. `windows_of` is called once, with the trials of all that are new."""
    with _lock:
        known = {question.key: _fits[question.key] for question in questions if question.key in _fits}
    new = [question for question in questions if question.key not in known]
    if new:
        windows = windows_of([trial for question in new for trial in question.trials])
        known |= {question.key: _fitted(question, windows) for question in new}
    with _lock:
        for question in questions:
            _keep(question, known[question.key])
    return [known[question.key] for question in questions]


def _fitted(question: Question, windows: Mapping[int, Sequence[Window]]) -> Fit:
    own = tuple(window for trial in question.trials for window in windows[trial])
    return Fit(windows=own, outcome=fit_capacity(windows=own, **question.facts))


def _keep(question: Question, fit: Fit) -> None:
    """The longest unused go first."""
    if question.ended_at is None:
        return
    _fits[question.key] = fit
    _fits.move_to_end(question.key)
    while sum(len(one.windows) for one in _fits.values()) > MOST_WINDOWS:
        _fits.popitem(last=False)
