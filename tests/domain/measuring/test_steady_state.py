"""A warm-up is over when its answers are steady: a transient is seen, chance is not taken for one."""

import numpy as np
import pytest

from estimator.domain.measuring.steady_state import is_steady
from estimator.domain.measuring.workload import SteadyRule

RULES = list(SteadyRule)


def arrivals(per_bin: float, bins: int, seed: int = 1) -> list[int]:
    return [int(count) for count in np.random.default_rng(seed).poisson(per_bin, bins)]


@pytest.mark.parametrize("rule", RULES)
def test_a_warm_up_that_gets_faster_all_the_way_is_not_steady(rule: SteadyRule) -> None:
    assert not is_steady([5 * second for second in range(80)], rule)


@pytest.mark.parametrize(("rule", "at_most"), [(SteadyRule.HALVES, 0.01), (SteadyRule.MSER5, 0.06)])
@pytest.mark.parametrize("per_bin", [5.0, 60.0])
def test_chance_is_rarely_taken_for_a_transient(rule: SteadyRule, at_most: float, per_bin: float) -> None:
    found = [is_steady(arrivals(per_bin, 80, seed), rule) for seed in range(300)]
    assert found.count(False) <= at_most * len(found)


def test_a_short_transient_is_cut_off_and_the_rest_counts() -> None:
    assert is_steady([0, 0, 5, 10, 30, *arrivals(60, 75)], SteadyRule.MSER5)


def test_a_long_transient_is_found_and_forgiven_once_the_warm_up_goes_on() -> None:
    """The first 8 s rise almost to their end; with another 8 s behind them the cut falls into the first half."""
    first = [round(60 * min(1.0, second / 70)) for second in range(80)]
    assert not is_steady(first, SteadyRule.MSER5)
    assert is_steady(first + arrivals(60, 80), SteadyRule.MSER5)


def test_halves_that_differ_by_more_than_ten_percent_and_chance_are_not_steady() -> None:
    assert is_steady([100] * 15 + [109] * 15, SteadyRule.HALVES)
    assert not is_steady([100] * 15 + [115] * 15, SteadyRule.HALVES)
    assert is_steady([2] * 5 + [3] * 5, SteadyRule.HALVES)


@pytest.mark.parametrize("rule", RULES)
def test_a_few_bins_tell_nothing_against_a_warm_up(rule: SteadyRule) -> None:
    assert is_steady([], rule)
    assert is_steady([3, 4, 2], rule)
