"""The standing example and its neighbours, frozen: any change of a figure is seen, explained and updated on purpose."""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from estimator.domain.cost.traffic import TrafficTarget, format_traffic
from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.performance.capacity import ServingLimits
from estimator.domain.reporting.projection import Projection, project
from estimator.domain.reporting.rendering import steps_json, to_json
from estimator.domain.reporting.trace import explain
from tests.domain.cases import candidate, capacity_of

FOLDER = Path(__file__).parent / "golden"
UPDATE = "UPDATE_GOLDEN=1 .venv/bin/python -m pytest tests/domain/test_golden_projection.py"
HOST = CpuSpeed(single_thread=3.0, smt=Smt.HIDDEN)


def projection_at(requests_per_day: int) -> Projection:
    limits = ServingLimits(threads_per_worker=8, pool_per_worker=8, queries=1)
    demands = {"fastapi": 0.0017, "flask": 0.0016, "django": 0.0025}
    machines = [
        ("c1.medium", 1, "0.034", None, Smt.CORE),
        ("c1.large", 2, "0.068", None, Smt.CORE),
        ("m7.large", 2, "0.1008", 3.6, Smt.HYPERTHREAD),
        ("m8.xlarge", 4, "0.17952", 4.1, Smt.CORE),
    ]
    return project(
        target=TrafficTarget(requests_per_day=Decimal(requests_per_day), name=format_traffic(requests_per_day)),
        capacities=[
            capacity_of(stack, demand_s, blocks=5, limits=limits, host=HOST) for stack, demand_s in demands.items()
        ],
        candidates=[
            candidate(name, vcpus=vcpus, hourly=hourly, speed=CpuSpeed(single_thread=speed, smt=smt))
            for name, vcpus, hourly, speed, smt in machines
        ],
    )


@pytest.mark.parametrize("requests_per_day", [10_000_000, 1_000_000_000])
def test_the_projection_is_the_one_that_was_agreed(requests_per_day: int) -> None:
    projection = projection_at(requests_per_day)
    found = to_json(projection, all_rows=True)
    found["sweep"], found["answers"] = found["sweep"][::8], found["answers"][:1]
    found["arithmetic"] = steps_json(explain(projection.cheapest[0]))
    path = FOLDER / f"{format_traffic(requests_per_day).replace('/', '-a-')}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, indent=1) + "\n")
    expected = json.loads(path.read_text())
    # Figures that went through exp and log may differ in the last places between processors.
    assert _rounded(found) == _rounded(expected), f"the projection changed; if that was meant, run: {UPDATE}"


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value
