"""Contents of estimates as they are frozen, made without a database."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from estimator.domain.cost.pricing import Candidate
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.reporting.projection import project
from estimator.domain.reporting.rendering import parts_json, row_json, steps_json, to_json
from estimator.domain.reporting.trace import explain
from tests.domain.cases import WORKLOAD, candidate, capacity_of

MACHINES = (candidate("m1.large", vcpus=2, hourly="0.05"), candidate("m1.xlarge", vcpus=4, hourly="0.11"))
_BESIDE = ("containers", "functions", "lines", "lines_totals", "unserved", "migrations")


def frozen(
    target: TrafficTarget | None = None,
    *,
    demands_s: Mapping[str, float] | None = None,
    machines: Sequence[Candidate] = MACHINES,
) -> dict[str, Any]:
    """Every stack on every machine."""
    demands = demands_s or {"flask": 0.002}
    capacities = [capacity_of(stack, demand_s) for stack, demand_s in demands.items()]
    projection = project(target=target or TrafficTarget(), capacities=capacities, candidates=machines)
    rows = [
        {**row_json(row), "reference_type": True, **parts_json(row), "arithmetic": steps_json(explain(row))}
        for row in projection.rows
    ]
    measured = [{"stack": one.stack, "service_demand_ms": one.service_demand_s * 1000} for one in capacities]
    beside: dict[str, Any] = {name: [] for name in _BESIDE}
    content = {**to_json(projection), **beside, "rows": rows, "workload": WORKLOAD, "capacities": measured}
    stored: dict[str, Any] = json.loads(json.dumps(content))
    return stored
