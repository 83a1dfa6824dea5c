"""Capacities compared: paired by block inside a run, unpaired between runs, by the stated prior with too few blocks."""

import math
from dataclasses import replace
from functools import lru_cache

import pytest

from benchmarks.validation.synthetic import OBJECTIVE_MS, synthetic_run
from estimator.domain.performance.capacity import Capacity
from estimator.domain.performance.comparison import Basis, Ranking, compare_all, compare_capacities
from estimator.domain.statistics import student_t_quantile
from tests.domain.cases import capacity_of

PAIRS = 60


@lru_cache(maxsize=4 * PAIRS)
def run(seed: int, stack: str, demand_s: float) -> Capacity:
    return synthetic_run(seed, stack=stack, demand_s=demand_s)


def compared(first_s: float, second_s: float, pair: int) -> Ranking:
    """Two synthetic standard runs of their own seeds, as two stacks of one run."""
    first, second = run(2 * pair, "one", first_s), run(2 * pair + 1, "two", second_s)
    return compare_capacities(first, second, OBJECTIVE_MS).ranking


def test_the_same_stack_under_two_names_is_too_close_to_call() -> None:
    different = sum(compared(0.001, 0.001, pair) is not Ranking.TOO_CLOSE for pair in range(PAIRS))
    assert different <= 9  # of 60 at 5 %: ten or more in one of a thousand


def test_a_stack_ten_percent_slower_is_told_apart_in_nearly_all_runs() -> None:
    rankings = [compared(0.001, 0.0011, pair) for pair in range(PAIRS)]
    assert Ranking.LESS not in rankings
    assert rankings.count(Ranking.MORE) >= 54


def test_what_blocks_say_of_capacity_has_the_capacity_as_its_geometric_mean() -> None:
    capacity = synthetic_run(5)
    values = capacity.rates_by_block(OBJECTIVE_MS)
    assert list(values) == [block.block for block in capacity.blocks]
    mean = math.exp(sum(map(math.log, values.values())) / len(values))
    assert mean == pytest.approx(capacity.cpu_rate(OBJECTIVE_MS))


def test_the_interval_of_a_run_is_about_the_t_interval_of_what_its_blocks_say() -> None:
    """The draws hold the law's error besides, and D and u* beyond first order."""
    capacity = synthetic_run(6)
    logs = [math.log(rate) for rate in capacity.rates_by_block(OBJECTIVE_MS).values()]
    mean = sum(logs) / 5
    deviation = math.sqrt(sum((one - mean) ** 2 for one in logs) / 4)
    low, high = capacity.interval(OBJECTIVE_MS, level=0.9)
    half = student_t_quantile(0.95, 4) * deviation / math.sqrt(5)
    assert 0.9 * half <= math.log(high / low) / 2 <= 1.5 * half


def test_stacks_of_two_runs_share_no_blocks() -> None:
    one, two = capacity_of("one", 0.002, blocks=5), capacity_of("two", 0.002, blocks=5)
    paired, apart = (compare_capacities(one, other, 100.0) for other in (two, replace(two, run="8")))
    assert (paired.basis, paired.pairs) == (Basis.PAIRED, 5)
    assert (apart.basis, apart.pairs) == (Basis.UNPAIRED, 0)
    assert paired.ratio == pytest.approx(apart.ratio)
    turned = compare_capacities(two, one, 100.0)
    assert turned.first == paired.turned.first == "two"
    assert [turned.low, turned.high] == pytest.approx([paired.turned.low, paired.turned.high])


@pytest.mark.parametrize(("ratio", "ranking"), [(1.45, Ranking.TOO_CLOSE), (1.6, Ranking.MORE), (0.6, Ranking.LESS)])
def test_one_block_ranks_only_beyond_a_ratio_of_1_52(ratio: float, ranking: Ranking) -> None:
    """On equal knees, so the ratio is that of D."""
    quick = capacity_of("quick", 0.0002)
    other = replace(
        quick,
        stack="other",
        blocks=tuple(replace(one, service_demand_s=one.service_demand_s * ratio) for one in quick.blocks),
    )
    found = compare_capacities(quick, other, 100.0)
    assert (found.basis, found.ranking) == (Basis.PRIOR, ranking)
    assert found.high / found.ratio == pytest.approx(1.516, abs=0.001)


def test_a_disturbed_host_widens_a_comparison_by_half() -> None:
    one, two = capacity_of("one", 0.002, blocks=5), capacity_of("two", 0.0021, blocks=5)
    calm, noisy = (compare_capacities(first, two, 100.0) for first in (one, replace(one, disturbed=True)))
    assert math.log(noisy.high / noisy.low) == pytest.approx(1.5 * math.log(calm.high / calm.low))


def test_stacks_that_never_met_the_objective_are_compared_with_nobody() -> None:
    capacities: list[Capacity] = [capacity_of("fast", 0.0005), capacity_of("slow", 0.02), capacity_of("other", 0.0006)]
    assert [(one.first, one.second) for one in compare_all(capacities, 30.0)] == [("fast", "other")]
