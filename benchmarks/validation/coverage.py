"""Do 90 % intervals hold the truth in 90 % of runs, is a stack told from itself, and a block from its own run?

Everything here is simulated, with the same seeds each time, so the figures are the same on every machine.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from benchmarks.validation.rows import Check, Row
from benchmarks.validation.synthetic import MD1, MH2, MM1, OBJECTIVE_MS, Queue, synthetic_run
from estimator.domain.performance.capacity import Capacity
from estimator.domain.performance.comparison import Ranking, compare_capacities
from estimator.domain.statistics import prediction_interval

DEMAND_S = 0.002
RUNS = 2_000
OTHER_QUEUES = ((MD1, 0.002), (MH2, 0.001))  # constant and strongly varying service, mean in s
_OTHER_RUNS = 5  # each of the other queues has a fifth as many
_SLOWER, _SLOWER_RUNS = 1.10, 10  # by that factor, in a tenth as many
_DRAWS = 1_000
_LEVEL = 0.9
_COVERAGE = (0.87, 0.93)
_OTHER_COVERAGE = (0.85, 0.95)  # the same and two standard errors of 400 runs
_DIFFERENT = 0.07
_TOLD = 0.90
COVERAGE = Check(
    name="coverage of 90 % intervals of C, synthetic M/M/1 runs of five blocks",
    must_be=f"{_COVERAGE[0]:.0%}-{_COVERAGE[1]:.0%}",
)
OTHER_COVERAGE = Check(
    name=f"the same for {' and '.join(queue.name for queue, _ in OTHER_QUEUES)}",
    must_be=f"{_OTHER_COVERAGE[0]:.0%}-{_OTHER_COVERAGE[1]:.0%} each",
)
SAME_TWICE = Check(name="A/A: the same synthetic stack twice", must_be=f'at most {_DIFFERENT:.0%} "different"')
SLOWER = Check(
    name=f"a synthetic stack whose work takes {_SLOWER - 1:.0%} longer", must_be=f"told apart in at least {_TOLD:.0%}"
)
HELD_OUT = Check(
    name="held-out block of a synthetic run: its D and C in the 90 % prediction interval of the others",
    must_be=f"{_COVERAGE[0]:.0%}-{_COVERAGE[1]:.0%} each",
)
CHECKS = (COVERAGE, OTHER_COVERAGE, SAME_TWICE, SLOWER, HELD_OUT)


def check_intervals(runs: int = RUNS) -> list[Row]:
    """One row for each of CHECKS; about 80 s of one core."""
    capacities = [synthetic_run(seed, demand_s=DEMAND_S) for seed in range(runs)]
    slower = [synthetic_run(RUNS + seed, demand_s=DEMAND_S * _SLOWER) for seed in range(max(1, runs // _SLOWER_RUNS))]
    return [
        coverage_row(capacities),
        other_coverage_row(max(1, runs // _OTHER_RUNS)),
        same_twice_row(capacities),
        slower_row(capacities, slower),
        held_out_row(capacities),
    ]


def coverage_row(capacities: Sequence[Capacity]) -> Row:
    """The share of runs whose interval holds the known capacity."""
    share, told = _coverage(MM1, DEMAND_S, capacities)
    return COVERAGE.judged(f"{share:.1%} of {len(capacities):,} runs ({told})", holds=_within(share, _COVERAGE))


def other_coverage_row(runs: int) -> Row:
    """The same for service times that vary less and more."""
    found = []
    for queue, demand_s in OTHER_QUEUES:
        capacities = [synthetic_run(seed, demand_s=demand_s, queue=queue) for seed in range(runs)]
        found.append(_coverage(queue, demand_s, capacities))
    measured = " and ".join(f"{share:.1%} ({told})" for share, told in found)
    holds = all(_within(share, _OTHER_COVERAGE) for share, _ in found)
    return OTHER_COVERAGE.judged(f"{measured} of {runs:,} runs", holds=holds)


def _coverage(queue: Queue, demand_s: float, capacities: Sequence[Capacity]) -> tuple[float, str]:
    """The share of intervals that hold the truth; and the bias, with the share that hold the fits' own mean."""
    truth = queue.capacity(demand_s, OBJECTIVE_MS)
    intervals = [capacity.interval(OBJECTIVE_MS, level=_LEVEL, count=_DRAWS) for capacity in capacities]
    mean = sum(capacity.cpu_rate(OBJECTIVE_MS) for capacity in capacities) / len(capacities)
    own = share_holding(mean, intervals)
    return share_holding(truth, intervals), f"fitted C is {mean / truth - 1:+.1%} off on average, own mean {own:.1%}"


def share_holding(value: float, intervals: Sequence[tuple[float, float]]) -> float:
    """The share of intervals that hold a value."""
    return sum(low <= value <= high for low, high in intervals) / len(intervals)


def _within(share: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= share <= bounds[1]


def same_twice_row(capacities: Sequence[Capacity]) -> Row:
    """Every other run against the next, paired by block; different when the 95 % interval of the ratio excludes 1."""
    pairs = list(pairwise(capacities))[::2]
    share = sum(_differ(*pair) for pair in pairs) / len(pairs)
    return SAME_TWICE.judged(f"{share:.1%} of {len(pairs):,} comparisons", holds=share <= _DIFFERENT)


def slower_row(capacities: Sequence[Capacity], slower: Sequence[Capacity]) -> Row:
    """The share of comparisons that rank a stack below one whose requests take less time, rightly."""
    pairs = list(zip(slower, capacities, strict=False))
    rankings = [compare_capacities(*pair, OBJECTIVE_MS).ranking for pair in pairs]
    share = rankings.count(Ranking.LESS) / max(1, len(rankings))
    wrong = rankings.count(Ranking.MORE)
    measured = f"{share:.1%} of {len(rankings):,} comparisons, {wrong} the wrong way round"
    return SLOWER.judged(measured, holds=share >= _TOLD and not wrong)


def _differ(first: Capacity, second: Capacity) -> bool:
    return compare_capacities(first, second, OBJECTIVE_MS).differs


def held_out_row(capacities: Sequence[Capacity]) -> Row:
    """Each block's D, and what each block says of C, against the other blocks of its run."""
    demands = [[block.service_demand_s for block in capacity.blocks] for capacity in capacities]
    rates = [list(capacity.rates_by_block(OBJECTIVE_MS).values()) for capacity in capacities]
    shares = [float(np.mean([inside for one in values for inside in held_out(one)])) for values in (demands, rates)]
    measured = f"D {shares[0]:.1%}, C {shares[1]:.1%} of {sum(map(len, demands)):,} blocks"
    return HELD_OUT.judged(measured, holds=all(_within(share, _COVERAGE) for share in shares))


def held_out(values: Sequence[float], *, level: float = _LEVEL) -> Iterator[bool]:
    """For each positive value, whether its logarithm lies where the others say: mean +- t s sqrt(1 + 1/n)."""
    logs = np.log(values)
    for index in range(logs.size):
        low, high = prediction_interval(np.delete(logs, index), level=level)
        yield bool(low <= logs[index] <= high)
