"""Pairs of stacks as the report tells them."""

from typing import Any

import pytest

from estimator.reports.comparisons import comparison_rows


def compared(first: str, second: str, ratio: float, low: float, high: float | None) -> dict[str, Any]:
    found = {"first": first, "second": second, "ratio": ratio, "low": low, "high": high, "pairs": 1}
    return {**found, "basis": "paired", "verdict": "carries more"}


def data(*comparisons: dict[str, Any]) -> dict[str, Any]:
    capacities = [{"stack": slug, "title": slug.title()} for slug in ("flask", "django")]
    return {"capacities": capacities, "verdict": {"capacity_comparisons": list(comparisons)}}


def test_pairs_told_apart_come_first_and_the_largest_difference_leads() -> None:
    rows = comparison_rows(
        data(
            compared("flask", "quart", 1.1, 0.9, 1.3),
            compared("flask", "django", 0.5, 0.4, 0.6),
            compared("django", "quart", 1.5, 1.2, 1.9),
        )
    )

    assert [(row.first, row.second, row.decided) for row in rows] == [
        ("Django", "Flask", True),
        ("Django", "quart", True),
        ("Flask", "quart", False),
    ]


@pytest.mark.parametrize(("low", "decided"), [(0.0, False), (1.1, True)])
def test_interval_without_an_upper_end_is_told_apart_only_by_its_lower(low: float, decided: bool) -> None:
    assert comparison_rows(data(compared("flask", "django", 1.4, low, None)))[0].decided is decided


def test_stack_that_carried_more_stands_first() -> None:
    (row,) = comparison_rows(data(compared("flask", "django", 0.5, 0.4, 0.8)))
    (unbounded,) = comparison_rows(data(compared("flask", "django", 0.5, 0.0, None)))

    assert (row.first, row.ratio, row.low, row.high) == ("Django", 2.0, 1.25, 2.5)
    assert (unbounded.low, unbounded.high, unbounded.decided) == (0.0, None, False)


def test_estimate_that_was_frozen_before_pairs_were_compared_has_none() -> None:
    assert comparison_rows({"capacities": [], "verdict": {}}) == ()
