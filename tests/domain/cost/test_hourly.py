"""Fleets by the hour: what must hold for every shape, price and redundancy."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.cost.hourly import lag_hours
from estimator.domain.cost.shape import TrafficShape
from estimator.domain.cost.traffic import FleetPolicy, Redundancy, TrafficTarget
from estimator.domain.statistics import SHARES, Interval, order_index
from tests.domain.hourly_cases import (
    EVENINGS,
    FLAT,
    ON_DEMAND,
    ONE_YEAR,
    PRICES,
    SPOT,
    cost_of,
    load_and_row,
    planned,
    shaped,
)

FIXED, AUTOSCALED, COMMITTED = FleetPolicy
shapes = st.lists(st.floats(0.01, 10), min_size=24, max_size=24).map(lambda day: TrafficShape.of(day * 7, name="any"))
redundancies = st.builds(
    Redundancy,
    zones=st.integers(2, 4),
    survive_zone_loss=st.booleans(),
    minimum_instances=st.integers(1, 6),
    spares=st.integers(0, 2),
)
targets = st.builds(
    shaped,
    shapes,
    per_day=st.floats(1e6, 2e9),
    growth=st.sampled_from([0.0, 0.04]),
    redundancy=redundancies,
    boot_s=st.sampled_from([0.0, 120.0, 7300.0]),
    burst=st.floats(1, 3),
)
_ROUNDING = 1 + Decimal("1e-20")  # a mean over draws is a division
# Policy, base, P50 of the month and the year that is expected; changes only on purpose.
AGREED = [
    ("fixed", 0, "USD 547.50", "USD 6,704.03"),
    ("autoscaled", 0, "USD 328.50", "USD 4,236.99"),
    ("committed", 6, "USD 259.15", "USD 3,451.66"),
]
few = settings(max_examples=40, deadline=None)


@few
@given(targets)
def test_autoscaling_never_costs_more_than_a_fixed_fleet_at_the_same_price(target: TrafficTarget) -> None:
    fleet = planned(target)
    fixed, scaled = cost_of(fleet, FIXED), cost_of(fleet, AUTOSCALED)

    assert scaled.monthly_cost.p10 <= fixed.monthly_cost.p10
    assert scaled.monthly_cost.p50 <= fixed.monthly_cost.p50
    assert scaled.year_cost.p90 <= fixed.year_cost.p90
    assert scaled.expected_year <= fixed.expected_year


@few
@given(targets)
def test_a_committed_base_never_costs_more_than_all_by_the_hour(target: TrafficTarget) -> None:
    fleet = planned(target)
    committed = cost_of(fleet, COMMITTED).expected_year.amount

    assert committed <= cost_of(fleet, AUTOSCALED).expected_year.amount * _ROUNDING


@few
@given(targets)
def test_zone_loss_and_minimum_hold_in_every_hour(target: TrafficTarget) -> None:
    fleet = planned(target)
    policy = target.redundancy

    for load, instances in zip(fleet.load, fleet.instances, strict=True):
        assert instances >= policy.minimum_instances
        lost = instances // policy.zones if policy.survive_zone_loss else 0
        assert instances - lost >= load * (1 - 1e-9)
    assert max(fleet.instances) == fleet.fixed


@few
@given(targets, st.floats(1, 20))
def test_more_traffic_never_costs_less_under_any_policy(target: TrafficTarget, factor: float) -> None:
    more = replace(target, requests_per_day=target.requests_per_day * Decimal(factor))

    for less, dearer in zip(planned(target).costs, planned(more).costs, strict=True):
        assert (less.policy, less.committed) == (dearer.policy, dearer.committed)
        assert less.expected_year.amount <= dearer.expected_year.amount * _ROUNDING
        if less.policy is not COMMITTED:  # whose base is another one
            assert less.monthly_cost.p10 <= dearer.monthly_cost.p10
            assert less.year_cost.p90 <= dearer.year_cost.p90


@few
@given(targets)
def test_quantiles_stand_in_order_and_a_seed_repeats_them(target: TrafficTarget) -> None:
    fleet = planned(target)

    for cost in fleet.costs:
        assert cost.monthly_cost.p10 <= cost.monthly_cost.p50 <= cost.monthly_cost.p90
        assert cost.year_cost.p10 <= cost.year_cost.p50 <= cost.year_cost.p90
    assert planned(target).costs == fleet.costs


@pytest.mark.parametrize("growth", [0.0, 0.05, Interval(low=0.0, mid=0.03, high=0.1)])
def test_every_policy_equals_pricing_each_draw_hour_and_month(growth: Interval | float) -> None:
    target = shaped(growth=growth, per_day=6e8)
    stack, row = load_and_row(target, draws=40)
    fleet = planned(target, draws=40)
    loads = (stack.loads(row.fleet.carrying, row.fleet.packing) * target.mean_rate).tolist()
    grown = [target.growth_per_month.mid] * 40 if stack.shared.growth is None else stack.shared.growth.tolist()
    shares = EVENINGS.shares_ahead(fleet.lag_h)

    for cost in fleet.costs[1:]:
        years, months = [], []
        for load, share in zip(loads, grown, strict=True):
            per_month = [
                sum(max(0, row.fleet.rule.instances(load * (1 + share) ** month * hour) - cost.base) for hour in shares)
                for month in range(12)
            ]
            months.append(per_month[0])
            years.append(sum(per_month))
        kept = cost.committed.monthly * cost.base if cost.committed else Decimal(0)
        for share, found in zip(SHARES, (cost.year_cost.p10, cost.year_cost.p50, cost.year_cost.p90), strict=True):
            hours = sorted(years)[order_index(40, share)]
            assert found.amount == kept * 12 + cost.price.monthly * hours / 168
        assert cost.week_hours.p50 == sorted(months)[order_index(40, 0.5)]
        assert float(cost.expected_year.amount) == pytest.approx(
            float(kept * 12 + cost.price.monthly / 168 * Decimal(sum(years)) / 40)
        )


@few
@given(targets)
def test_a_flat_week_equals_the_fixed_fleet_exactly(target: TrafficTarget) -> None:
    fleet = planned(replace(target, shape=FLAT, burst=1.0))
    fixed, scaled = cost_of(fleet, FIXED), cost_of(fleet, AUTOSCALED)

    assert set(fleet.instances) == {fleet.fixed}
    assert (scaled.monthly_cost, scaled.year_cost) == (fixed.monthly_cost, fixed.year_cost)


def test_a_flat_week_needs_what_a_ratio_of_one_needs() -> None:
    without = replace(shaped(FLAT), shape=None, peak_to_mean=Interval.exact(1.0))

    assert load_and_row(shaped(FLAT))[1].fleet.instances == load_and_row(without)[1].fleet.instances


@pytest.mark.parametrize(
    ("boot_s", "cold_start_s", "hours"), [(0, None, 0), (0, 0.4, 1), (120, 1.0, 1), (3600, 1.0, 2)]
)
def test_instances_are_asked_for_before_they_are_needed(boot_s: float, cold_start_s: float | None, hours: int) -> None:
    assert lag_hours(TrafficTarget(boot_s=boot_s), cold_start_s) == hours


def test_a_longer_boot_costs_more() -> None:
    years = [cost_of(planned(shaped(boot_s=boot_s)), AUTOSCALED).expected_year.amount for boot_s in (0, 60, 10_000)]

    assert years[0] < years[1] < years[2]


def test_spot_pays_only_where_it_is_allowed() -> None:
    prices = (*PRICES, SPOT)

    assert cost_of(planned(shaped(), prices), AUTOSCALED).price is ON_DEMAND
    assert cost_of(planned(shaped(allow_spot=True), prices), AUTOSCALED).price is SPOT
    assert cost_of(planned(shaped(), prices, asked=SPOT), AUTOSCALED).price is SPOT
    assert cost_of(planned(shaped(allow_spot=True), prices), FIXED).price is ON_DEMAND


def test_currencies_and_disputed_prices_stay_outside() -> None:
    strange = (
        replace(ONE_YEAR, currency="EUR", hourly=Decimal("0.001")),
        replace(ONE_YEAR, disputed="sources disagree", hourly=Decimal("0.001")),
    )

    fleet = planned(shaped(), (ON_DEMAND, *strange))

    assert [cost.policy for cost in fleet.costs] == [FIXED, AUTOSCALED]
    assert fleet.missing == (
        "committed base: no 1- or 3-year price is listed for aws m1.large in us-east-1; import one.",
    )


def test_without_a_price_by_the_hour_only_the_fixed_fleet_is_priced() -> None:
    fleet = planned(shaped(), (ONE_YEAR,), asked=ONE_YEAR)

    assert [cost.policy for cost in fleet.costs] == [FIXED]
    assert "no on-demand price is listed for aws m1.large in us-east-1; import one" in fleet.missing[0]


def test_the_policy_that_was_asked_for_is_named_beside_the_cheapest() -> None:
    fleet = planned(shaped(policy=AUTOSCALED))

    assert fleet.asked is cost_of(fleet, AUTOSCALED)
    assert fleet.cheapest is cost_of(fleet, COMMITTED)
    assert planned(shaped(policy=COMMITTED), (ON_DEMAND,)).asked is None


def test_without_a_shape_there_are_no_hours() -> None:
    target = replace(shaped(), shape=None)

    with pytest.raises(ValueError, match="has no shape"):
        planned(target)


def test_an_agreed_week_stays_as_it_was_agreed() -> None:
    fleet = planned(shaped(), draws=500)

    assert (fleet.fixed, min(fleet.instances), fleet.lag_h) == (15, 3, 1)
    found = [(str(cost.policy), cost.base, str(cost.monthly_cost.p50), str(cost.expected_year)) for cost in fleet.costs]
    assert found == AGREED
