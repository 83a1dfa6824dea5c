"""Twelve months of a row that add up to its year."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.cost.pricing import HOURS_PER_MONTH
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.reporting.parts import month_costs, upfront_share
from estimator.domain.reporting.projection import Projection, project
from estimator.domain.statistics import Interval
from tests.domain.cases import candidate, capacity_of


def projected(growth: float, *, requests: int = 200_000_000, upfront: str = "0") -> Projection:
    term = "reserved_1y" if Decimal(upfront) else "on_demand"
    return project(
        target=TrafficTarget(requests_per_day=Decimal(requests), growth_per_month=Interval.exact(growth)),
        capacities=[capacity_of()],
        candidates=[candidate(upfront=Decimal(upfront), term=term)],
        term=term,
        draws=500,
    )


@settings(max_examples=25)
@given(growth=st.floats(-0.3, 0.5), requests=st.integers(100_000, 1_000_000_000))
def test_months_add_up_to_the_year_exactly(growth: float, requests: int) -> None:
    for row in projected(growth, requests=requests).rows:
        months = month_costs(row)

        for part in ("p10", "p50", "p90"):
            amounts = [getattr(month.cost, part).amount for month in months]
            assert sum(amounts) == getattr(row.year_cost, part).amount


def test_first_month_is_the_one_that_is_shown() -> None:
    (row,) = projected(0.1).rows

    first, *_, last = month_costs(row)

    assert (first.cost, first.instances) == (row.monthly_cost, row.instances)
    assert last.instances == row.fleet.instances_month_12
    assert first.requests_per_day == row.fleet.target.requests_per_day < last.requests_per_day


def test_an_instance_month_is_its_hours_and_its_share_of_the_upfront_payment() -> None:
    (row,) = projected(0.0, upfront="120").rows

    assert upfront_share(row) == Decimal(10)
    assert row.price.hourly * HOURS_PER_MONTH + upfront_share(row) == row.price.monthly
