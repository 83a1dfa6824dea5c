"""Statistics against values known from tables, and against slower ways to the same result."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.statistics import (
    Interval,
    interval_of,
    mser_cut,
    order_index,
    paired_comparison,
    prediction_interval,
    quantiles,
    student_t_cdf,
    student_t_quantile,
    unpaired_comparison,
)

positive = st.floats(min_value=1e-6, max_value=1e6)


@pytest.mark.parametrize(
    ("probability", "degrees", "expected"),
    [
        (0.975, 1, 12.7062),
        (0.975, 2, 4.30265),
        (0.975, 4, 2.77645),
        (0.95, 4, 2.13185),
        (0.975, 9, 2.26216),
        (0.9, 5, 1.47588),
        (0.995, 19, 2.86093),
        (0.975, 1000, 1.96234),
    ],
)
def test_t_quantiles_agree_with_the_published_table(probability: float, degrees: int, expected: float) -> None:
    assert student_t_quantile(probability, degrees) == pytest.approx(expected, rel=1e-5)
    assert student_t_quantile(1 - probability, degrees) == pytest.approx(-expected, rel=1e-5)


@given(st.floats(min_value=0.001, max_value=0.999), st.integers(min_value=1, max_value=60))
def test_the_t_quantile_inverts_the_distribution(probability: float, degrees: int) -> None:
    assert student_t_cdf(student_t_quantile(probability, degrees), degrees) == pytest.approx(probability, abs=1e-9)


@pytest.mark.parametrize(("probability", "degrees"), [(0.0, 3), (1.0, 3), (0.5, 0)])
def test_a_t_quantile_that_does_not_exist_is_refused(probability: float, degrees: int) -> None:
    with pytest.raises(ValueError, match="No t quantile"):
        student_t_quantile(probability, degrees)


def test_an_interval_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="low <= mid <= high"):
        Interval(low=2, mid=1, high=3)


def test_draws_of_an_interval_have_its_percentiles() -> None:
    normals = np.random.default_rng(1).standard_normal(200_000)
    found = quantiles(Interval(low=1.4, mid=1.7, high=2.75).lognormal(normals))
    assert (found.p10, found.p50, found.p90) == pytest.approx((1.4, 1.7, 2.75), rel=0.01)
    growth = Interval(low=-0.1, mid=0.0, high=0.3).normal(normals)
    assert interval_of(growth) == pytest.approx((-0.1, 0.3), abs=0.005)


@given(st.lists(positive, min_size=1, max_size=400))
def test_quantiles_are_exactly_the_order_statistics(values: list[float]) -> None:
    ordered = sorted(values)
    found = quantiles(np.array(values))
    expected = tuple(ordered[order_index(len(values), share)] for share in (0.1, 0.5, 0.9))
    assert (found.p10, found.p50, found.p90) == expected


@given(st.lists(positive, min_size=1, max_size=100))
def test_quantiles_commute_with_a_step_function(values: list[float]) -> None:
    draws = np.array(values)
    before, after = quantiles(draws), quantiles(np.ceil(draws))
    assert (math.ceil(before.p10), math.ceil(before.p50), math.ceil(before.p90)) == (after.p10, after.p50, after.p90)


def test_a_paired_comparison_sees_what_an_unpaired_one_cannot() -> None:
    weather = [1.0, 1.5, 0.7, 1.2, 0.9]  # what both stacks meet in a block
    first = [2.00 * w for w in weather]
    second = [1.00 * w * noise for w, noise in zip(weather, (1.01, 0.99, 1.0, 1.02, 0.98), strict=True)]
    comparison = paired_comparison(first, second)
    assert comparison.differs
    assert comparison.low < 2.0 < comparison.high
    assert comparison.high / comparison.low < 1.1


def test_a_paired_comparison_is_the_t_interval_of_ln_ratios() -> None:
    ratios = [1.1, 0.95, 1.3, 1.2]
    comparison = paired_comparison(ratios, [1.0] * 4)
    logs = np.log(ratios)
    half = 3.18245 * logs.std(ddof=1) / 2
    assert math.log(comparison.high) - math.log(comparison.ratio) == pytest.approx(half, rel=1e-5)


def test_one_pair_never_differs() -> None:
    assert not paired_comparison([9.0], [1.0]).differs
    assert not unpaired_comparison([9.0], [1.0, 1.1]).differs


def test_an_unpaired_comparison_is_that_of_welch() -> None:
    """Worked by hand: variances of ln 0.01 and 0.04 over four and six blocks give 7.7 degrees of freedom, so 7."""
    rng = np.random.default_rng(2)
    standard = [(values - values.mean()) / values.std(ddof=1) for values in (rng.normal(size=4), rng.normal(size=6))]
    first, second = np.exp(0.3 + 0.1 * standard[0]), np.exp(0.2 * standard[1])
    comparison = unpaired_comparison(first.tolist(), second.tolist())
    assert comparison.ratio == pytest.approx(math.exp(0.3))
    half = 2.36462 * math.sqrt(0.01 / 4 + 0.04 / 6)  # published t at 0.975 and 7
    assert math.log(comparison.high / comparison.ratio) == pytest.approx(half, rel=1e-4)
    assert comparison.pairs == 0


def test_a_prediction_interval_is_wider_than_that_of_the_mean() -> None:
    low, high = prediction_interval([1.0, 2.0, 3.0, 4.0, 5.0], level=0.95)
    assert (low + high) / 2 == pytest.approx(3.0)
    assert (high - low) / 2 == pytest.approx(2.77645 * math.sqrt(2.5 * 1.2), rel=1e-4)


def test_the_transient_is_cut_off_and_a_steady_series_kept() -> None:
    rng = np.random.default_rng(5)
    steady = rng.normal(100, 5, 300)
    transient = np.concatenate((np.linspace(500, 100, 60), steady))
    assert 40 <= mser_cut(transient.tolist()) <= 100
    assert mser_cut(steady.tolist()) <= 60
    assert mser_cut([1.0, 2.0]) == 0
