"""One line of docs/benchmarks.md."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`spread` says how far the repeats lay apart."""

    what: str
    measured: str
    spread: str


def spread(values: Sequence[float], form: str = ",.0f", *, of: str = "rounds") -> str:
    """`980-1,020 in 3 rounds`."""
    return f"{min(values):{form}}-{max(values):{form}} in {len(values)} {of}"


def middle(values: Sequence[float], form: str = ",.0f") -> str:
    """The median."""
    return f"{statistics.median(values):{form}}"
