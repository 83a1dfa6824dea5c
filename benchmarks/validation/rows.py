"""What a check must give, what it gave, and the table of both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended."""

    HOLDS = "holds"
    FALLS_SHORT = "falls short"
    NOT_TESTABLE = "not testable here"
    FOR_INFORMATION = "for information"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the validation table."""

    check: str
    must_be: str
    measured: str
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Check:
    """What is checked and the bound it must keep."""

    name: str
    must_be: str

    def judged(self, measured: str, *, holds: bool) -> Row:
        """The row of a figure that was measured."""
        return self._row(measured, Outcome.HOLDS if holds else Outcome.FALLS_SHORT)

    def not_testable(self, reason: str) -> Row:
        """The row of a figure that cannot be measured on this machine, and what would change that."""
        return self._row(reason, Outcome.NOT_TESTABLE)

    def told(self, measured: str) -> Row:
        """The row of a figure that decides nothing."""
        return self._row(measured, Outcome.FOR_INFORMATION)

    def _row(self, measured: str, outcome: Outcome) -> Row:
        return Row(check=self.name, must_be=self.must_be, measured=measured, outcome=outcome)


def table(heading: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    """A table that reads the same on a terminal and as Markdown."""
    cells = [list(heading), *(list(line) for line in lines)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    drawn = [_line(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    return [drawn[0], _line("-" * width for width in widths), *drawn[1:]]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def validation_table(rows: Iterable[Row]) -> list[str]:
    """The table of all checks."""
    lines = [(row.check, row.must_be, row.measured, row.outcome.value) for row in rows]
    return table(("check", "must be", "measured", "verdict"), lines)


def shortfalls(rows: Iterable[Row]) -> list[str]:
    """Each check that was measured and does not hold, with its figures."""
    fallen = (row for row in rows if row.outcome is Outcome.FALLS_SHORT)
    return [f"{row.check}: measured {row.measured}, must be {row.must_be}" for row in fallen]


def untested(rows: Iterable[Row]) -> list[str]:
    """Each check that this machine cannot carry out, with its reason."""
    return [f"{row.check}: {row.measured}" for row in rows if row.outcome is Outcome.NOT_TESTABLE]
