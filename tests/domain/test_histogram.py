"""Histograms: exact counts, percentiles within 0.1 %, merging, and the way through JSON."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.measuring.measurement import Histogram, bucket_index, bucket_upper_us

latencies = st.lists(st.integers(min_value=0, max_value=120_000_000), min_size=1, max_size=300)


def exact_percentile(values: list[int], percent: float) -> int:
    return sorted(values)[max(1, math.ceil(percent / 100 * len(values))) - 1]


@given(st.integers(min_value=0, max_value=10**12))
def test_a_bucket_holds_its_value_and_is_narrower_than_a_thousandth(value_us: int) -> None:
    upper = int(bucket_upper_us(np.array([bucket_index(value_us)]))[0])
    assert value_us <= upper <= value_us * 1.001 + 1
    assert bucket_index(upper) == bucket_index(value_us)
    assert bucket_index(upper + 1) == bucket_index(value_us) + 1


@given(latencies, st.sampled_from([0.0, 50.0, 90.0, 99.0, 99.9, 100.0]))
def test_percentiles_are_within_a_thousandth_of_the_exact_ones(values: list[int], percent: float) -> None:
    exact_us = exact_percentile(values, percent)
    found_ms = Histogram.of(values).percentile_ms(percent)
    assert found_ms is not None
    assert exact_us / 1000 <= found_ms <= exact_us / 1000 * 1.001 + 0.001


@given(latencies, latencies)
def test_merging_equals_recording_everything_at_once(first: list[int], second: list[int]) -> None:
    merged = Histogram.merged([Histogram.of(first), Histogram.of(second)])
    assert merged == Histogram.of(first + second)
    assert merged.total == len(first) + len(second)


@given(latencies)
def test_json_round_trip_loses_nothing(values: list[int]) -> None:
    histogram = Histogram.of(values)
    assert Histogram.from_json(json.loads(json.dumps(histogram.to_json()))) == histogram


@given(latencies, st.lists(st.floats(min_value=0.0, max_value=200_000.0), min_size=1, max_size=5))
def test_counts_above_limits_agree_with_the_share_above(values: list[int], limits_ms: list[float]) -> None:
    histogram = Histogram.of(values)
    counts = histogram.count_above(np.array(limits_ms))
    assert [int(count) / histogram.total for count in counts] == [histogram.share_above(limit) for limit in limits_ms]


@given(latencies)
def test_at_most_one_percent_lies_above_the_p99(values: list[int]) -> None:
    histogram = Histogram.of(values)
    p99 = histogram.percentile_ms(99)
    assert p99 is not None
    assert histogram.share_above(p99) <= 0.01


@given(latencies)
def test_the_mean_is_within_a_thousandth(values: list[int]) -> None:
    mean_ms = Histogram.of(values).mean_ms()
    assert mean_ms == pytest.approx(float(np.mean(values)) / 1000, rel=0.001, abs=0.001)


def test_an_empty_histogram_has_no_percentile_rather_than_zero() -> None:
    empty = Histogram()
    assert (empty.percentile_ms(99), empty.mean_ms(), empty.share_above(10), empty.total) == (None, None, 0.0, 0)
