"""Estimates as one JSON list of flat rows, written as they are read. Money and large counts are decimal strings."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal

from estimator.exports.csv_text import Cell
from estimator.exports.estimate_rows import HEADER, all_estimate_rows
from estimator.models import Estimate


def json_lines(estimates: Iterable[Estimate]) -> Iterator[str]:
    """The list, a row a line."""
    before = "[\n"
    for row in all_estimate_rows(estimates):
        yield before + json.dumps(dict(zip(HEADER, map(_value, row), strict=True)), ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _value(cell: Cell) -> str | int | float | None:
    return f"{cell:f}" if isinstance(cell, Decimal) else cell
