"""The data dictionary: every column of every flat file, by the headings that write them. One without words fails."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from estimator.exports.claim_words import CLAIM_WORDS
from estimator.exports.claims import HEADER as CLAIMS_HEADER
from estimator.exports.estimate_rows import COLUMNS, Column
from estimator.exports.focus import VERSIONS, focus_header
from estimator.exports.focus_words import FOCUS_WORDS
from estimator.exports.words import DATE, DATE_TIME, DECIMAL, NUMBER, TEXT, WHOLE, Word

_DAYS = {"frozen_at": DATE_TIME, "month_starts": DATE, "priced_as_of": DATE, "exchange_rate_as_of": DATE}
_TYPES = {
    "text": TEXT,
    "number": WHOLE,
    "instances": WHOLE,
    "ms": NUMBER,
    "factor": NUMBER,
}  # by unit; the rest is exact
_RECALCULATED = Word(
    meaning="In estimates.xlsx: P50 of the month, calculated again by a formula", unit="currency", type=DECIMAL
)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The columns of files that share them, in their order."""

    slug: str
    title: str
    files: Sequence[str]
    columns: Mapping[str, Word]


def dictionary() -> tuple[Table, ...]:
    """All tables. Raises KeyError for a column without words."""
    return (_estimates(), *map(_focus, VERSIONS), _claims())


def dictionary_markdown(tables: Iterable[Table]) -> Iterator[str]:
    """For docs/data-dictionary.md: a table for each."""
    for table in tables:
        files = ", ".join(f"`{name}`" for name in table.files)
        yield f"\n## {table.title}\n\n{files}\n\n| column | meaning | unit | type |\n|---|---|---|---|\n"
        yield from (
            f"| `{name}` | {word.meaning} | {word.unit} | {word.type} |\n" for name, word in table.columns.items()
        )


def type_of(name: str, column: Column) -> str:
    """As which type a column of an estimate's rows is written."""
    return _DAYS.get(name) or _TYPES.get(column.unit, DECIMAL)


def _estimates() -> Table:
    return Table(
        slug="estimates",
        title="Estimates: one row for each estimate, stack, machine and month",
        files=("estimates.csv", "estimates.xlsx", "estimates.json", "estimates/{id}.csv", "estimates/{id}.xlsx, Rows"),
        columns={name: _word(name, column) for name, column in COLUMNS.items()} | {"recalculated": _RECALCULATED},
    )


def _word(name: str, column: Column) -> Word:
    kind = type_of(name, column)
    return Word(meaning=column.meaning, unit="" if column.unit == "text" else column.unit, type=kind)


def _focus(version: str) -> Table:
    default = version == VERSIONS[0]
    return Table(
        slug=f"focus-{version}",
        title=f"FOCUS {version}: of each stack the cheapest fleet, a row for each month",
        files=("estimates/{id}.focus.csv" if default else f"estimates/{{id}}.focus.csv?version={version}",),
        columns=_worded(focus_header(version), FOCUS_WORDS),
    )


def _claims() -> Table:
    return Table(
        slug="claims",
        title="Claims: one row for each published figure",
        files=("claims.csv",),
        columns=_worded(CLAIMS_HEADER, CLAIM_WORDS),
    )


def _worded(header: Sequence[str], words: Mapping[str, Word]) -> dict[str, Word]:
    return {name: words[name] for name in header}
