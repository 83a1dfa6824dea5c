"""Whether another block is worth measuring: asked after each block, answered from the spread over blocks alone.

The rule looks at half-widths, never at a mean or a rank: deviation and mean of normal values are independent, so
stopping early moves no estimate. It can only make intervals too narrow, when few blocks agree by luck; hence two
looks in a row (docs/decisions/0004-stopping-rule.md).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from estimator.domain.measuring.measurement import StackFailed, Window
from estimator.domain.measuring.workload import Precision, Profile, Trial
from estimator.domain.performance.capacity import DISTURBED_WIDENING, Capacity, ObjectiveTooStrict, ServingLimits
from estimator.domain.performance.fitting import fit_capacity
from estimator.domain.statistics import student_t_quantile

LEVEL = 0.95
_FEWEST_TO_TELL = 3


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether to go on, for which reason not, and how many blocks the run is expected to have in the end."""

    goes_on: bool
    expected_blocks: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class BlockFigures:
    """What each block says of one stack: ln D and, where it is to be known, ln C (NaN where it tells none)."""

    name: str
    ln_demand: tuple[float, ...]
    ln_capacity: tuple[float, ...] | None  # None: nobody knows C at this objective, however many blocks
    widening: float = 1.0

    def excess(self, precision: Precision) -> float:
        """The widest half-width over its goal: at most 1 when narrow enough."""
        excess = half_width(self.ln_demand) / precision.demand
        if self.ln_capacity is None:
            return excess
        return max(excess, self.widening * half_width(self.ln_capacity) / precision.capacity)


@dataclass(frozen=True, kw_only=True)
class Looks:
    """One stack as all blocks show it, and as it was seen before the newest one."""

    now: BlockFigures
    before: BlockFigures | None

    def is_narrow(self, precision: Precision) -> bool:
        """Narrow enough twice in a row; two blocks alone tell nothing."""
        if self.before is None or len(self.before.ln_demand) < _FEWEST_TO_TELL:
            return False
        return self.now.excess(precision) <= 1 and self.before.excess(precision) <= 1


def decide(
    *,
    profile: Profile,
    trials: Sequence[Trial],
    blocks: int,
    windows: Sequence[Window],
    failures: Sequence[StackFailed] = (),
    objective_ms: float,
    spent_s: float = 0.0,
    block_s: float = 0.0,
) -> Decision:
    """After `blocks` finished blocks with these windows: another one, which would take `block_s`, or the end.

    Stacks that failed or are refused get no cost, so they neither need nor prevent another block.
    """
    if blocks and all(_failed(trial, failures) for trial in trials):
        return Decision(goes_on=False, expected_blocks=blocks, reason="no stack is left to measure")
    if profile.precision is None:
        return _fixed(profile, blocks)
    looks = [one for trial in trials if (one := looks_at(trial, windows, failures, objective_ms))]
    if not looks:
        return _fixed(profile, blocks)
    out_of_time = spent_s + block_s > profile.precision.budget_of(len(trials))
    return _sequential(profile, profile.precision, looks, blocks=blocks, out_of_time=out_of_time)


def _fixed(profile: Profile, blocks: int) -> Decision:
    goes_on = blocks < profile.blocks
    reason = "" if goes_on else f"all {profile.blocks} blocks measured"
    return Decision(goes_on=goes_on, expected_blocks=profile.blocks, reason=reason)


def _sequential(
    profile: Profile,
    precision: Precision,
    looks: Sequence[Looks],
    *,
    blocks: int,
    out_of_time: bool,
) -> Decision:
    expected = _expected_blocks(profile, precision, looks, blocks)
    if blocks < precision.fewest_blocks:
        return Decision(goes_on=True, expected_blocks=expected)
    reason = _reason(precision, looks, blocks, out_of_time=out_of_time)
    return Decision(goes_on=not reason, expected_blocks=blocks if reason else expected, reason=reason)


