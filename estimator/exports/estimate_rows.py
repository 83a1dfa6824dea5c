"""Estimates as flat rows: one for each stack, machine and month. Columns and their meaning; they are only added to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from estimator.domain.cost.pricing import HOURS_PER_MONTH
from estimator.exports.csv_text import Cell
from estimator.exports.estimate_lines import QUANTILES, Line, estimate_lines
from estimator.models import Estimate
from estimator.services.estimates import Tampered

_MILLION = Decimal(1_000_000)
_DAYS = HOURS_PER_MONTH / 24


@dataclass(frozen=True, kw_only=True)
class Column:
    """What a column says, in which unit, and where a line's value comes from."""

    meaning: str
    unit: str
    of: Callable[[Line], Cell]


def _text(meaning: str, of: Callable[[Line], Cell]) -> Column:
    return Column(meaning=meaning, unit="text", of=of)


def _row(meaning: str, name: str, unit: str = "text") -> Column:
    return Column(meaning=meaning, unit=unit, of=lambda line: line.row.get(name))


def _joined(meaning: str, name: str) -> Column:
    return _text(meaning, lambda line: "; ".join(line.row.get(name, ())))


def _instances(part: str, name: str) -> Column:
    return Column(meaning=f"{name} of the fleet in this month", unit="instances", of=lambda line: line.instances(part))


def _cost(part: str) -> Column:
    of: Callable[[Line], Cell] = lambda line: line.cost(part)  # noqa: E731 - one value of the part, bound here
    return Column(meaning=f"{part.upper()} of this month's bill, exact", unit="currency", of=of)


def _year(part: str) -> Column:
    meaning = f"{part.upper()} of the twelve months together; the same in each of them"
    return Column(meaning=meaning, unit="currency", of=lambda line: line.year_costs.get(part))


def _listed(meaning: str, name: str, unit: str = "text") -> Column:
    def of(line: Line) -> Cell:
        told = line.listed.get(name)
        return told if told is None or unit == "text" else Decimal(told)

    return Column(meaning=f"{meaning}; empty where the price is listed in `currency`", unit=unit, of=of)


def _million(line: Line) -> Cell:
    cost = line.cost("p50")
    millions = line.requests_per_day() * _DAYS / _MILLION
    return None if cost is None else (cost / millions).quantize(Decimal("0.000001"))


COLUMNS: Mapping[str, Column] = {
    "estimate_id": Column(meaning="Id of the estimate", unit="number", of=lambda line: line.estimate.pk),
    "estimate": _text("Its title", lambda line: line.estimate.title),
    "target": _text("The traffic target it was made for", lambda line: line.estimate.target_name),
    "cost_centre": _text("Who pays", lambda line: line.estimate.cost_centre),
    "frozen_at": _text("When it was frozen, UTC", lambda line: f"{line.estimate.created_at:%Y-%m-%dT%H:%M:%SZ}"),
    "content_hash": _text("SHA-256 of all that was frozen", lambda line: line.estimate.content_hash),
    "requests_per_day": Column(
        meaning="Traffic of this month, with growth", unit="requests/day", of=lambda line: line.requests_per_day()
    ),
    "slo_p99_ms": Column(
        meaning="Latency objective at P99", unit="ms", of=lambda line: line.content["traffic"]["slo_p99_ms"]
    ),
    "month": Column(meaning="1 to 12; 1 is the month after the freezing", unit="number", of=lambda line: line.number),
    "workload": _text("What a request does", lambda line: line.content["workload"]),
    "stack": _row("Slug of the stack", "stack"),
    "stack_title": _row("Name of the stack", "title"),
    "hardware": _row("Provider and machine type", "hardware"),
    "region": _row("Region of the price", "region"),
    "term": _row("on_demand, reserved_1y, reserved_3y or spot", "term"),
    "instances": _instances("p50", "P50"),
    **{f"instances_{part}": _instances(part, part.upper()) for part in QUANTILES},
    "currency": _row("ISO 4217 currency of every amount in the row", "currency"),
    **{f"monthly_cost_{part}": _cost(part) for part in QUANTILES},
    **{f"year_cost_{part}": _year(part) for part in QUANTILES},
    "cost_per_million_requests": Column(
        meaning="This month's P50 over its requests", unit="currency per million requests", of=_million
    ),
    "cost_scope": _text("What is counted", lambda line: "compute only"),
    "binding_constraint": _row("What decides the instances of month 1", "binding_constraint"),
    "headroom": _row("Factor of traffic in month 1 until the next instance", "headroom", "factor"),
    "priced_as_of": _row("Day on which the source gave the price", "priced_as_of"),
    "price_source": _row("Source of the price", "price_source"),
    "hourly_price": Column(meaning="Of one instance", unit="currency per hour", of=lambda line: line.hourly_price),
    "run": Column(
        meaning="Run in which the stack was measured",
        unit="number",
        of=lambda line: int(line.row["run"]) if line.row.get("run") else None,
    ),
    "refused_because": _joined("Why the stack has no cost", "reasons"),
    "warnings": _joined("What to know about the measurement", "warnings"),
    "assumptions": _joined("What was assumed, not measured", "assumptions"),
    "month_starts": _text("First day of the calendar month", lambda line: f"{line.starts_at:%Y-%m-%d}"),
    "hours": Column(meaning="Hours of a month", unit="h", of=lambda line: HOURS_PER_MONTH if line.month else None),
    "upfront_per_instance_month": Column(
        meaning="Upfront payment of one instance, spread over its term",
        unit="currency per month",
        of=lambda line: line.upfront_share,
    ),
    "monthly_budget": Column(
        meaning="Budget of the target for a month; empty where it has none",
        unit="currency",
        of=lambda line: line.budget.amount if line.budget else None,
    ),
    "budget_status": _text(
        "Of this month: within, at risk (P90 is over the budget) or over (P50 is)", lambda line: line.budget_status
    ),
    "listed_currency": _listed("Currency in which the source lists the price", "currency"),
    "listed_hourly_price": _listed("What it lists", "hourly_price", "listed currency per hour"),
    "exchange_rate": _listed("What the price was converted at", "exchange_rate", "currency per listed currency"),
    "exchange_rate_as_of": _listed("Day of that rate", "exchange_rate_as_of"),
    "exchange_rate_source": _listed("Source of that rate", "exchange_rate_source"),
}
HEADER = tuple(COLUMNS)


def estimate_rows(estimate: Estimate) -> Iterator[list[Cell]]:
    """The rows under HEADER; a refused stack has a row with its reasons and no figure. Raises Tampered."""
    for line in estimate_lines(estimate):
        yield [column.of(line) for column in COLUMNS.values()]


def all_estimate_rows(estimates: Iterable[Estimate]) -> Iterator[list[Cell]]:
    """The rows of many, each verified as it is written; one that was edited is a row with that reason and no figure.

    A file of thousands is verified for minutes: nobody waits so long for its first byte, and one edited row must not
    keep the others from everybody.
    """
    for estimate in estimates:
        try:
            rows = list(estimate_rows(estimate))
        except Tampered as tampered:
            told: dict[str, Cell] = {"estimate_id": estimate.pk, "refused_because": str(tampered)}
            rows = [[told.get(name) for name in HEADER]]
        yield from rows
