"""What a commitment loses where traffic falls, and what it is worth in today's money."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.cost.hourly import HourlyFleet, PolicyCost, week_cost
from estimator.domain.cost.pricing import CurrencyMismatch, Money
from estimator.domain.cost.regret import commitment_regret, present_saving, present_value
from estimator.domain.cost.traffic import FleetPolicy, Redundancy
from tests.domain.cases import price
from tests.domain.hourly_cases import ON_DEMAND, ONE_YEAR, cost_of, planned, shaped

FALLING = Redundancy(survive_zone_loss=False, minimum_instances=1)
FLEET = planned(shaped(redundancy=FALLING, per_day=1e9))
COMMITTED = cost_of(FLEET, FleetPolicy.COMMITTED)


def usd(amount: str | int) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def bill(counts: list[int], cost: PolicyCost) -> Money:
    """A month of these instances with the base committed."""
    above = sum(max(count - cost.base, 0) for count in counts)
    return ONE_YEAR.monthly_cost(cost.base) + week_cost(above, ON_DEMAND)


def by_the_hour(counts: list[int]) -> Money:
    return week_cost(sum(counts), ON_DEMAND)


def at(fleet: HourlyFleet, share: float) -> list[int]:
    row = fleet.row.fleet
    assert row.target.shape is not None
    peak = row.load.p50 * row.target.mean_rate * share
    return [row.rule.instances(peak * one) for one in row.target.shape.shares_ahead(fleet.lag_h)]


@settings(max_examples=25, deadline=None)
@given(fall=st.floats(0, 1), months=st.integers(0, 12))
def test_it_is_the_difference_of_both_bills_month_by_month(fall: float, months: int) -> None:
    before, after = at(FLEET, 1.0), at(FLEET, 1.0 - fall)

    found = commitment_regret(FLEET, COMMITTED, fall=fall, after_months=months)

    assert float(found.saved.amount) == pytest.approx(
        float((by_the_hour(before) - bill(before, COMMITTED)).amount) * months
    )
    assert float(found.lost.amount) == pytest.approx(
        float((bill(after, COMMITTED) - by_the_hour(after)).amount) * (12 - months), abs=1e-9
    )
    assert found.net == found.saved - found.lost


@settings(max_examples=25, deadline=None)
@given(one=st.floats(0, 1), other=st.floats(0, 1), months=st.integers(0, 12))
def test_a_deeper_fall_never_loses_less(one: float, other: float, months: int) -> None:
    little, much = (
        commitment_regret(FLEET, COMMITTED, fall=fall, after_months=months) for fall in sorted((one, other))
    )
    assert little.lost <= much.lost
    assert much.net <= little.net


def test_traffic_that_stays_leaves_nothing_to_regret() -> None:
    stays = commitment_regret(FLEET, COMMITTED, fall=0.0, after_months=6)
    gone = commitment_regret(FLEET, COMMITTED, fall=1.0, after_months=0)
    assert usd(0) < stays.saved and stays.lost == stays.saved * -1
    assert gone.saved == usd(0) < gone.lost
    assert gone.net < usd(0)


def test_money_of_later_is_worth_less_today() -> None:
    year = [usd(100)] * 12
    assert present_value(year, discount=Decimal(0)) == usd(1200)
    assert present_value(year, discount=Decimal("0.08")) < usd(1200)
    last = present_value([usd(0)] * 11 + [usd(108)], discount=Decimal("0.08"))
    assert last.rounded() == Decimal("100.00")
    with pytest.raises(CurrencyMismatch):
        present_value([usd(1), Money(amount=Decimal(1), currency="EUR")], discount=Decimal(0))


def test_a_payment_at_the_start_is_worth_more_than_one_that_is_spread() -> None:
    spread = price("0.03", term="reserved_1y")
    upfront = price("0", term="reserved_1y", upfront=spread.monthly * 12)
    monthly, at_once = (
        cost_of(planned(shaped(redundancy=FALLING, per_day=1e9), (ON_DEMAND, one)), FleetPolicy.COMMITTED)
        for one in (spread, upfront)
    )
    assert monthly.base == at_once.base
    assert present_saving(FLEET, at_once) < present_saving(FLEET, monthly)
    undiscounted = [present_saving(FLEET, cost, discount=Decimal(0)).rounded() for cost in (at_once, monthly)]
    assert undiscounted[0] == undiscounted[1]


def test_a_policy_that_commits_to_nothing_and_a_fall_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match="commits to nothing"):
        commitment_regret(FLEET, cost_of(FLEET, FleetPolicy.AUTOSCALED), fall=0.5, after_months=6)
    with pytest.raises(ValueError, match="after 0 to 12 months"):
        commitment_regret(FLEET, COMMITTED, fall=0.5, after_months=13)
