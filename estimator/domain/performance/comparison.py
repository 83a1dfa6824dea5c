"""Which of two stacks carries more on its CPU: the ratio of their capacities, with a 95 % interval.

Stacks of one run met the same weather block by block, so their difference is taken within each block; stacks of two
runs did not. Where too few blocks tell a spread, the stated prior does: two such stacks differ beyond a ratio of 1.52.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

import numpy as np

from estimator.domain.performance.capacity import DISTURBED_WIDENING, Capacity
from estimator.domain.statistics import Z975, PairedComparison, paired_comparison, unpaired_comparison

LEVEL = 0.95


class Basis(StrEnum):
    """Where the interval comes from."""

    PAIRED = "blocks of one run, paired"
    UNPAIRED = "blocks of two runs"
    PRIOR = "stated prior"


class Ranking(StrEnum):
    """What can be said of the first stack."""

    MORE = "carries more"
    LESS = "carries less"
    TOO_CLOSE = "too close to call"


@dataclass(frozen=True, kw_only=True)
class CapacityComparison:
    """C of the first over C of the second on the measured host, with a two-sided 95 % interval."""

    first: str
    second: str
    ratio: float
    low: float
    high: float  # infinite where one shared block tells no spread
    pairs: int  # blocks that both were measured in; 0 where they are not paired
    basis: Basis

    @property
    def differs(self) -> bool:
        """Whether the interval excludes equality."""
        return self.low > 1 or self.high < 1

    @property
    def turned(self) -> "CapacityComparison":
        """The second over the first."""
        low, high = 1 / self.high, 1 / self.low if self.low else math.inf
        return replace(self, first=self.second, second=self.first, ratio=1 / self.ratio, low=low, high=high)

    @property
    def ranking(self) -> Ranking:
        """The verdict on the pair."""
        if not self.differs:
            return Ranking.TOO_CLOSE
        return Ranking.MORE if self.low > 1 else Ranking.LESS


def compare_capacities(first: Capacity, second: Capacity, objective_ms: float) -> CapacityComparison:
    """Compare what two stacks carry within an objective, as far as their CPU goes. Raises ObjectiveTooStrict."""
    rates = [one.rates_by_block(objective_ms) for one in (first, second)]
    if first.is_prior or second.is_prior:
        return _named(first, second, Basis.PRIOR, _by_prior(first, second, objective_ms))
    if first.run != second.run:
        found = unpaired_comparison(*(tuple(one.values()) for one in rates), level=LEVEL)
        return _named(first, second, Basis.UNPAIRED, _widened(found, first, second))
    both = sorted(set(rates[0]) & set(rates[1]))
    paired = paired_comparison(*([one[block] for block in both] for one in rates), level=LEVEL)
    return _named(first, second, Basis.PAIRED, _widened(paired, first, second))


def compare_all(capacities: Sequence[Capacity], objective_ms: float) -> tuple[CapacityComparison, ...]:
    """Each pair of stacks that carry anything within the objective, in the order given."""
    known = [capacity for capacity in capacities if objective_ms >= capacity.curve.lowest_ms]
    return tuple(compare_capacities(first, second, objective_ms) for first, second in combinations(known, 2))


def _by_prior(first: Capacity, second: Capacity, objective_ms: float) -> PairedComparison:
    """Where one of them has blocks enough, their spread stands beside the other's prior."""
    ratio = first.cpu_rate(objective_ms) / second.cpu_rate(objective_ms)
    sigma = math.hypot(*(_sigma(one, objective_ms) for one in (first, second)))
    factor = math.exp(Z975 * sigma)
    return PairedComparison(ratio=ratio, low=ratio / factor, high=ratio * factor, pairs=0)


def _sigma(capacity: Capacity, objective_ms: float) -> float:
    if capacity.sigma_prior is not None:
        return capacity.sigma_prior
    ln_rates = np.log(tuple(capacity.rates_by_block(objective_ms).values()))
    return float(ln_rates.std(ddof=1)) / math.sqrt(ln_rates.size)


def _widened(found: PairedComparison, first: Capacity, second: Capacity) -> PairedComparison:
    """ln of the ratio 1.5 times as wide where the host was disturbed."""
    if not (first.disturbed or second.disturbed) or math.isinf(found.high):
        return found
    low, high = (found.ratio * (end / found.ratio) ** DISTURBED_WIDENING for end in (found.low, found.high))
    return PairedComparison(ratio=found.ratio, low=low, high=high, pairs=found.pairs)


def _named(first: Capacity, second: Capacity, basis: Basis, found: PairedComparison) -> CapacityComparison:
    return CapacityComparison(
        first=first.stack,
        second=second.stack,
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        pairs=found.pairs,
        basis=basis,
    )
