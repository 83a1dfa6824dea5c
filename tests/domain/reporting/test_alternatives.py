"""Instances, containers and functions side by side, and the traffic from which instances cost less."""

import json
import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from estimator.domain.cost.lines import Line
from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import TrafficTarget, format_traffic
from estimator.domain.reporting.alternatives import Alternatives, LinesAsked, Tariffs, price_alternatives
from estimator.domain.reporting.alternatives_json import alternatives_json
from estimator.domain.reporting.crossover import fleet_cheaper_from
from estimator.domain.reporting.projection import Projection, project
from tests.domain.cases import catalogue
from tests.domain.tariff_cases import AZURE_FUNCTIONS, CONTAINER_APPS, FARGATE, LAMBDA, LINES, stack

FOLDER = Path(__file__).parents[1] / "golden"
UPDATE = "UPDATE_GOLDEN=1 .venv/bin/python -m pytest tests/domain/test_alternatives.py"
STACKS = [stack("fastapi", 0.0017), stack("flask", 0.0016, start_s=0.4), stack("django", 0.0025, start_s=None)]
TARIFFS = Tariffs(containers=(FARGATE, CONTAINER_APPS), functions=(LAMBDA, AZURE_FUNCTIONS), lines=LINES)
ALL_LINES = LinesAsked(lines=frozenset(Line))


def projection_at(requests_per_day: int, **changes: object) -> Projection:
    name = format_traffic(requests_per_day)
    target = TrafficTarget(requests_per_day=Decimal(requests_per_day), payload_bytes=2_000, name=name, **changes)  # type: ignore[arg-type]
    return project(target=target, capacities=STACKS, candidates=catalogue())


def priced(projection: Projection, tariffs: Tariffs = TARIFFS, asked: LinesAsked | None = None) -> Alternatives:
    return price_alternatives(projection, capacities=STACKS, tariffs=tariffs, shown=projection.cheapest, asked=asked)


@pytest.mark.parametrize("requests_per_day", [10_000_000, 1_000_000_000])
def test_the_three_pricing_models_are_the_ones_that_were_agreed(requests_per_day: int) -> None:
    alternatives = priced(projection_at(requests_per_day), asked=ALL_LINES)
    found = alternatives_json(alternatives)
    found["arithmetic"] = {
        name: rows[0]["arithmetic"]
        for name, rows in alternatives_json(alternatives, arithmetic=True).items()
        if name in ("containers", "functions", "lines")
    }
    path = FOLDER / f"alternatives-{format_traffic(requests_per_day).replace('/', '-a-')}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(json.dumps(found, indent=1) + "\n")
    # Figures that went through exp and log may differ in the last places between processors.
    assert _rounded(found) == _rounded(json.loads(path.read_text())), f"if that was meant, run: {UPDATE}"


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


def test_the_same_arguments_give_the_same_alternatives() -> None:
    projection = projection_at(10_000_000)

    assert alternatives_json(priced(projection)) == alternatives_json(priced(projection))


def test_every_stack_has_each_service_of_the_region_and_no_line_unless_asked() -> None:
    alternatives = priced(projection_at(10_000_000))

    assert len(alternatives.containers) == len(alternatives.functions) == 2 * len(STACKS)
    assert alternatives.lined == ()
    assert priced(projection_at(10_000_000, regions=("eu-west-1",))).containers == ()


def test_a_stack_that_a_service_cannot_carry_is_told_with_the_reason() -> None:
    heavy = replace(STACKS[0], memory_p95_mib=40_000.0)
    projection = projection_at(10_000_000)
    alternatives = price_alternatives(projection, capacities=[heavy], tariffs=TARIFFS)

    assert (alternatives.containers, alternatives.functions) == ((), ())
    assert [one.service for one in alternatives.unserved] == [
        "aws Fargate x86",
        "azure Container Apps",
        "aws Lambda x86",
        "azure Functions",
    ]


def test_below_the_crossover_functions_cost_less_and_above_it_instances_do() -> None:
    projection = projection_at(10_000_000)
    for choice in priced(projection).functions:
        options = next(one for one in projection.options if one.stack == choice.row.stack)
        assert choice.fleet_cheaper_from is not None
        per_request = choice.row.cost_per_million_requests.amount / 1_000_000
        for factor in (Decimal("0.5"), Decimal("0.99"), Decimal("1.01"), Decimal(2), Decimal(30)):
            requests = choice.fleet_cheaper_from * factor
            by_request = requests * 730 / 24 * per_request
            assert (options.cheapest(requests).p50.amount <= by_request) == (factor > 1)


def test_requests_that_cost_next_to_nothing_never_cross() -> None:
    options = projection_at(10_000_000).options[0]

    assert fleet_cheaper_from(options, Money(amount=Decimal("0.0000001"), currency="USD")) is None
