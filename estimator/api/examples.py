"""Requests as the schema shows them; each of them works once its plan, stacks and workloads are there."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

RUN: Mapping[str, Any] = {"plan": 1}
PLAN: Mapping[str, Any] = {
    "name": "Three frameworks, standard",
    "stacks": ["fastapi", "flask", "django"],
    "workloads": ["user_lookup"],
    "profile": "standard",
}
JOURNEY: Mapping[str, Any] = {
    "name": "Read and look around",
    "slug": "look-around",
    "parts": [{"workload": "user_lookup", "weight": 60}, {"workload": "json", "weight": 40}],
    "think_from_s": 0.5,
    "think_to_s": 1.5,
}
TARGET: Mapping[str, Any] = {
    "name": "Shop, 2027",
    "requests_per_day": 10_000_000,
    "slo_p99_ms": 100,
    "headroom": 0.25,
    "zones": 3,
    "survive_zone_loss": True,
    "currency": "USD",
    "cost_centre": "4711",
}
FREEZE: Mapping[str, Any] = {"traffic": "10M/day", "slo_p99_ms": 50, "title": "Budget 2027", "cost_centre": "4711"}
COMPARISON: Mapping[str, Any] = {"base": 1, "head": 2, "traffic": "10M/day", "max_increase_percent": 5}


def shown_with(example: Mapping[str, Any]) -> Callable[[Decorated], Decorated]:
    """Class decorator: the serializer's request example."""
    shown = OpenApiExample("Example", value=dict(example), request_only=True)
    decorate: Callable[[Decorated], Decorated] = extend_schema_serializer(examples=[shown])
    return decorate
