"""Charts as values: places, ticks, paths, and the table behind."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.reports.chart import Axis, Chart, Mark, Point, Series, decades, round_ticks, snug_ticks

amounts = st.lists(st.floats(min_value=0.001, max_value=1e12), min_size=1, max_size=20)


def axis(low: float, high: float, *, log: bool = True) -> Axis:
    return Axis(
        title="requests per day",
        low=low,
        high=high,
        ticks=(low, high),
        label=lambda value: f"{value:g}",
        unit="rate",
        log=log,
    )


def chart(*points: Point, marks: tuple[Mark, ...] = ()) -> Chart:
    return Chart(
        name="test",
        title="Test",
        summary="A test.",
        x=axis(100, 10_000),
        y=axis(1, 100),
        series=(Series(name="One <stack>", style=0, points=points),),
        marks=marks,
    )


@given(amounts)
def test_logarithmic_ticks_enclose_all_values(values: list[float]) -> None:
    for ticks in (snug_ticks(values), decades(values)):
        assert ticks[0] <= min(values) * (1 + 1e-9)
        assert ticks[-1] >= max(values) * (1 - 1e-9)
        assert list(ticks) == sorted(set(ticks))


@given(amounts)
def test_an_axis_has_few_ticks(values: list[float]) -> None:
    span = math.log10(max(values) / min(values))

    assert 2 <= len(snug_ticks(values)) <= max(9, span + 4)


@given(st.floats(min_value=0.01, max_value=1e9))
def test_linear_ticks_start_at_zero_and_pass_the_highest_value(high: float) -> None:
    ticks = round_ticks(high)

    assert ticks[0] == 0
    assert ticks[-1] >= high * (1 - 1e-9)
    assert len(ticks) <= 8


@given(st.floats(min_value=1e-6, max_value=1e15))
def test_no_value_is_placed_outside_of_the_picture(value: float) -> None:
    drawn = chart()

    assert drawn.left <= drawn.place_x(value) <= drawn.right
    assert drawn.top <= drawn.place_y(value) <= drawn.bottom


def test_a_decade_takes_the_same_room_anywhere_on_a_logarithmic_axis() -> None:
    drawn = chart()

    assert drawn.place_x(1000) - drawn.place_x(100) == pytest.approx(
        drawn.place_x(10_000) - drawn.place_x(1000), abs=0.2
    )


def test_higher_values_are_drawn_higher() -> None:
    drawn = chart()

    assert drawn.place_y(50) < drawn.place_y(5)


def test_band_runs_along_its_top_and_back_along_its_bottom() -> None:
    drawn = chart(Point(x=100, y=2, low=1, high=4), Point(x=1000, y=20, low=10, high=40)).drawn[0]

    assert drawn.band.count("L") == 3
    assert drawn.band.endswith("Z")
    assert drawn.line.count("L") == 1


def test_points_without_interval_have_no_band() -> None:
    drawn = chart(Point(x=100, y=2), Point(x=1000, y=20))

    assert not drawn.has_bands
    assert drawn.drawn[0].band == ""


def test_table_holds_every_point_with_its_band() -> None:
    (row,) = chart(Point(x=100, y=2, low=1, high=4, note="3 x aws m7i.large")).table

    assert (row.name, row.x, row.y, row.band) == ("One <stack>", "100", "2.00", "1.00 to 4.00")
    assert row.note == "3 x aws m7i.large"


def test_labels_of_close_marks_stand_in_two_rows() -> None:
    marks = (Mark(axis="x", at=1000, label="this target"), Mark(axis="x", at=1100, label="costs first differ"))

    first, second = chart(marks=marks).upright_marks

    assert first.row != second.row


def test_browser_gets_the_same_values() -> None:
    data = json.loads(chart(Point(x=100, y=2, low=1, high=4)).for_browser)

    assert data["series"][0]["points"] == [{"x": 100, "y": 2, "low": 1, "high": 4, "note": ""}]
    assert data["x"] == {
        "title": "requests per day",
        "low": 100,
        "high": 10_000,
        "ticks": [100, 10_000],
        "unit": "rate",
        "log": True,
    }