def _reason(precision: Precision, looks: Sequence[Looks], blocks: int, *, out_of_time: bool) -> str:
    """Why to stop; empty to go on."""
    if all(one.is_narrow(precision) for one in looks):
        goals = f"service demand within {precision.demand:.0%}, capacity within {precision.capacity:.0%}"
        return f"every stack's intervals are narrow enough after {blocks} blocks ({goals})"
    excess, name = max((one.now.excess(precision), one.now.name) for one in looks)
    wider = f"; the interval of {name} is still wider than aimed at" if excess > 1 else ""
    if blocks >= precision.most_blocks:
        return f"all {blocks} blocks measured{wider}"
    return f"the time budget is spent after {blocks} blocks{wider}" if out_of_time else ""


def half_width(values: Sequence[float]) -> float:
    """Of the two-sided 95 % t interval of the mean; infinite for fewer than two values or an unknown one."""
    count = len(values)
    if count < 2 or not np.isfinite(values).all():
        return math.inf
    return student_t_quantile((1 + LEVEL) / 2, count - 1) * float(np.std(values, ddof=1)) / math.sqrt(count)


def _expected_blocks(profile: Profile, precision: Precision, looks: Sequence[Looks], blocks: int) -> int:
    """The blocks at which the spread seen so far would be narrow enough; the profile's number while too few tell it."""
    excess = max(one.now.excess(precision) for one in looks)
    if blocks < _FEWEST_TO_TELL or math.isinf(excess):
        return max(profile.blocks, min(blocks + 1, precision.most_blocks))
    deviation = excess * math.sqrt(blocks) / _t(blocks)  # between blocks, in units of the goal
    possible = range(max(blocks + 1, precision.fewest_blocks), precision.most_blocks)
    return next((count for count in possible if deviation * _t(count) <= math.sqrt(count)), precision.most_blocks)


def _t(count: int) -> float:
    return student_t_quantile((1 + LEVEL) / 2, count - 1)


def looks_at(
    trial: Trial, windows: Iterable[Window], failures: Sequence[StackFailed], objective_ms: float
) -> Looks | None:
    """One stack, with its newest block and without it; None for a stack that gets no cost."""
    own = [window for window in windows if (window.stack, window.workload) == (trial.stack, trial.workload)]
    fitted = _fit(trial, own, failures, objective_ms)
    if not isinstance(fitted, Capacity):
        return None
    newest = fitted.blocks[-1].block
    before = _fit(trial, [window for window in own if window.block < newest], failures, objective_ms)
    return Looks(now=block_figures(fitted), before=block_figures(before) if isinstance(before, Capacity) else None)


def block_figures(fitted: Capacity) -> BlockFigures:
    """D and C of a fitted stack by block, in the order of the blocks."""
    return BlockFigures(
        name=fitted.stack,
        ln_demand=tuple(math.log(one.service_demand_s) for one in fitted.blocks),
        ln_capacity=_ln_capacities(fitted),
        widening=DISTURBED_WIDENING if fitted.disturbed else 1.0,
    )


def _ln_capacities(fitted: Capacity) -> tuple[float, ...] | None:
    if len(fitted.blocks) < 2:
        return (math.nan,)  # one block tells no spread
    try:
        return tuple(map(math.log, fitted.rates_by_block(fitted.objective_ms).values()))
    except ObjectiveTooStrict:
        return None


def estimated_rate(
    trial: Trial,
    windows: Sequence[Window],
    failures: Sequence[StackFailed],
    objective_ms: float,
    *,
    limits: ServingLimits,
) -> float | None:
    """What CPU and limits carry, in requests/s; None for a refused stack, or where nothing met the objective."""
    fitted = _fit(trial, windows, failures, objective_ms)
    try:
        return replace(fitted, limits=limits).rate(objective_ms) if isinstance(fitted, Capacity) else None
    except ObjectiveTooStrict:
        return None


def _fit(trial: Trial, windows: Sequence[Window], failures: Sequence[StackFailed], objective_ms: float) -> object:
    return fit_capacity(
        stack=trial.stack, workload=trial.workload, windows=windows, objective_ms=objective_ms, failures=failures
    )


def _rate(fitted: object) -> float | None:
    try:
        return fitted.cpu_rate(fitted.objective_ms) if isinstance(fitted, Capacity) else None
    except ObjectiveTooStrict:
        return None


def _failed(trial: Trial, failures: Sequence[StackFailed]) -> bool:
    return any((one.stack, one.workload) == (trial.stack, trial.workload) for one in failures)
