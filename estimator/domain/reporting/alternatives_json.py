"""Containers, functions and lines as plain data: the documented JSON shape, money as decimal strings."""

from decimal import Decimal
from typing import Any

from estimator.domain.cost.containers import ContainerRow
from estimator.domain.cost.lines import LinedFleet, LineRow
from estimator.domain.cost.pricing import Money, MoneyQuantiles
from estimator.domain.cost.tariffs import Origin
from estimator.domain.reporting.alternatives import Alternatives, FunctionChoice
from estimator.domain.reporting.rendering import plain, rate_json, steps_json
from estimator.domain.reporting.tariff_trace import explain_container, explain_function, explain_line

Json = dict[str, Any]


def alternatives_json(alternatives: Alternatives, *, arithmetic: bool = False) -> Json:
    """The arrays that stand beside `rows`; with `arithmetic` each entry holds its steps."""
    return {
        "containers": [container_json(row, arithmetic=arithmetic) for row in alternatives.containers],
        "functions": [function_json(choice, arithmetic=arithmetic) for choice in alternatives.functions],
        "lines": [line_json(line, arithmetic=arithmetic) for fleet in alternatives.lined for line in fleet.lines],
        "lines_totals": [_total(fleet) for fleet in alternatives.lined],
        "unserved": [
            {"stack": one.stack, "service": one.service, "reason": one.reason} for one in alternatives.unserved
        ],
    }


def container_json(row: ContainerRow, *, arithmetic: bool) -> Json:
    """One stack in one container service, at its cheapest size."""
    tariff, counts = row.tariff, row.containers
    vcpus, memory, requests = row.parts(counts.p50)
    return {
        "stack": row.stack,
        "title": row.fleet.capacity.label,
        "service": tariff.label,
        "size": row.size.label,
        "vcpus": str(row.size.vcpus),
        "memory_gib": str(row.size.memory_gib),
        "region": tariff.region,
        "containers": counts.p50,
        "containers_range": {"p10": counts.p10, "p50": counts.p50, "p90": counts.p90},
        "currency": tariff.currency,
        "monthly_cost": _quantiles(row.monthly_cost),
        "parts": {"vcpus": _exact(vcpus), "memory": _exact(memory), "requests": _exact(requests)},
        "cost_per_million_requests": _exact(row.cost_per_million_requests),
        "binding_constraint": row.binding_constraint,
        "vcpu_hour": _price(tariff.vcpu_hour),
        "gib_hour": _price(tariff.gib_hour),
        "per_million_requests": _price(tariff.per_million_requests),
        "free_tier": tariff.free_tier,
        **_origin(tariff.origin),
        "run": row.fleet.capacity.run,
        "assumptions": list(row.assumptions),
        "warnings": list(row.warnings),
        **({"arithmetic": steps_json(explain_container(row))} if arithmetic else {}),
    }


def function_json(choice: FunctionChoice, *, arithmetic: bool) -> Json:
    """One stack in one function service, at its cheapest memory size."""
    row, tariff = choice.row, choice.row.tariff
    requests, duration = row.parts(row.billed_ms.p50)
    cheaper_from = choice.fleet_cheaper_from
    return {
        "stack": row.stack,
        "title": row.capacity.label,
        "service": tariff.label,
        "size": row.size.label,
        "memory_mib": row.size.memory_mib,
        "vcpus": str(row.size.vcpus),
        "region": tariff.region,
        "duration_ms": row.duration_s * 1000,
        "billed_ms": {"p10": str(row.billed_ms.p10), "p50": str(row.billed_ms.p50), "p90": str(row.billed_ms.p90)},
        "concurrency": row.concurrency,
        "currency": tariff.currency,
        "monthly_cost": _quantiles(row.monthly_cost),
        "parts": {"requests": _exact(requests), "duration": _exact(duration)},
        "cost_per_million_requests": _exact(row.cost_per_million_requests),
        "binding_constraint": row.binding_constraint,
        "instances_cheaper_from_requests_per_day": None if cheaper_from is None else plain(cheaper_from),
        "per_million_requests": _price(tariff.per_million_requests),
        "gib_second": _price(tariff.gib_second),
        "vcpu_second": _price(tariff.vcpu_second),
        "free_tier": tariff.free_tier,
        **_origin(tariff.origin),
        "run": row.capacity.run,
        "assumptions": list(row.assumptions),
        "warnings": list(row.warnings),
        **({"arithmetic": steps_json(explain_function(row))} if arithmetic else {}),
    }


def line_json(row: LineRow, *, arithmetic: bool) -> Json:
    """One line beside one fleet."""
    tariff, quantity = row.tariff, row.quantity
    return {
        "stack": row.beside.stack,
        "hardware": row.beside.hardware.label,
        "region": tariff.region,
        "line": row.line,
        "name": tariff.name,
        "unit": tariff.unit,
        "quantity": {"p10": plain(quantity.p10), "p50": plain(quantity.p50), "p90": plain(quantity.p90)},
        "currency": tariff.currency,
        "unit_price": _price(tariff.tiers[0].unit_price),
        "monthly_cost": _quantiles(row.monthly_cost),
        "formula": row.formula,
        **_origin(tariff.origin),
        **({"arithmetic": steps_json(explain_line(row))} if arithmetic else {}),
    }


def _total(fleet: LinedFleet) -> Json:
    """Compute and its lines apart and together, P50 by P50."""
    row = fleet.row
    return {
        "stack": row.stack,
        "title": row.label,
        "hardware": row.hardware.label,
        "region": row.price.region,
        "currency": row.price.currency,
        "compute": _exact(row.monthly_cost.p50),
        "lines": _exact(fleet.lines_p50),
        "with_compute": _exact(fleet.with_compute_p50),
        "uncounted": [{"line": one.line, "reason": one.reason} for one in fleet.uncounted],
    }


def _origin(origin: Origin) -> Json:
    found = {"price_source": origin.source, "priced_as_of": origin.as_of.isoformat(), "licence": origin.licence}
    return found if origin.rate is None else {**found, "converted_at": rate_json(origin.rate)}


def _quantiles(cost: MoneyQuantiles) -> Json:
    return {"p10": str(cost.p10.rounded()), "p50": str(cost.p50.rounded()), "p90": str(cost.p90.rounded())}


def _price(price: Decimal) -> str:
    return f"{price.normalize():f}"


def _exact(money: Money) -> str:
    return f"{money.amount.quantize(Decimal('0.000001')):f}"
