"""Rows of a frozen estimate read back from its JSON: bills as they were, never calculated anew from measurements."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.pricing import HOURS_PER_MONTH, Money
from estimator.domain.cost.traffic import Redundancy
from estimator.domain.reporting.difference import Bill, Demand

Json = Mapping[str, Any]


class NotKept(LookupError):
    """An estimate was frozen before it kept what is asked of it; the message says what to do instead."""


def row_key(row: Json) -> tuple[str, str, str, str]:
    """Machine, region, term and currency: what a price is for."""
    return row["hardware"], row["region"], row["term"], row["currency"]


def cheapest_rows(content: Json) -> dict[str, Json]:
    """Each stack's row with the lowest P50 bill of a month, the first of equal ones; by slug."""
    found: dict[str, Json] = {}
    for row in content["rows"]:
        best = found.setdefault(row["stack"], row)
        if p50_of(row) < p50_of(best):
            found[row["stack"]] = row
    return found


def p50_of(row: Json) -> Decimal:
    """The P50 bill of month 1, as shown."""
    return Decimal(row["monthly_cost"]["p50"])


def monthly_price(row: Json) -> Money:
    """Of one instance: its hours and its share of an upfront payment. Raises NotKept."""
    share = row.get("upfront_per_instance_month")
    if share is None or not row.get("months"):
        raise NotKept(
            f"{row['title']} on {row['hardware']}: an estimate was frozen before its months and prices were kept in"
            " full; freeze a new one."
        )
    return Money(amount=HOURS_PER_MONTH * Decimal(row["hourly_price"]) + Decimal(share), currency=row["currency"])


def bills_of(content: Json, row: Json) -> tuple[Bill, Bill]:
    """The P50 bill of month 1 and that of the twelve months. Raises NotKept."""
    price, months = monthly_price(row), row["months"]
    counts = [int(month["instances"]["p50"]) for month in months]
    scenario, traffic = row.get("scenario", {}), content["traffic"]
    performance = scenario.get("p50_requests_per_second_per_instance")
    rule = FleetRule.of(redundancy_of(traffic))
    first = scenario.get("requests_per_second_to_carry", 0.0)
    rates = [first * factor for factor in _growth_factors(traffic, len(months))]

    def bill(until: int) -> Bill:
        demand = Demand(rates=tuple(rates[:until]), rule=rule)
        return Bill(price=price, performance=performance, demand=demand, instances=sum(counts[:until]))

    return bill(1), bill(len(months))


def redundancy_of(traffic: Json) -> Redundancy:
    """The policy that the fleets of an estimate keep."""
    names = ("zones", "survive_zone_loss", "minimum_instances", "spares")
    return Redundancy(**{name: traffic[name] for name in names})


def _growth_factors(traffic: Json, months: int) -> Iterable[float]:
    """The same floats as TrafficTarget.growth_factor."""
    growth = traffic["growth_per_month"]["mid"]
    return (float((1 + growth) ** month) for month in range(months))
