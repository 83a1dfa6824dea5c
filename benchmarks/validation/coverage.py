"""Do 90 % intervals hold the truth in 90 % of runs, and is a stack told apart from itself?"""

from collections.abc import Sequence
from itertools import pairwise

from benchmarks.validation.rows import Check, Row
from benchmarks.validation.synthetic import OBJECTIVE_MS, mm1_capacity, synthetic_run
from estimator.domain.capacity import Capacity
from estimator.domain.statistics import interval_of

DEMAND_S = 0.002
RUNS = 300  # what half a minute of one core allows; the protocol asks for 2,000
_DRAWS = 2_000
_COVERAGE = (0.87, 0.93)
_DIFFERENT = 0.07
COVERAGE = Check(
    name="coverage of 90 % intervals of C, synthetic M/M/1 runs of five blocks",
    must_be=f"{_COVERAGE[0]:.0%}-{_COVERAGE[1]:.0%}",
)
SAME_TWICE = Check(name="A/A: the same synthetic stack twice", must_be=f'at most {_DIFFERENT:.0%} "different"')


def check_intervals(runs: int = RUNS) -> list[Row]:
    """The same seeds each time, so the same figures on every machine."""
    capacities = [synthetic_run(seed, demand_s=DEMAND_S) for seed in range(runs)]
    return [coverage_row(capacities), same_twice_row(capacities)]


def coverage_row(capacities: Sequence[Capacity]) -> Row:
    """The share of runs whose interval holds the known capacity."""
    truth = mm1_capacity(DEMAND_S)
    intervals = [capacity.interval(OBJECTIVE_MS, level=0.9, count=_DRAWS) for capacity in capacities]
    share = share_holding(truth, intervals)
    mean = sum(capacity.cpu_rate(OBJECTIVE_MS) for capacity in capacities) / len(capacities)
    bias = (
        f"fitted C is {mean / truth - 1:+.1%} off on average, around its own mean {share_holding(mean, intervals):.1%}"
    )
    measured = f"{share:.1%} of {len(intervals):,} runs ({bias})"
    return COVERAGE.judged(measured, holds=_COVERAGE[0] <= share <= _COVERAGE[1])


def share_holding(value: float, intervals: Sequence[tuple[float, float]]) -> float:
    """The share of intervals that hold a value."""
    return sum(low <= value <= high for low, high in intervals) / len(intervals)


def same_twice_row(capacities: Sequence[Capacity]) -> Row:
    """Each run against the next, paired by block; different when the 95 % interval of the ratio excludes 1."""
    verdicts = [_differ(first, second) for first, second in pairwise(capacities)]
    share = sum(verdicts) / len(verdicts)
    return SAME_TWICE.judged(f"{share:.1%} of {len(verdicts):,} comparisons", holds=share <= _DIFFERENT)


def _differ(first: Capacity, second: Capacity) -> bool:
    rates = [one.draws(_DRAWS, seed=0).rates(OBJECTIVE_MS, one.cores) for one in (first, second)]
    low, high = interval_of(rates[0] / rates[1], 0.95)
    return not low <= 1 <= high
