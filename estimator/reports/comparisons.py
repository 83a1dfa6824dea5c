"""Which stack carries more: every pair, compared block by block, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """C of the first over C of the second, with its 95 % interval; `high` is None where one block tells no spread."""

    first: str
    second: str
    ratio: float
    low: float
    high: float | None
    verdict: str
    basis: str
    decided: bool


def comparison_rows(data: Mapping[str, Any]) -> tuple[ComparisonRow, ...]:
    """The pairs of a projection's JSON, those told apart first, the largest difference leading.

    Estimates that were frozen before pairs were compared have none."""
    titles = {one["stack"]: one["title"] for one in data["capacities"]}
    rows = [_row(one, titles) for one in data["verdict"].get("capacity_comparisons", ())]
    return tuple(sorted(rows, key=lambda row: (not row.decided, -max(row.ratio, 1 / row.ratio))))


def _row(one: Mapping[str, Any], titles: Mapping[str, str]) -> ComparisonRow:
    return ComparisonRow(
        first=titles.get(one["first"], one["first"]),
        second=titles.get(one["second"], one["second"]),
        ratio=one["ratio"],
        low=one["low"],
        high=one["high"],
        verdict=one["verdict"],
        basis=one["basis"],
        decided=one["low"] > 1 or (one["high"] is not None and one["high"] < 1),
    )
