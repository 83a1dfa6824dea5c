"""The arithmetic of a fleet by the hour leads to the figures shown."""

from decimal import Decimal

from estimator.domain.cost.traffic import FleetPolicy
from estimator.domain.reporting.hourly_trace import explain_hours
from estimator.domain.reporting.trace import explain
from tests.domain.hourly_cases import EVENINGS, load_and_row, planned, shaped


def test_each_policy_s_month_follows_from_its_own_inputs() -> None:
    fleet = planned(shaped())

    months = [step for step in explain_hours(fleet) if step.name.startswith("monthly cost")]

    assert [step.value for step in months] == [cost.monthly_cost.p50.amount for cost in fleet.costs]
    for step in months:
        given = {one.name: Decimal(one.value) for one in step.inputs}
        kept = given.get("base", Decimal(0)) * given.get("c", Decimal(0))
        assert step.value == kept + 730 * given["hourly price"] * given["instance-hours"] / 168


def test_the_base_stands_before_the_bill_it_makes() -> None:
    fleet = planned(shaped())

    steps = {step.name: step for step in explain_hours(fleet)}

    assert list(steps)[-2:] == ["committed base, reserved_1y", "monthly cost, committed base (reserved_1y)"]
    assert steps["committed base, reserved_1y"].value == fleet.costs[-1].base > 0
    assert steps["autoscaled instance-hours of a week"].value == sum(fleet.instances)
    assert fleet.costs[-1].policy is FleetPolicy.COMMITTED


def test_the_rate_to_carry_names_the_shape_in_place_of_a_ratio() -> None:
    _, row = load_and_row(shaped(burst=1.5))

    step = explain(row)[1]

    assert step.formula == "mean rate x busiest hour x burst x (1 + headroom)"
    inputs = {one.name: one for one in step.inputs}
    assert inputs["busiest hour"].value == EVENINGS.peak
    assert inputs["busiest hour"].origin == "shape 'evenings', Monday 06:00 UTC"
    assert inputs["burst"].value == 1.5
