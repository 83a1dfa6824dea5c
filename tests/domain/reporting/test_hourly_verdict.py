"""Verdicts by the hour: the paired rule of fixed fleets, and the traffic from which the choice matters."""

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.cost.costing import CostRow, size_fleet
from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.hourly import HourlyFleet, plan_hours
from estimator.domain.cost.loads import SharedDraws, StackLoad
from estimator.domain.cost.pricing import Price
from estimator.domain.cost.shape import TrafficShape
from estimator.domain.cost.sizing import carry, pack
from estimator.domain.cost.traffic import FleetPolicy, Redundancy, TrafficTarget
from estimator.domain.performance.capacity import Capacity
from estimator.domain.reporting.hourly_verdict import PolicyVerdict, judge_hours
from estimator.domain.reporting.verdict import Outcome
from tests.domain.cases import candidate, capacity_of
from tests.domain.hourly_cases import EVENINGS, ON_DEMAND, PRICES, SEED, cost_of, shaped

FASTAPI, DJANGO = capacity_of("fastapi", 0.0016, blocks=5), capacity_of("django", 0.0026, blocks=5)
FLASK = capacity_of("flask", 0.001601, blocks=5)
AUTOSCALED, COMMITTED = FleetPolicy.AUTOSCALED, FleetPolicy.COMMITTED


def fleets_of(
    target: TrafficTarget, *capacities: Capacity, prices: Sequence[Price] = PRICES, draws: int = 1000
) -> list[HourlyFleet]:
    """Each stack on the same machine, over the same draws."""
    shared, machine = SharedDraws.of(target, count=draws, seed=SEED), candidate().hardware
    found = []
    for capacity in capacities:
        stack = StackLoad(capacity, target, shared, seed=SEED)
        kind = carry(capacity.host, machine.speed), pack(capacity, machine, 0)
        fleet = size_fleet(stack, FleetRule.of(target.redundancy), *kind)
        found.append(plan_hours(stack, CostRow(fleet=fleet, hardware=machine, price=ON_DEMAND), prices))
    return found


def judged(target: TrafficTarget, *capacities: Capacity) -> dict[FleetPolicy, PolicyVerdict]:
    return {verdict.policy: verdict for verdict in judge_hours(fleets_of(target, *capacities))}


def test_at_little_traffic_the_hours_cost_the_same() -> None:
    verdict = judged(shaped(per_day=1e6), FASTAPI, DJANGO)[AUTOSCALED]

    assert verdict.outcome is Outcome.SAME_COST
    assert verdict.cheapest is None
    assert verdict.same_bill == 1
    assert verdict.sentence == "Autoscaled by the hour: Fastapi and Django cost the same, USD 109.50 a month."


def test_at_much_traffic_the_hours_rank_with_their_probability() -> None:
    found = judged(shaped(per_day=2e9, policy=COMMITTED), FASTAPI, DJANGO)

    assert found.keys() == {AUTOSCALED, COMMITTED}
    for policy, verdict in found.items():
        assert (verdict.outcome, verdict.cheapest) == (Outcome.CHEAPEST, "fastapi")
        assert verdict.asked is (policy is COMMITTED)
        assert f"Fastapi is cheapest in {verdict.probability:.0%} of draws" in verdict.sentence
        assert verdict.probability > 0.975


def test_alike_stacks_are_too_close_to_call_and_the_dearer_one_is_named_apart() -> None:
    verdict = judged(shaped(per_day=2e9), FASTAPI, FLASK, DJANGO)[AUTOSCALED]

    assert verdict.outcome is Outcome.TOO_CLOSE
    assert "too close to call" in verdict.sentence
    assert "Surely dearer: Django USD" in verdict.sentence
    assert verdict.cheapest is None


def test_the_same_stack_twice_never_ranks_by_the_hour() -> None:
    twin = replace(FASTAPI, title="Twin", stack="twin", run="8")
    for verdict in judged(shaped(per_day=2e9), FASTAPI, twin).values():
        assert verdict.outcome is not Outcome.CHEAPEST


def test_bills_that_are_compared_are_those_whose_quantiles_are_shown() -> None:
    (fleet,) = fleets_of(shaped(per_day=5e8), FASTAPI)
    for cost in fleet.costs:
        ordered = np.sort(cost.drawn)
        middle = float(ordered[math.ceil(0.5 * ordered.size) - 1])
        assert middle == pytest.approx(float(cost.monthly_cost.p50.amount))


def test_one_stack_and_a_policy_that_one_of_them_lacks_have_no_verdict() -> None:
    target = shaped(per_day=5e8)
    first, second = fleets_of(target, FASTAPI, DJANGO)
    without = replace(second, costs=tuple(cost for cost in second.costs if cost.policy is not COMMITTED))

    assert judge_hours([first]) == ()
    assert [verdict.policy for verdict in judge_hours([first, without])] == [AUTOSCALED]


@settings(max_examples=40, deadline=None)
@given(
    day=st.lists(st.floats(0.01, 10), min_size=24, max_size=24),
    minimum=st.integers(1, 9),
    survive=st.booleans(),
    factor=st.sampled_from([0.5, 0.999, 1.001, 1.3]),
)
def test_autoscaled_bills_part_at_the_traffic_at_which_fixed_ones_do(
    day: list[float], minimum: int, survive: bool, factor: float
) -> None:
    """The busiest hour is the first to need one more instance, and only there do bills first differ."""
    policy = Redundancy(minimum_instances=minimum, survive_zone_loss=survive)
    target = shaped(TrafficShape.of(day * 7, name="any"), redundancy=policy)
    heavier = fleets_of(target, DJANGO, draws=50)[0].row.fleet
    threshold = heavier.rule.greatest_load(heavier.rule.floor) / heavier.load.p50 * 86_400

    there = replace(target, requests_per_day=Decimal(threshold * factor))
    light, heavy = fleets_of(there, FASTAPI, DJANGO, draws=50)

    for of in ([fleet.row.monthly_cost.p50 for fleet in (light, heavy)], [autoscaled(light), autoscaled(heavy)]):
        assert (of[0] == of[1]) is (factor < 1)


def autoscaled(fleet: HourlyFleet) -> object:
    return cost_of(fleet, AUTOSCALED).monthly_cost.p50


def test_each_hour_of_the_shape_counts() -> None:
    flat = TrafficShape.of([1.0] * 168, name="flat")
    busy, even = (judged(shaped(week, per_day=2e9), FASTAPI, DJANGO)[AUTOSCALED] for week in (EVENINGS, flat))
    assert busy.bills[0].p50 != even.bills[0].p50
