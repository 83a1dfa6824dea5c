"""A projection as plain data: the documented JSON shape, money as decimal strings."""

import math
from decimal import Decimal
from typing import Any

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.exchange import ExchangeRate
from estimator.domain.cost.options import PricedFleet
from estimator.domain.cost.pricing import Money, Price
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.comparison import CapacityComparison
from estimator.domain.reporting.answer_rendering import answers_json, money_json, share_json
from estimator.domain.reporting.parts import month_costs, upfront_share
from estimator.domain.reporting.projection import Projection
from estimator.domain.reporting.trace import Step, carried_at_p50, rate_to_carry
from estimator.domain.reporting.verdict import Verdict
from estimator.domain.statistics import Interval, Quantiles

Json = dict[str, Any]


def to_json(projection: Projection, *, all_rows: bool = False) -> Json:
    """The whole answer. Rows are each stack's cheapest in the verdict's term, or all of them."""
    rows = projection.rows if all_rows else projection.cheapest
    return {
        "traffic": traffic_json(projection.target),
        "term": str(projection.term),
        "rows": [row_json(row) for row in rows],
        "verdict": verdict_json(projection.verdict),
        "answers": [answers_json(answers) for answers in projection.answers],
        "sweep": [fleet_json(fleet) for fleets in projection.sweep.values() for fleet in fleets],
        "refused": [
            {"stack": stack.stack, "reasons": list(stack.reasons), "warnings": list(stack.warnings), "run": stack.run}
            for stack in projection.refused
        ],
        "excluded": [
            {"stack": exclusion.stack or None, "reason": exclusion.reason, "hardware": list(exclusion.hardware)}
            for exclusion in projection.excluded
        ],
        "not_counted": list(projection.not_counted),
        "draws": projection.draws,
        "seed": projection.seed,
    }


def traffic_json(target: TrafficTarget) -> Json:
    """The target with its units in the names."""
    policy = target.redundancy
    return {
        "name": target.name,
        "requests_per_day": plain(target.requests_per_day),
        "requests_per_month": plain(target.requests_per_month),
        "mean_requests_per_second": target.mean_rate,
        "peak_to_mean": _interval(target.peak_to_mean),
        "growth_per_month": _interval(target.growth_per_month),
        "slo_p99_ms": target.objective_ms,
        "slo_error_rate": target.error_rate,
        "headroom": target.headroom,
        "zones": policy.zones,
        "survive_zone_loss": policy.survive_zone_loss,
        "minimum_instances": policy.minimum_instances,
        "spares": policy.spares,
        "regions": list(target.regions),
        "currency": target.currency,
        "cost_centre": target.cost_centre,
        "monthly_budget": None if target.monthly_budget is None else plain(target.monthly_budget),
        **({} if target.monthly_budget is None else {"budget_thresholds": list(target.budget_thresholds)}),
    }


def row_json(row: CostRow) -> Json:
    """One row, flat but for its quantiles."""
    return {
        "stack": row.stack,
        "title": row.label,
        "hardware": row.hardware.label,
        "region": row.price.region,
        "term": str(row.price.term),
        "instances": row.instances.p50,
        "instances_range": _counts(row.instances),
        "instances_month_12": row.fleet.instances_month_12.p50,
        "currency": row.price.currency,
        "monthly_cost": money_json(row.monthly_cost),
        "year_cost": money_json(row.year_cost),
        "cost_per_million_requests": exact(row.cost_per_million_requests),
        "binding_constraint": row.binding_constraint,
        "headroom": round(row.headroom, 3),
        "priced_as_of": row.price.as_of.isoformat(),
        "hourly_price": f"{row.price.hourly.normalize():f}",
        "price_source": row.price.source,
        "run": row.run,
        "assumptions": list(row.assumptions),
        "warnings": list(row.warnings),
        **listed_json(row.price),
    }


def listed_json(price: Price) -> Json:
    """What the source lists and the rate, where the price was converted; else nothing."""
    if price.listed is None or price.rate is None:
        return {}
    return {
        "listed": {
            "currency": price.listed.currency,
            "hourly_price": _number(price.listed.hourly),
            "exchange_rate": _number(price.rate.rate),
            "exchange_rate_as_of": price.rate.as_of.isoformat(),
            "exchange_rate_source": price.rate.source,
        }
    }


