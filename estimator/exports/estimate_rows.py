"""An estimate's frozen content as flat rows: one for each stack on each machine; columns are only ever added."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from estimator.exports.csv_text import Cell
from estimator.models import Estimate
from estimator.services.estimates import frozen_content

Content = Mapping[str, Any]
_MONTH = 1  # content holds the first month's cost; the year is a column of its own
_QUANTILES = ("p10", "p50", "p90")


def _amount(text: str | None) -> Decimal | None:
    """Money and large counts are frozen as decimal text; in a table they are numbers."""
    return None if text is None else Decimal(text)


def _of_row(name: str) -> Callable[[Content, Content], Cell]:
    return lambda content, row: row.get(name)


def _amount_of_row(name: str, part: str | None = None) -> Callable[[Content, Content], Cell]:
    return lambda content, row: _amount(row.get(name, {}).get(part) if part else row.get(name))


def _count(part: str) -> Callable[[Content, Content], Cell]:
    return lambda content, row: row.get("instances_range", {}).get(part)


def _lines(name: str) -> Callable[[Content, Content], Cell]:
    return lambda content, row: "; ".join(row.get(name, ()))


def _traffic(name: str) -> Callable[[Content, Content], Cell]:
    return lambda content, row: content["traffic"][name]


_COLUMNS: Mapping[str, Callable[[Content, Content], Cell]] = {
    "requests_per_day": lambda content, row: _amount(content["traffic"]["requests_per_day"]),
    "slo_p99_ms": _traffic("slo_p99_ms"),
    "month": lambda content, row: _MONTH,
    "workload": lambda content, row: content["workload"],
    "stack": _of_row("stack"),
    "stack_title": _of_row("title"),
    "hardware": _of_row("hardware"),
    "region": _of_row("region"),
    "term": _of_row("term"),
    "instances": _of_row("instances"),
    **{f"instances_{part}": _count(part) for part in _QUANTILES},
    "currency": _of_row("currency"),
    **{f"monthly_cost_{part}": _amount_of_row("monthly_cost", part) for part in _QUANTILES},
    **{f"year_cost_{part}": _amount_of_row("year_cost", part) for part in _QUANTILES},
    "cost_per_million_requests": _amount_of_row("cost_per_million_requests"),
    "cost_scope": lambda content, row: "compute only",
    "binding_constraint": _of_row("binding_constraint"),
    "headroom": _of_row("headroom"),
    "priced_as_of": _of_row("priced_as_of"),
    "price_source": _of_row("price_source"),
    "hourly_price": _amount_of_row("hourly_price"),
    "run": lambda content, row: int(row["run"]) if row.get("run") else None,
    "refused_because": _lines("reasons"),
    "warnings": _lines("warnings"),
    "assumptions": _lines("assumptions"),
}
_ESTIMATE = ("estimate_id", "estimate", "target", "cost_centre", "frozen_at", "content_hash")
HEADER = (*_ESTIMATE, *_COLUMNS)


def estimate_rows(estimate: Estimate) -> Iterator[list[Cell]]:
    """The rows under HEADER; a refused stack has a row with its reasons and no figure. Raises Tampered."""
    content = frozen_content(estimate)
    start: list[Cell] = [
        estimate.pk,
        estimate.title,
        estimate.target_name,
        estimate.cost_centre,
        estimate.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        estimate.content_hash,
    ]
    for row in (*content["rows"], *content["refused"]):
        yield [*start, *(value(content, row) for value in _COLUMNS.values())]
