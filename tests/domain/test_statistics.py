"""Statistics against values known from tables, and against slower ways to the same result."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.statistics import (
    Interval,
    interval_of,
    isotonic_fit,
    mser_cut,
    order_index,
    paired_comparison,
    quantiles,
    resample_weights,
    student_t_cdf,
    student_t_quantile,
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


def test_isotonic_fit_pools_adjacent_violators() -> None:
    assert isotonic_fit([1, 3, 2, 4]).tolist() == [1, 2.5, 2.5, 4]
    assert isotonic_fit([3, 1], weights=[1, 3]).tolist() == [1.5, 1.5]


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(0.1, 5)), min_size=1, max_size=15))
def test_isotonic_fit_is_the_max_min_of_means(pairs: list[tuple[float, float]]) -> None:
    values, weights = np.array(pairs).T
    size = len(pairs)

    def mean(first: int, last: int) -> float:
        return float(np.average(values[first : last + 1], weights=weights[first : last + 1]))

    expected = [max(min(mean(a, b) for b in range(i, size)) for a in range(i + 1)) for i in range(size)]
    assert isotonic_fit(values.tolist(), weights.tolist()) == pytest.approx(expected, abs=1e-9)


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


def test_resampling_draws_blocks_and_windows_within_them() -> None:
    blocks = [0, 0, 1, 1, 1, 2]
    weights = resample_weights(blocks, 2000, np.random.default_rng(3))
    by_block = np.array([weights[:, np.array(blocks) == name].sum(axis=1) for name in range(3)])
    times = by_block / np.array([[2], [3], [1]])
    assert np.array_equal(times.sum(axis=0), np.full(2000, 3))  # as many blocks as were measured
    assert np.array_equal(times, times.round())  # whole blocks
    assert times.mean(axis=1) == pytest.approx([1, 1, 1], abs=0.07)


def test_the_transient_is_cut_off_and_a_steady_series_kept() -> None:
    rng = np.random.default_rng(5)
    steady = rng.normal(100, 5, 300)
    transient = np.concatenate((np.linspace(500, 100, 60), steady))
    assert 40 <= mser_cut(transient.tolist()) <= 100
    assert mser_cut(steady.tolist()) <= 60
    assert mser_cut([1.0, 2.0]) == 0
