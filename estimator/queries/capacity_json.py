"""A stack's measurement as plain data: its figures, what was observed beside them, or the reasons for none."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import Capacity, RefusedStack
from estimator.domain.performance.memory import MemoryUse
from estimator.domain.statistics import Interval
from estimator.queries.fits import Fit
from estimator.queries.measurements import MeasuredStack
from estimator.queries.window_rows import WindowRow


def capacity_json(one: MeasuredStack) -> dict[str, Any]:
    """One stack's measurement: capacity with its 80 % interval, or the reasons for none. Rates in requests/s."""
    common = {
        "stack": one.stack.slug,
        "title": one.stack.title,
        "position": one.stack.position,
        "workload": one.workload,
        "run": str(one.run),
        "warnings": list(one.outcome.warnings),
    }
    if isinstance(one.outcome, RefusedStack):
        return {**common, "valid": False, "reasons": list(one.outcome.reasons)}
    return {**common, "valid": True, "reasons": [], **_figures(one.outcome, one.fit), **_observed(one)}


def _figures(capacity: Capacity, fit: Fit) -> dict[str, Any]:
    return {
        "objective_p99_ms": capacity.objective_ms,
        "capacity_rps": _quantiles(fit.capacity_rps),
        "knee_utilisation": capacity.curve.at(capacity.objective_ms),
        "service_demand_ms": capacity.service_demand_s * 1000,
        "service_demand_range_ms": _quantiles(fit.service_demand_s, times=1000),
        "database_demand_ms": capacity.database_demand_s * 1000,
        "saturation_rps": capacity.saturation_rate,
        "cpu_bound": capacity.cpu_bound,
        "disturbed": capacity.disturbed,
        "blocks": len(capacity.blocks),
        "indicative": capacity.is_prior,
    }


def _quantiles(interval: Interval | None, *, times: float = 1) -> dict[str, float] | None:
    """None where no measured utilisation met the objective."""
    if interval is None:
        return None
    return {"p10": interval.low * times, "p50": interval.mid * times, "p90": interval.high * times}


def _observed(one: MeasuredStack) -> dict[str, Any]:
    capacity = one.outcome
    memory = capacity.memory if isinstance(capacity, Capacity) else MemoryUse()
    return {
        "memory_mib": memory.p95_mib,
        "idle_memory_mib": one.idle_memory_mib,
        "memory_peak_mib": memory.peak_mib,
        "memory_slope_mib_s": memory.slope_mib_s,
        "cold_start_s": min(one.cold_starts_s, default=None),
        "cold_start_median_s": median(one.cold_starts_s) if one.cold_starts_s else None,
        "cold_starts_s": list(one.cold_starts_s),
        "windows": len(one.windows),
        "void_windows": sum(bool(window.void) for window in one.windows),
        "locust": _locust(row, one.fit.rows) if (row := _settled(one.fit.rows, StepKind.LOCUST)) else None,
        **_apart(one.fit.rows),
    }


def _apart(rows: Sequence[WindowRow]) -> dict[str, Any]:
    """Windows that are shown and enter no figure, where the profile has them."""
    crowd, confirmation = _settled(rows, StepKind.CROWD), _settled(rows, StepKind.CONFIRMATION)
    return {
        **({"crowd": _crowd(crowd)} if crowd else {}),
        **({"confirmation": _confirmation(confirmation)} if confirmation else {}),
    }


def _settled(rows: Sequence[WindowRow], step: StepKind) -> WindowRow | None:
    """The last window of a kind that is not void; the last of all where each repeat was."""
    own = [row for row in rows if row.step is step]
    return next((row for row in reversed(own) if not row.void), own[-1] if own else None)


def _locust(row: WindowRow, rows: Sequence[WindowRow]) -> dict[str, Any]:
    """Beside it what the open loop saw at the same rate: of the same block, the last that is not void."""
    beside = [one for one in rows if one.step is StepKind.HALF_CAPACITY and one.block == row.block and not one.void]
    return {
        "offered_rps": row.offered_rate,
        "achieved_rps": row.achieved_rate,
        "errors": row.failed,
        "p99_ms": row.p99_ms,
        "open_loop_achieved_rps": beside[-1].achieved_rate if beside else None,
        "open_loop_p99_ms": beside[-1].p99_ms if beside else None,
    }


def _crowd(row: WindowRow) -> dict[str, Any]:
    return {"achieved_rps": row.achieved_rate, "errors": row.failed, "p50_ms": row.p50_ms, "p99_ms": row.p99_ms}


def _confirmation(row: WindowRow) -> dict[str, Any]:
    return {"offered_rps": row.offered_rate, "p99_ms": row.p99_ms, "utilisation": row.utilisation, "errors": row.failed}
