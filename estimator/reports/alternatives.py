"""Instances, containers and functions side by side, put in order from a projection's JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from estimator.domain.cost.pricing import shown_price

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class AlternativeRow:
    """One way to rent, with its bill."""

    model: str
    what: str
    count: int | None  # machines or containers; a function has none
    row: Row
    price: str
    cheaper_from: str | None  # requests per day from which instances cost less; only of functions


@dataclass(frozen=True, kw_only=True)
class StackAlternatives:
    """One stack's ways to rent, cheapest first."""

    slug: str
    title: str
    style: int
    rows: tuple[AlternativeRow, ...]

    def shortened(self) -> "StackAlternatives":
        """Only the cheapest of each model, cheapest first."""
        firsts: dict[str, AlternativeRow] = {}
        for row in self.rows:
            firsts.setdefault(row.model, row)
        return replace(self, rows=tuple(firsts.values()))


@dataclass(frozen=True, kw_only=True)
class AlternativeSheet:
    """The section as a whole."""

    stacks: tuple[StackAlternatives, ...]
    unserved: tuple[Row, ...]
    free_tiers: tuple[tuple[str, str], ...]
    assumptions: tuple[str, ...]
    lines: tuple[Row, ...]
    totals: tuple[Row, ...]

    @property
    def shortlist(self) -> tuple[StackAlternatives, ...]:
        """Each stack in each model once: what a reader compares first."""
        return tuple(stack.shortened() for stack in self.stacks)

    @property
    def ways(self) -> int:
        """How many ways to rent all stacks have together."""
        return sum(len(stack.rows) for stack in self.stacks)


def alternative_sheet(
    data: Mapping[str, Any], cheapest: Sequence[Row], styles: Mapping[str, int]
) -> AlternativeSheet | None:
    """None where neither containers nor functions nor lines were priced, as in older estimates."""
    containers, functions = data.get("containers", ()), data.get("functions", ())
    lines, totals = tuple(data.get("lines", ())), tuple(data.get("lines_totals", ()))
    if not (containers or functions or totals):
        return None
    rented = (*containers, *functions)
    return AlternativeSheet(
        stacks=tuple(_stack(row, containers, functions, styles) for row in cheapest),
        unserved=tuple(data.get("unserved", ())),
        free_tiers=tuple({row["service"]: row["free_tier"] for row in rented if row["free_tier"]}.items()),
        assumptions=tuple(dict.fromkeys(text for row in rented for text in row["assumptions"])),
        lines=lines,
        totals=totals,
    )


def _stack(
    cheapest: Row, containers: Iterable[Row], functions: Iterable[Row], styles: Mapping[str, int]
) -> StackAlternatives:
    stack = cheapest["stack"]
    rows = [
        _instances(cheapest),
        *(_container(row) for row in containers if row["stack"] == stack),
        *(_function(row) for row in functions if row["stack"] == stack),
    ]
    ordered = tuple(sorted(rows, key=_p50))
    return StackAlternatives(slug=stack, title=cheapest["title"], style=styles.get(stack, 0), rows=ordered)


def _p50(one: AlternativeRow) -> Decimal:
    return Decimal(one.row["monthly_cost"]["p50"])


def _instances(row: Row) -> AlternativeRow:
    price = f"{row['region']}, {_price(row, 'hourly_price')}/h"
    return _row("instances", row["hardware"], row, price, count=row["instances"])


def _container(row: Row) -> AlternativeRow:
    price = f"{row['region']}, {_price(row, 'vcpu_hour')} per vCPU-hour, {_price(row, 'gib_hour')} per GiB-hour"
    return _row("containers", f"{row['service']}, {row['size']}", row, price, count=row["containers"])


def _function(row: Row) -> AlternativeRow:
    price = f"{row['region']}, {_price(row, 'per_million_requests')} per million, {_price(row, 'gib_second')} per GiB-s"
    return _row(
        "functions",
        f"{row['service']}, {row['size']}",
        row,
        price,
        cheaper_from=row["instances_cheaper_from_requests_per_day"],
    )


def _price(row: Row, name: str) -> str:
    return f"{shown_price(Decimal(row[name]))} {row['currency']}"


def _row(
    model: str, what: str, row: Row, price: str, *, count: int | None = None, cheaper_from: str | None = None
) -> AlternativeRow:
    dated = f"{price} as of {row['priced_as_of']}, {row['price_source']}"
    return AlternativeRow(model=model, what=what, count=count, row=row, price=dated, cheaper_from=cheaper_from)
