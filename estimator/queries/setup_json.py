"""A run's set-up searches as JSON values, for the API."""

import math
from typing import Any

from estimator.domain.cost.options import PricedFleet
from estimator.queries.capacity_json import capacity_json
from estimator.queries.measurements import workloads_of
from estimator.queries.projections import standing_target, target_value
from estimator.queries.setups import Saving, SetupRow, SetupSearch, setup_search

Json = dict[str, Any]


def searches_json(*, run_id: int) -> Json:
    """One search for each workload; none of a run that searched nothing. Raises Run.DoesNotExist."""
    target = standing_target()
    value = target_value(target) if target else None
    found = (setup_search(run_id=run_id, workload=one.slug, target=value) for one in workloads_of(run_id=run_id))
    searches = [_search_json(one) for one in found if one]
    return {"run": run_id, "target": target.name if target else None, "searches": searches}


def _search_json(search: SetupSearch) -> Json:
    return {
        "stack": search.stack.slug,
        "workload": search.workload,
        "objective_p99_ms": search.objective_ms,
        "verdict": search.sentence,
        "comparison": _comparison_json(search),
        "setups": [_setup_json(row) for row in search.rows],
        "savings": [_saving_json(one) for one in search.savings],
    }


def _comparison_json(search: SetupSearch) -> Json | None:
    found = search.comparison
    if found is None:
        return None
    high = None if math.isinf(found.high) else found.high
    return {"ratio": found.ratio, "low": found.low, "high": high, "differs": found.differs}


def _setup_json(row: SetupRow) -> Json:
    result = row.result
    return {
        "stack": row.measured.stack.slug,
        "setup": result.setup.label,
        "settings": dict(result.setup.values),
        "shipped": result.setup.default,
        "reasons": list(row.reasons),
        "capacity_rps": capacity_json(row.measured).get("capacity_rps"),
        "capacity_rps_per_core": result.rate_per_core,
        "memory_mib": result.memory_mib,
        "capacity_rps_per_gib": result.rate_per_gib,
        "half_capacity_p99_ms": row.half_capacity_p99_ms,
        "on_front": result.on_front,
        "best_by": list(row.bests),
    }


def _saving_json(one: Saving) -> Json:
    return {
        "requests_per_day": str(one.requests_per_day),
        "currency": one.saved.currency,
        "shipped": _fleet_json(one.shipped),
        "cheapest": _fleet_json(one.cheapest),
        "saved": str(one.saved.rounded()),
        "reason": one.reason,
    }


def _fleet_json(fleet: PricedFleet) -> Json:
    return {
        "stack": fleet.row.stack,
        "hardware": fleet.row.hardware.label,
        "instances": fleet.instances.p50,
        "monthly_cost": str(fleet.p50.rounded()),
    }