def rate_json(rate: ExchangeRate) -> Json:
    """A rate with its day and source; `sentence` says all of it in words."""
    return {
        "base": rate.base,
        "quote": rate.quote,
        "rate": _number(rate.rate),
        "as_of": rate.as_of.isoformat(),
        "source": rate.source,
        "licence": rate.licence,
        "calculated_from": list(rate.calculated_from),
        "sentence": rate.sentence,
    }


def parts_json(row: CostRow) -> Json:
    """What an estimate adds to a row, so that it can be taken apart: twelve months, and every input at its middle."""
    return {
        "upfront_per_instance_month": plain_price(upfront_share(row)),
        "months": [
            {
                "month": month.month,
                "requests_per_day": plain(month.requests_per_day),
                "instances": _counts(month.instances),
            }
            for month in month_costs(row)
        ],
        "scenario": {
            "requests_per_second_to_carry": rate_to_carry(row),
            "requests_per_second_per_instance": row.fleet.middle.rate,
            "p50_requests_per_second_per_instance": carried_at_p50(row),
        },
    }


def plain_price(amount: Decimal) -> str:
    """A price to the eight places that price lists have, without exponent or trailing zeros."""
    return f"{amount.quantize(Decimal('0.00000001')).normalize():f}"


def fleet_json(fleet: PricedFleet) -> Json:
    """A stack's cheapest fleet at some traffic."""
    return {
        "stack": fleet.row.stack,
        "requests_per_day": plain(fleet.requests_per_day),
        "hardware": fleet.row.hardware.label,
        "region": fleet.row.price.region,
        "instances": fleet.instances.p50,
        "currency": fleet.row.price.currency,
        "monthly_cost": money_json(fleet.monthly_cost),
        "priced_as_of": fleet.row.price.as_of.isoformat(),
    }


def verdict_json(verdict: Verdict) -> Json:
    """The verdict with all its parts."""
    threshold, difference = verdict.indifference_per_day, verdict.difference_at_ten_times
    return {
        "sentence": verdict.sentence,
        "outcome": str(verdict.outcome),
        "same_cost": verdict.same_cost,
        "cheapest": verdict.cheapest,
        "probability": verdict.probability,
        "cheapest_shares": [share_json(share) for share in verdict.cheapest_shares],
        "same_bill_probability": verdict.same_bill,
        "comparisons": [
            {
                "stack": comparison.stack,
                "other": comparison.other,
                "saving": str(comparison.saving.rounded()),
                "currency": comparison.saving.currency,
                "probability": comparison.probability,
                "decided": comparison.decided,
            }
            for comparison in verdict.comparisons
        ],
        "capacity_comparisons": [comparison_json(one) for one in verdict.capacity_comparisons],
        "indifference_requests_per_day": None if threshold is None else plain(threshold),
        "first_to_grow": list(verdict.first_to_grow),
        "at_ten_times": [fleet_json(fleet) for fleet in verdict.at_ten_times],
        "difference_at_ten_times": None if difference is None else str(difference.rounded()),
    }


def comparison_json(found: CapacityComparison) -> Json:
    """The ratio first/second; its upper end is null where a single pair tells no spread."""
    return {
        "first": found.first,
        "second": found.second,
        "ratio": round(found.ratio, 4),
        "low": round(found.low, 4),
        "high": None if math.isinf(found.high) else round(found.high, 4),
        "pairs": found.pairs,
        "basis": str(found.basis),
        "verdict": str(found.ranking),
    }


def steps_json(steps: tuple[Step, ...]) -> list[Json]:
    """The arithmetic; exact numbers as strings, measured ones as numbers."""
    return [
        {
            "name": step.name,
            "formula": step.formula,
            "inputs": [
                {"name": given.name, "value": _number(given.value), "unit": given.unit, "origin": given.origin}
                for given in step.inputs
            ],
            "value": _number(step.value),
            "unit": step.unit,
        }
        for step in steps
    ]


def plain(number: Decimal) -> str:
    """A decimal without exponent or trailing zeros; parts of a request are dropped after three places."""
    text = f"{number.quantize(Decimal('0.001')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: Decimal | float | int) -> str | float | int:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _interval(interval: Interval) -> Json:
    return {"low": interval.low, "mid": interval.mid, "high": interval.high}


def _counts(counts: Quantiles[int]) -> Json:
    return {"p10": counts.p10, "p50": counts.p50, "p90": counts.p90}


def exact(money: Money) -> str:
    """Four places more than the minor unit: a million requests may cost less than a cent."""
    return f"{money.amount.quantize(Decimal('0.000001')):f}"
