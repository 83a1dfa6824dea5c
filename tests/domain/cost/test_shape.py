"""Shapes of a week: what is read, what is refused, and that their mean is 1."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.loads import SharedDraws
from estimator.domain.cost.shape import HOURS_PER_WEEK, ShapeError, TrafficShape, hour_name, parse_requests
from estimator.domain.cost.traffic import TrafficError, TrafficTarget

weeks = st.lists(st.floats(0, 1e9), min_size=HOURS_PER_WEEK, max_size=HOURS_PER_WEEK).filter(
    lambda week: max(week) > 1e-3
)
ONE_COLUMN = [f"{hour + 1}" for hour in range(HOURS_PER_WEEK)]
TWO_COLUMNS = [f"{hour},{hour + 1}" for hour in range(HOURS_PER_WEEK)]
COUNTED = tuple(float(hour + 1) for hour in range(HOURS_PER_WEEK))


@given(weeks)
def test_the_mean_is_one_and_the_peak_is_the_busiest_hour(week: list[float]) -> None:
    shape = TrafficShape.of(week, name="any")

    assert math.fsum(shape.factors) == pytest.approx(HOURS_PER_WEEK)
    assert shape.peak == max(1.0, *shape.factors) >= 1
    assert week[shape.busiest_hour] == pytest.approx(max(week))


@given(weeks, st.integers(0, 400))
def test_ahead_of_time_no_hour_needs_less_and_the_peak_stays(week: list[float], hours: int) -> None:
    shape = TrafficShape.of(week, name="any")
    now, ready = shape.shares_ahead(0), shape.shares_ahead(hours)

    assert max(now) == max(ready) == 1.0
    assert all(later >= share for share, later in zip(now, ready, strict=True))
    expected = [max(now[(hour + step) % HOURS_PER_WEEK] for step in range(hours + 1)) for hour in (0, 100, 167)]
    assert [ready[hour] for hour in (0, 100, 167)] == expected


@pytest.mark.parametrize(
    "lines",
    [
        ONE_COLUMN,
        ["requests", *ONE_COLUMN],
        TWO_COLUMNS,
        ["hour,requests", *reversed(TWO_COLUMNS)],
        ["\ufeffhour;requests\r\n", *(line.replace(",", ";") for line in TWO_COLUMNS), ""],
        [line.replace(",", "\t") for line in TWO_COLUMNS],
    ],
)
def test_a_week_is_read_with_and_without_heading_and_hours(lines: list[str]) -> None:
    assert parse_requests(lines) == COUNTED


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "has 0 rows of figures; give 168"),
        (ONE_COLUMN[:-1], "has 167 rows of figures; give 168, one for each hour of the week from Monday 00:00 UTC on"),
        ([*ONE_COLUMN, "5"], "row 169: a week has 168 hours"),
        (["requests", *ONE_COLUMN[:9], "many", *ONE_COLUMN[10:]], "row 11: 'many' is no count of requests"),
        ([*ONE_COLUMN[:9], "-1", *ONE_COLUMN[10:]], "row 10: '-1' is no count of requests; write a number from 0 on"),
        ([*ONE_COLUMN[:9], "nan", *ONE_COLUMN[10:]], "row 10: 'nan' is no count"),
        ([*TWO_COLUMNS[:9], "8,4", *TWO_COLUMNS[10:]], "row 10: hour 8 is there already; give each hour"),
        ([*TWO_COLUMNS[:9], "Mon 9,4", *TWO_COLUMNS[10:]], "row 10: 'Mon 9' is no hour of the week; count them from 0"),
        ([*TWO_COLUMNS[:9], "9,1,234", *TWO_COLUMNS[10:]], "row 10 has 3 cells; give one"),
    ],
)
def test_an_unreadable_week_is_refused_with_row_and_remedy(lines: list[str], told: str) -> None:
    with pytest.raises(ShapeError, match=told.replace("(", r"\(")):
        parse_requests(lines)


@pytest.mark.parametrize(
    ("requests", "told"),
    [
        ([0.0] * 168, "no hour has a request"),
        ([1.0] * 24, "has 24 hours; give 168"),
        ([2.0] * 167 + [-1.0], "Sunday 23:00"),
    ],
)
def test_what_is_no_week_is_no_shape(requests: list[float], told: str) -> None:
    with pytest.raises(ShapeError, match=told):
        TrafficShape.of(requests, name="any")


def test_hours_have_names() -> None:
    assert (hour_name(0), hour_name(44), hour_name(167)) == (
        "Monday 00:00 UTC",
        "Tuesday 20:00 UTC",
        "Sunday 23:00 UTC",
    )


def test_with_a_shape_its_own_peak_counts_and_nothing_on_top() -> None:
    shape = TrafficShape.of([3.0] + [1.0] * 167, name="Monday's rush")

    shaped = TrafficTarget(shape=shape)

    assert shaped.peak.is_exact
    assert shaped.peak.mid == pytest.approx(3 * 168 / 170)
    assert TrafficTarget(shape=shape, burst=2.0).peak.mid == 2 * shaped.peak.mid
    assert set(SharedDraws.of(shaped, count=50, seed=1).peak.tolist()) == {shaped.peak.mid}
    assert TrafficTarget(burst=2.0).peak == TrafficTarget().peak_to_mean


@pytest.mark.parametrize(("field", "value"), [("burst", 0.5), ("boot_s", -1.0), ("boot_s", 1e6)])
def test_what_no_fleet_can_meet_names_the_field(field: str, value: float) -> None:
    with pytest.raises(TrafficError, match=f"^{field}: enter"):
        TrafficTarget(**{field: value})  # type: ignore[arg-type]
