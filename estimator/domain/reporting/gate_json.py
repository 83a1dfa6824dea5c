"""Two runs held against each other as plain data; money as decimal strings."""

from decimal import Decimal
from typing import Any

from estimator.domain.cost.costing import CostRow
from estimator.domain.reporting.gate import Judgement, StackChange
from estimator.domain.reporting.rendering import comparison_json, exact, row_json

Json = dict[str, Any]
_OF_ROW = ("run", "hardware", "region", "term", "instances", "currency", "monthly_cost", "cost_per_million_requests")


def gate_json(changes: tuple[StackChange, ...], judgement: Judgement) -> Json:
    """The judgement, and each stack on both sides."""
    return {"passed": judgement.passed, "reason": judgement.reason, "stacks": [_stack(change) for change in changes]}


def _stack(change: StackChange) -> Json:
    increase, capacity = change.increase_percent, change.capacity
    return {
        "stack": change.stack,
        "title": change.title,
        "verdict": str(change.change),
        "base": _side(change.base),
        "head": _side(change.head),
        "difference_per_million_requests": _difference(change),
        "increase_percent": None if increase is None else round(float(increase), 2),
        "probability_dearer": change.probability_dearer,
        "capacity_ratio": None if capacity is None else _ratio(comparison_json(capacity)),
        "reasons": list(change.reasons),
    }


def _side(row: CostRow | None) -> Json | None:
    if row is None:
        return None
    whole = row_json(row)
    return {name: whole[name] for name in _OF_ROW}


def _difference(change: StackChange) -> str | None:
    """As both are shown."""
    if change.base is None or change.head is None:
        return None
    before, after = (Decimal(exact(row.cost_per_million_requests)) for row in (change.base, change.head))
    return f"{after - before:f}"


def _ratio(compared: Json) -> Json:
    return {name: compared[name] for name in ("ratio", "low", "high", "pairs", "basis", "verdict")}
