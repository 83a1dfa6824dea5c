"""Contents of estimates as they are frozen, made without a database."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from estimator.domain.cost.pricing import Candidate
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.capacity import Capacity
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
    measured = [_measured(one, place) for place, one in enumerate(capacities, 1)]
    beside: dict[str, Any] = {name: [] for name in _BESIDE}
    content = {**to_json(projection), **beside, "rows": rows, "workload": WORKLOAD, "capacities": measured}
    stored: dict[str, Any] = json.loads(json.dumps(content))
    return stored


def _measured(one: Capacity, place: int) -> dict[str, Any]:
    """As pages show it; what nobody measured here is not there."""
    rate, demand_ms = one.rate(one.objective_ms), one.service_demand_s * 1000
    names = {"stack": one.stack, "title": one.label, "position": place, "workload": WORKLOAD, "run": one.run}
    figures = {
        "objective_p99_ms": one.objective_ms,
        "capacity_rps": dict.fromkeys(("p10", "p50", "p90"), rate),
        "knee_utilisation": one.knee(one.objective_ms),
        "service_demand_ms": demand_ms,
        "service_demand_range_ms": dict.fromkeys(("p10", "p50", "p90"), demand_ms),
        "database_demand_ms": one.database_demand_s * 1000,
        "saturation_rps": one.saturation_rate,
    }
    flags = {
        "cpu_bound": True,
        "disturbed": False,
        "blocks": len(one.blocks),
        "indicative": one.is_prior,
        "valid": True,
    }
    observed = {"warnings": [], "reasons": [], "cold_starts_s": [], "windows": 5, "void_windows": 0, "locust": None}
    return {**names, **figures, **flags, **observed, **dict.fromkeys(_NOT_OBSERVED)}


_NOT_OBSERVED = (
    *("memory_mib", "idle_memory_mib", "memory_peak_mib", "memory_slope_mib_s"),
    *("cold_start_s", "cold_start_median_s"),
)
