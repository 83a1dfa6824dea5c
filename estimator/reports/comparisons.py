"""Which stack carries more: every pair, compared block by block, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """C of the stack that carried more over C of the other, with its 95 % interval; `high` is None where nothing bounds
    it: a single block tells no spread."""

    first: str
    second: str
    ratio: float
    low: float
    high: float | None
    basis: str

    @property
    def decided(self) -> bool:
        """Whether the interval excludes equality."""
        return self.low > 1


def comparison_rows(data: Mapping[str, Any]) -> tuple[ComparisonRow, ...]:
    """The pairs of a projection's JSON, those told apart first, the largest difference leading.

    Estimates that were frozen before pairs were compared have none."""
    titles = {one["stack"]: one["title"] for one in data["capacities"]}
    rows = [_row(one, titles) for one in data["verdict"].get("capacity_comparisons", ())]
    return tuple(sorted(rows, key=lambda row: (not row.decided, -row.ratio)))


def _row(one: Mapping[str, Any], titles: Mapping[str, str]) -> ComparisonRow:
    first, second = (titles.get(one[name], one[name]) for name in ("first", "second"))
    ratio, low, high = one["ratio"], one["low"], one["high"]
    if ratio < 1:  # read the other way round: who carried more stands first
        first, second = second, first
        ratio, low, high = 1 / ratio, 1 / high if high else 0.0, 1 / low if low else None
    return ComparisonRow(first=first, second=second, ratio=ratio, low=low, high=high, basis=one["basis"])
