"""Whether another block is worth measuring: asked after each block, answered from the spread over blocks alone.

The rule looks at half-widths, never at a mean or a rank: deviation and mean of normal values are independent, so
stopping early moves no estimate. It can only make intervals too narrow, when few blocks agree by luck; hence two
looks in a row (docs/decisions/0004-stopping-rule.md).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from estimator.domain.capacity import DISTURBED_WIDENING, Capacity, ObjectiveTooStrict, ServingLimits
from estimator.domain.fitting import fit_capacity
from estimator.domain.measurement import StackFailed, Window
from estimator.domain.statistics import student_t_quantile
from estimator.domain.workload import Precision, Profile, Trial

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
    """What each block says of one stack: ln D and, where it is to be known, ln C (NaN where a block cannot tell)."""

    name: str
    ln_demand: tuple[float, ...]
    ln_capacity: tuple[float, ...] | None  # None: nobody knows C at this objective, however many blocks
    widening: float = 1.0

    def excess(self, precision: Precision, blocks: int) -> float:
        """The widest half-width over its goal after so many blocks: at most 1 when narrow enough."""
        excess = half_width(self.ln_demand[:blocks]) / precision.demand
        if self.ln_capacity is None:
            return excess
        return max(excess, self.widening * half_width(self.ln_capacity[:blocks]) / precision.capacity)


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
    figures = [one for trial in trials if (one := block_figures(trial, windows, failures, objective_ms))]
    if not figures:
        return _fixed(profile, blocks)
    return _sequential(profile, profile.precision, figures, blocks=blocks, spent_s=spent_s, block_s=block_s)


def _fixed(profile: Profile, blocks: int) -> Decision:
    goes_on = blocks < profile.blocks
    reason = "" if goes_on else f"all {profile.blocks} blocks measured"
    return Decision(goes_on=goes_on, expected_blocks=profile.blocks, reason=reason)


def _sequential(
    profile: Profile,
    precision: Precision,
    figures: Sequence[BlockFigures],
    *,
    blocks: int,
    spent_s: float,
    block_s: float,
) -> Decision:
    expected = _expected_blocks(profile, precision, figures, blocks)
    if blocks < precision.fewest_blocks:
        return Decision(goes_on=True, expected_blocks=expected)
    reason = _reason(precision, figures, blocks, out_of_time=spent_s + block_s > precision.budget_s)
    return Decision(goes_on=not reason, expected_blocks=blocks if reason else expected, reason=reason)


def _reason(precision: Precision, figures: Sequence[BlockFigures], blocks: int, *, out_of_time: bool) -> str:
    """Why to stop; empty to go on."""
    if is_narrow(precision, figures, blocks):
        goals = f"service demand within {precision.demand:.0%}, capacity within {precision.capacity:.0%}"
        return f"every stack's intervals are narrow enough after {blocks} blocks ({goals})"
    excess, name = max((one.excess(precision, blocks), one.name) for one in figures)
    wider = f"; the interval of {name} is still wider than aimed at" if excess > 1 else ""
    if blocks >= precision.most_blocks:
        return f"all {blocks} blocks measured{wider}"
    return f"the time budget is spent after {blocks} blocks{wider}" if out_of_time else ""


def is_narrow(precision: Precision, figures: Sequence[BlockFigures], blocks: int) -> bool:
    """Whether every interval is narrow enough, with the newest block and without it; two blocks alone tell nothing."""
    looks = (blocks - 1, blocks)
    return looks[0] >= _FEWEST_TO_TELL and all(one.excess(precision, count) <= 1 for one in figures for count in looks)


def half_width(values: Sequence[float]) -> float:
    """Of the two-sided 95 % t interval of the mean; infinite for fewer than two values or an unknown one."""
    count = len(values)
    if count < 2 or not np.isfinite(values).all():
        return math.inf
    return student_t_quantile((1 + LEVEL) / 2, count - 1) * float(np.std(values, ddof=1)) / math.sqrt(count)


def _expected_blocks(profile: Profile, precision: Precision, figures: Sequence[BlockFigures], blocks: int) -> int:
    """The blocks at which the spread seen so far would be narrow enough; the profile's number while too few tell it."""
    excess = max(one.excess(precision, blocks) for one in figures)
    if blocks < _FEWEST_TO_TELL or math.isinf(excess):
        return max(profile.blocks, min(blocks + 1, precision.most_blocks))
    deviation = excess * math.sqrt(blocks) / _t(blocks)  # between blocks, in units of the goal
    possible = range(max(blocks + 1, precision.fewest_blocks), precision.most_blocks)
    return next((count for count in possible if deviation * _t(count) <= math.sqrt(count)), precision.most_blocks)


def _t(count: int) -> float:
    return student_t_quantile((1 + LEVEL) / 2, count - 1)


def block_figures(
    trial: Trial, windows: Iterable[Window], failures: Sequence[StackFailed], objective_ms: float
) -> BlockFigures | None:
    """D and C of one stack by block, in the order of the blocks; None for a stack that gets no cost."""
    own = [window for window in windows if (window.stack, window.workload) == (trial.stack, trial.workload)]
    fitted = _fit(trial, own, failures, objective_ms)
    if not isinstance(fitted, Capacity):
        return None
    rates = [
        _rate(_fit(trial, [window for window in own if window.block == one.block], (), objective_ms))
        for one in fitted.blocks
    ]
    return BlockFigures(
        name=trial.stack,
        ln_demand=tuple(math.log(one.service_demand_s) for one in fitted.blocks),
        ln_capacity=None if _rate(fitted) is None else tuple(math.log(rate) if rate else math.nan for rate in rates),
        widening=DISTURBED_WIDENING if fitted.disturbed else 1.0,
    )


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
