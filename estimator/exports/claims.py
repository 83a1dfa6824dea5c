"""Checked claims as flat rows, as Markdown and as lines for a terminal: the same values on each."""

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from estimator.domain.claims.values import ClaimCheck
from estimator.exports.csv_text import Cell
from estimator.models import Claim
from estimator.queries.claims import CheckedSet

HEADER = (
    *("claim_set", "source", "claim_id", "topic", "subject", "metric", "claimed_low", "claimed_high", "unit"),
    *("conditions", "contradiction", "verdict", "ours", "compared_unit", "compared_against", "compared_claim"),
    *("ours_low", "ours_mid", "ours_high", "why", "holds_if", "runs"),
)
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|~&"})
_COLUMNS = ("Claim", "Claimed", "Ours", "Verdict", "Why", "Holds if", "Runs")
_WIDTH = 110


def claim_rows(sets: Iterable[CheckedSet]) -> Iterator[list[Cell]]:
    """One row under HEADER for each claim; figures are numbers and empty where nothing was measured."""
    for one in sets:
        for row, check in one.rows:
            yield [one.claim_set.name, one.claim_set.source, *_claimed(row), *_found(check)]


def _claimed(row: Claim) -> list[Cell]:
    names = [row.claim_id, row.topic, row.subject, row.metric]
    return [*names, row.low, row.high, row.unit, row.conditions, row.contradiction]


def _found(check: ClaimCheck) -> list[Cell]:
    found = check.finding
    if found is None or math.isinf(found.ours.mid):
        figures: list[Cell] = [None] * 6
    else:
        ours = found.ours
        figures = [found.unit, found.against, found.claimed.mid, ours.low, ours.mid, ours.high]
    return [str(check.verdict), check.ours, *figures, check.why, check.holds_if, "; ".join(check.runs)]


def claims_markdown(sets: Sequence[CheckedSet]) -> Iterator[str]:
    """A table for each set, for tickets and design documents."""
    yield "# Published claims, checked\n"
    for one in sets:
        yield f"\n## {_plain(one.claim_set.name)}\n\n"
        yield f"Source: {_plain(one.claim_set.source)}. {_counts(one)}.\n\n"
        yield from (f"| {' | '.join(cells)} |\n" for cells in (_COLUMNS, ["---"] * len(_COLUMNS)))
        for row, check in one.rows:
            names = (_name(row), check.claim.value_text, check.ours, str(check.verdict), check.why, check.holds_if)
            yield f"| {' | '.join(map(_plain, (*names, ', '.join(check.runs))))} |\n"


def claim_lines(sets: Sequence[CheckedSet]) -> Iterator[str]:
    """For a terminal: each claim with ours and the verdict in a line, the reasons below."""
    for one in sets:
        yield f"{one.claim_set.name}: {_counts(one)}"
        yield f"Source: {one.claim_set.source}"
        for row, check in one.rows:
            yield ""
            yield f"{str(check.verdict).upper()}: {_name(row)}"
            claimed = check.claim.value_text
            yield f"  claimed {claimed or 'in words'}; ours {check.ours}{_runs(check)}"
            yield from _wrapped(check.why)
            if check.holds_if:
                yield from _wrapped(f"Holds if {check.holds_if}")
        yield ""


def _name(row: Claim) -> str:
    return f"{row.subject}, {row.metric}" if row.subject else row.metric


def _runs(check: ClaimCheck) -> str:
    return f" (run {', '.join(check.runs)})" if check.runs else ""


def _counts(one: CheckedSet) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in one.counts.items())


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _plain(text: str) -> str:
    """Text that stays text in a cell, on one line."""
    return " ".join(text.split()).translate(_MARKS)
