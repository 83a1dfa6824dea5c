"""Estimates as workbooks: real numbers, and formulas that calculate each bill from hours, price and instances."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import chain

from estimator.domain.cost.pricing import HOURS_PER_MONTH
from estimator.exports.estimate_lines import Content, Line, estimate_lines, months_of
from estimator.exports.estimate_rows import COLUMNS, HEADER, all_estimate_rows, estimate_rows
from estimator.exports.xlsx import Formula, Row, Sheet, column_name, row_number, workbook
from estimator.models import Estimate
from estimator.services.estimates import frozen_content

_HOURS_AT = "$B$2"  # where the assumptions name the hours of a month
_FIRST_LINE = 6  # of the assumptions' table
_PARTS = ("instances", "hours", "hourly_price", "upfront_per_instance_month", "monthly_cost_p50")


def estimate_workbook(estimate: Estimate) -> Iterator[bytes]:
    """Summary, rows and assumptions of one estimate. Raises Tampered."""
    content = frozen_content(estimate)
    lines = [line for line in estimate_lines(estimate) if line.month]
    sheets = [
        Sheet(name="Summary", rows=_summary(estimate, content, lines), widths=(34, 30, 16, 20)),
        Sheet(name="Rows", rows=chain([HEADER], estimate_rows(estimate))),
        Sheet(name="Assumptions", rows=_assumptions(lines), headings=0, widths=(34, 30, 16, 12, 8)),
    ]
    return workbook(sheets)


def all_estimates_workbook(estimates: Iterable[Estimate]) -> Iterator[bytes]:
    """Every row of many estimates, each with its bill calculated again beside it; written as they are read."""
    rows = (_with_formula(row_number(index), row) for index, row in enumerate(all_estimate_rows(estimates)))
    return workbook([Sheet(name="Rows", rows=chain([(*HEADER, "recalculated")], rows)), _columns()])


def _with_formula(number: int, row: Row) -> Row:
    at = {name: f"{column_name(HEADER.index(name))}{number}" for name in _PARTS}
    cost = row[HEADER.index("monthly_cost_p50")]
    if not isinstance(cost, Decimal) or row[HEADER.index("upfront_per_instance_month")] is None:
        return row
    text = f"{at['instances']}*({at['hours']}*{at['hourly_price']}+{at['upfront_per_instance_month']})"
    return [*row, Formula(text=text, value=cost)]


def _columns() -> Sheet:
    """What each column means."""
    rows = ([name, column.meaning, column.unit] for name, column in COLUMNS.items())
    return Sheet(name="Columns", rows=chain([("column", "meaning", "unit")], rows), widths=(30, 60, 30))


def _summary(estimate: Estimate, content: Content, lines: list[Line]) -> Iterator[Row]:
    yield ["Estimate", estimate.title]
    yield ["This is an estimate, not a bill. Compute only."]
    yield ["Traffic target", estimate.target_name]
    yield ["Cost centre", estimate.cost_centre]
    yield ["Frozen at (UTC)", f"{estimate.created_at:%Y-%m-%dT%H:%M:%SZ}"]
    yield ["SHA-256 of the content", estimate.content_hash]
    yield ["Verdict", content["verdict"]["sentence"]]
    yield from (["Exchange rate", rate["sentence"]] for rate in content.get("exchange_rates", ()))
    yield []
    yield ["Stack", "Machine", "Currency", "First month, P50", "All months, P50", "Months"]
    first = _FIRST_LINE
    for line in lines:
        if line.number == 1:
            months = len(months_of(line.row))
            yield _fleet(line, first, months)
            first += months


def _fleet(line: Line, first: int, months: int) -> Row:
    """One stack on one machine; its months stand below one another in the assumptions."""
    cost = [_cost(replace(line, month=month)) for month in months_of(line.row)]
    return [
        line.row["title"],
        line.row["hardware"],
        line.row["currency"],
        Formula(text=f"Assumptions!J{first}", value=cost[0]),
        Formula(text=f"SUM(Assumptions!J{first}:J{first + months - 1})", value=sum(cost, Decimal(0))),
        months,
    ]


def _assumptions(lines: list[Line]) -> Iterator[Row]:
    converted = any(line.listed for line in lines)
    yield ["Change a figure here and every bill follows."]
    yield ["Hours of a month", HOURS_PER_MONTH]
    yield []
    yield ["Cost = instances x (hours x hourly price + upfront payment of an instance spread over its term)"]
    yield [
        *("Stack", "Machine", "Region", "Term", "Month", "Instances, P50", "Hourly price"),
        *("Upfront per instance and month", "Currency", "Cost", "Cost as frozen", "Difference"),
        *("Priced as of", "Source of the price"),
        *(("Listed price", "Listed in", "Exchange rate") if converted else ()),
    ]
    for number, line in enumerate(lines, _FIRST_LINE):
        cost, row = _cost(line), line.row
        yield [
            *(row["title"], row["hardware"], row["region"], row["term"], line.number, line.instances()),
            *(_hourly(line, number), _upfront(line, number), row["currency"]),
            Formula(text=f"F{number}*({_HOURS_AT}*G{number}+H{number})", value=cost),
            cost,
            Formula(text=f"J{number}-K{number}", value=Decimal(0)),
            *(row["priced_as_of"], row["price_source"]),
            *_listed(line),
        ]


def _hourly(line: Line, number: int) -> Formula | Decimal | None:
    """A converted price follows the rate that stands in its row."""
    hourly = line.hourly_price
    return Formula(text=f"O{number}*Q{number}", value=hourly) if line.listed and hourly is not None else hourly


def _upfront(line: Line, number: int) -> Formula | Decimal:
    share = _share(line)
    if not line.listed or not share:
        return share
    return Formula(text=f"{share:f}/{line.listed['exchange_rate']}*Q{number}", value=share)


def _listed(line: Line) -> Row:
    if not line.listed:
        return []
    listed = line.listed
    return [Decimal(listed["hourly_price"]), listed["currency"], Decimal(listed["exchange_rate"])]


def _cost(line: Line) -> Decimal:
    return line.cost("p50") or Decimal(0)


def _share(line: Line) -> Decimal:
    """Estimates older than the column: what is left of the rounded bill beside the hours."""
    if line.upfront_share is not None:
        return line.upfront_share
    instances, hourly = line.instances() or 1, line.hourly_price or Decimal(0)
    return _cost(line) / instances - HOURS_PER_MONTH * hourly
