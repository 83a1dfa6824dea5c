"""The arithmetic shown is the arithmetic done: every step can be recomputed from its inputs."""

import json
import math
from decimal import Decimal

import pytest

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.pricing import Term
from estimator.domain.cost.traffic import Redundancy, TrafficTarget
from estimator.domain.performance.capacity import ServingLimits
from estimator.domain.reporting.projection import project
from estimator.domain.reporting.rendering import steps_json
from estimator.domain.reporting.trace import Step, explain
from tests.domain.cases import candidate, capacity_of


def row_of(target: TrafficTarget | None = None, **price: object) -> CostRow:
    capacity = capacity_of(blocks=3, limits=ServingLimits(threads_per_worker=8, queries=1))
    target = target or TrafficTarget(requests_per_day=Decimal(900_000_000))
    term = str(price.get("term", Term.ON_DEMAND))
    offer = candidate(vcpus=4, **price)  # type: ignore[arg-type]
    return project(target=target, capacities=[capacity], candidates=[offer], term=term, draws=500).rows[0]


def steps_of(row: CostRow) -> dict[str, Step]:
    return {step.name: step for step in explain(row)}


def given(step: Step, name: str) -> float:
    return float(next(one.value for one in step.inputs if one.name == name))


def test_each_step_follows_from_its_inputs() -> None:
    row = row_of()
    steps = steps_of(row)
    mean = steps["mean rate"]
    assert mean.value == given(mean, "requests per day") / 86_400
    rate = steps["rate to carry"]
    assert rate.value == pytest.approx(
        given(rate, "mean rate") * given(rate, "peak/mean") * (1 + given(rate, "headroom"))
    )
    demand = steps["service demand D on the benchmark host"]
    assert math.log(demand.value) == pytest.approx(sum(math.log(one.value) for one in demand.inputs) / 3)
    cpu = steps["capacity of an instance by its CPU"]
    contention = 1 / (1 + given(cpu, "sigma") * (given(cpu, "w") - 1))
    assert cpu.value == pytest.approx(given(cpu, "u*") * given(cpu, "vCPUs") * contention / given(cpu, "D_B"))
    slots = steps["capacity of an instance by its slots"]
    assert slots.value == pytest.approx(0.8 * given(slots, "slots") / given(slots, "R_B"))
    assert steps["capacity of an instance"].value == min(float(cpu.value), float(slots.value))


def test_the_bill_is_exact_decimal_arithmetic() -> None:
    row = row_of()
    steps = steps_of(row)
    cost = steps["monthly cost, every input at its middle"]
    assert cost.value == Decimal(730) * Decimal("0.05") * int(given(cost, "instances"))
    assert given(cost, "instances") == steps["instances"].value
    drawn = steps["monthly cost, P50 of the draws"]
    assert drawn.value == row.monthly_cost.p50.amount
    assert given(drawn, "instances P50") == row.instances.p50


def test_the_fleet_rule_shown_is_the_one_used() -> None:
    no_zones = TrafficTarget(redundancy=Redundancy(survive_zone_loss=False, spares=2))
    assert "Z x ceil" in steps_of(row_of())["instances"].formula
    step = steps_of(row_of(no_zones))["instances"]
    assert "k + spares" in step.formula
    assert given(step, "spares") == 2


def test_an_upfront_payment_is_part_of_the_arithmetic() -> None:
    cost = steps_of(row_of(term=Term.RESERVED_1Y, upfront=Decimal(120)))["monthly cost, every input at its middle"]
    assert given(cost, "upfront") == 120
    assert cost.value == (Decimal(730) * Decimal("0.05") + 10) * int(given(cost, "instances"))


def test_every_input_has_unit_and_origin() -> None:
    for step in explain(row_of()):
        assert step.unit
        assert all(one.unit and one.origin for one in step.inputs)


def test_prices_tell_source_and_date() -> None:
    cost = steps_of(row_of())["monthly cost, every input at its middle"]
    assert "a price list, 2026-11-01, us-east-1, on_demand" in {one.origin for one in cost.inputs}


def test_steps_are_plain_data() -> None:
    plain = steps_json(explain(row_of()))
    assert json.loads(json.dumps(plain)) == plain
    assert plain[-1]["value"].replace(".", "").isdigit()
