"""Payback of a migration: the month, its interval, and never."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.reporting.migration import HORIZON_MONTHS, MigrationCase, Payback, Range, Unanswered
from estimator.domain.reporting.projection import Projection, project
from estimator.domain.statistics import SHARES, Interval, order_index
from tests.domain.cases import capacity_of, catalogue

CASE = MigrationCase(
    name="Django to FastAPI",
    from_stack="django",
    to_stack="fastapi",
    hours=Range(low=Decimal(80), high=Decimal(160)),
    rate=Range(low=Decimal(25), high=Decimal(40)),
    currency="USD",
    source="article, not measured",
)
BACK = replace(CASE, name="back", from_stack="fastapi", to_stack="django")


def projected(requests_per_day: int = 1_000_000_000, **changes: Any) -> Projection:
    return project(
        target=TrafficTarget(requests_per_day=Decimal(requests_per_day), **changes),
        capacities=[capacity_of("fastapi", 0.0016, blocks=5), capacity_of("django", 0.0026, blocks=5)],
        candidates=catalogue(),
        draws=1000,
    )


def payback(case: MigrationCase = CASE, **changes: Any) -> Payback:
    (found,) = projected(**changes).migrations([case])
    assert isinstance(found, Payback), found
    return found


def test_cost_of_the_work_is_hours_times_rate_exactly() -> None:
    assert [money.amount for money in CASE.cost] == [2000, 3900, 6400]


def test_where_the_bill_does_not_fall_the_work_never_pays_back() -> None:
    found = payback(requests_per_day=10_000_000)

    assert found.saving.amount == 0
    assert (found.months.p10, found.months.p50) == (None, None)
    assert found.never > 0.95
    assert found.sentence.startswith("Never: USD 2,000.00 to USD 6,400.00 of work against a bill that stays the same;")


def test_moving_to_the_dearer_stack_never_pays_back() -> None:
    found = payback(BACK)

    assert found.saving.amount < 0
    assert found.never == 1.0
    assert f"a bill that rises by USD {-found.saving.amount:,.2f} a month" in found.sentence


def test_at_much_traffic_it_pays_back_in_a_month_with_an_interval() -> None:
    found = payback()

    low, middle, high = found.months.p10, found.months.p50, found.months.p90
    assert low is not None and middle is not None and high is not None
    assert 1 <= low <= middle <= high
    assert found.sentence.startswith(f"In month {middle} (P10 month {low}, P90 month {high})")


def test_the_month_equals_brute_force_over_the_draws() -> None:
    projection = projected()
    (found,) = projection.migrations([CASE])
    assert isinstance(found, Payback)
    rows = {row.stack: row for row in projection.cheapest}
    bills = {}
    for stack, row in rows.items():
        load = projection.load_of(row)
        loads = load.loads(row.fleet.carrying, row.fleet.packing) * projection.target.mean_rate
        bills[stack] = row.fleet.rule.instances_of(loads) * float(row.price.monthly)
    cost = CASE.cost_drawn(1000, seed=projection.seed)
    months = []
    for saved, owed in zip(bills["django"] - bills["fastapi"], cost, strict=True):
        paid = [month for month in range(1, HORIZON_MONTHS + 1) if month * saved >= owed * (1 - 1e-12)]
        months.append(paid[0] if paid else np.inf)
    ordered = sorted(months)
    expected = [ordered[order_index(1000, share)] for share in SHARES]
    assert [found.months.p10, found.months.p50, found.months.p90] == expected


def test_growth_brings_the_month_nearer() -> None:
    slow, fast = (
        payback(requests_per_day=300_000_000),
        payback(requests_per_day=300_000_000, growth_per_month=Interval.exact(0.15)),
    )

    assert fast.never <= slow.never
    assert (fast.months.p50 or np.inf) <= (slow.months.p50 or np.inf)


@settings(max_examples=15, deadline=None)
@given(st.integers(min_value=1, max_value=50), st.integers(min_value=1, max_value=50))
def test_more_work_never_pays_back_sooner(one: int, other: int) -> None:
    less, more = (
        payback(replace(CASE, hours=Range(low=Decimal(10 * weeks), high=Decimal(40 * weeks))))
        for weeks in (min(one, other), max(one, other))
    )
    assert (less.months.p50 or np.inf) <= (more.months.p50 or np.inf)
    assert less.never <= more.never


def test_a_stack_without_a_cost_is_no_answer_but_a_reason() -> None:
    (found,) = projected().migrations([replace(CASE, to_stack="quart")])

    assert isinstance(found, Unanswered)
    assert "quart has no cost" in found.reason


def test_work_in_another_currency_is_no_answer_but_a_reason() -> None:
    (found,) = projected().migrations([replace(CASE, currency="EUR")])

    assert isinstance(found, Unanswered)
    assert "priced in EUR" in found.reason


def test_the_arithmetic_is_shown_with_its_source() -> None:
    work, saving = payback().steps

    assert work.value == CASE.cost[1].amount
    assert {given.origin for given in work.inputs} == {"article, not measured"}
    assert saving.value == payback().saving.amount


@pytest.mark.parametrize(("low", "high"), [(0, 1), (2, 1), (-1, 1)])
def test_a_range_that_is_none_is_refused(low: int, high: int) -> None:
    with pytest.raises(ValueError, match="0 < low <= high"):
        Range(low=Decimal(low), high=Decimal(high))
