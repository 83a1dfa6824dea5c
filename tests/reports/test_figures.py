"""How figures are written."""

from decimal import Decimal
from typing import Any

import pytest

from estimator.templatetags import figures


@pytest.mark.parametrize(
    ("value", "currency", "written"),
    [
        (Decimal("1234.5"), "USD", "USD 1,234.50"),
        ("100.740", "EUR", "EUR 100.74"),
        (Decimal("0.125"), "USD", "USD 0.12"),
        (Decimal("1234.5"), "JPY", "JPY 1,234"),
        (Decimal(-3), "USD", "USD -3.00"),
        (None, "USD", "\u2013"),
        ("", "", "\u2013"),  # what a template makes of a figure of nothing
    ],
)
def test_money_names_its_currency_and_is_rounded_half_to_even(value: Any, currency: str, written: str) -> None:
    assert figures.money(value, currency) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (100_000, "100k"),
        ("10000000.000", "10M"),
        (1e9, "1B"),
        (304_166_666.7, "304.2M"),
        (999, "999"),
        (None, "\u2013"),
    ],
)
def test_traffic_is_written_as_people_say_it(value: Any, written: str) -> None:
    assert figures.traffic(value) == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(0.4, "0 s"), (59.4, "59 s"), (125, "2 min 05 s"), (4320, "1 h 12 min"), (None, "\u2013")]
)
def test_spans_of_time_are_written_in_their_two_largest_units(seconds: Any, written: str) -> None:
    assert figures.duration(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(None, "\u2013"), (0.5, "1 min"), (96.7, "2 min"), (3541, "1 h 00 min"), (4300, "1 h 12 min")],
)
def test_an_expected_time_is_in_whole_minutes(seconds: float | None, written: str) -> None:
    assert figures.minutes(seconds) == written


@pytest.mark.parametrize(("factor", "written"), [(7.617, "7.6\u00d7"), (761.87, "762\u00d7"), (None, "\u2013")])
def test_factors_keep_what_matters(factor: Any, written: str) -> None:
    assert figures.times(factor) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.903557123, "0.903557"),
        (12297.4537, "12,297.5"),
        (42, "42"),
        ("1410.36000000", "1,410.36000000"),
        (None, "\u2013"),
    ],
)
def test_exact_numbers_of_the_arithmetic_stay_exact_and_measured_ones_get_six_digits(value: Any, written: str) -> None:
    assert figures.quantity(value) == written


def test_a_missing_figure_is_never_zero() -> None:
    filters = (figures.rate, figures.ms, figures.percent, figures.plain, figures.grouped, figures.moment)

    assert [filter_(None) for filter_ in filters] == ["\u2013"] * len(filters)
