"""The latency log as HdrHistogram's own reader sees it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.measuring.measurement import Histogram
from estimator.exports.hdr_log import LogLine, encoded, log_lines

HOUR_US = 3_600_000_000
latencies = st.lists(st.integers(min_value=0, max_value=HOUR_US), max_size=200)


def at_their_rank(histogram: Histogram, percent: float) -> float | None:
    """Our percentile at the rank that HdrHistogram takes: it rounds the rank where we never fall short of it."""
    rank = max(1, int(percent / 100 * histogram.total + 0.5))
    return histogram.percentile_ms((rank - 0.5) / histogram.total * 100)


def counts_of(decoded: HdrHistogram) -> dict[int, int]:
    return {index: count for index in range(decoded.counts_len) if (count := decoded.get_count_at_index(index))}


@given(latencies)
def test_every_count_arrives_in_the_bucket_it_left(values_us: list[int]) -> None:
    histogram = Histogram.of(values_us)

    decoded = HdrHistogram.decode(encoded(histogram))

    assert counts_of(decoded) == dict(histogram.counts.items())
    assert decoded.get_total_count() == len(values_us)


@given(latencies.filter(bool), st.sampled_from([50.0, 90.0, 99.0, 99.9, 100.0]))
def test_percentiles_agree_within_a_bucket(values_us: list[int], percent: float) -> None:
    histogram = Histogram.of(values_us)

    decoded = HdrHistogram.decode(encoded(histogram))

    theirs_ms = decoded.get_value_at_percentile(percent) / 1000
    assert theirs_ms == pytest.approx(at_their_rank(histogram, percent), rel=0.001, abs=0.001)


@given(st.integers(min_value=1, max_value=2**40))
def test_large_counts_arrive_whole(count: int) -> None:
    decoded = HdrHistogram.decode(encoded(Histogram(counts={7: count, 4000: 1})))

    assert decoded.get_count_at_index(7) == count


def test_log_is_read_line_by_line_with_tags_and_times(tmp_path: Path) -> None:
    lines = [
        LogLine(tag="flask:json:open_loop:b0:w1", start_s=0, duration_s=3.0, latency=Histogram.of([900, 1200, 40_000])),
        LogLine(tag="flask:json:open_loop:b0:w2", start_s=3.0, duration_s=2.5, latency=Histogram.of([])),
    ]
    file = tmp_path / "run.hlog"
    started_at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    file.write_text("".join(log_lines(lines, started_at=started_at, comments=["one of ours"])))

    reader = HistogramLogReader(str(file), HdrHistogram(1, HOUR_US, 3))
    first, second, end = (reader.get_next_interval_histogram() for _ in range(3))
    reader.close()

    assert (first.get_tag(), first.get_total_count(), second.get_total_count(), end) == (lines[0].tag, 3, 0, None)
    assert first.get_start_time_stamp() == started_at.timestamp() * 1000
    assert second.get_end_time_stamp() - second.get_start_time_stamp() == 2500
    assert first.get_max_value() == pytest.approx(40_000, rel=0.001)
