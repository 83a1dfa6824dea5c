"""Claim sets: imported as a whole or not at all."""

import csv
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from estimator.models import Claim, ClaimSet
from estimator.services.errors import Refused
from estimator.services.storable import storable_text

COLUMNS = tuple(
    field.name for field in Claim._meta.concrete_fields if field.name not in ("id", "claim_set", "position")
)
_NUMBERS = ("low", "high", "connections", "cores", "requests_per_day")


def import_claims(claim_set: ClaimSet, lines: Iterable[str]) -> int:
    """Replace the claims of a stored set by those of a CSV file with COLUMNS. Raises Refused naming line and column."""
    rows = read_claims(lines)
    with transaction.atomic():
        for claim in claim_set.claims.all():
            claim.delete()  # one by one, with its history
        for row in rows:
            row.claim_set = claim_set
        bulk_create_with_history(rows, Claim)
    return len(rows)


def read_claims(lines: Iterable[str]) -> list[Claim]:
    """Unsaved claims in the order of the file, each of them whole. Raises Refused naming line and column."""
    reader = csv.DictReader(lines, strict=True)
    try:
        _check_heading(reader.fieldnames or ())
        rows = [_claim(cells, place=f"line {reader.line_num}", position=number) for number, cells in enumerate(reader)]
    except csv.Error as error:
        raise Refused(f"line {reader.line_num}: {error}; save the file as CSV with commas.", field="file") from error
    _refuse_repeated(rows)
    return rows


def _check_heading(heading: Iterable[str]) -> None:
    found = [name.removeprefix("\ufeff") for name in heading]
    wrong = [name for name in found if name not in COLUMNS] + [name for name in COLUMNS if found.count(name) != 1]
    if wrong:
        columns = ", ".join(COLUMNS)
        raise Refused(
            f"line 1: the column {wrong[0]!r} is unknown, missing or there twice; have {columns}.", field="file"
        )


def _claim(cells: Mapping[str | None, Any], *, place: str, position: int) -> Claim:
    if None in cells or None in cells.values():
        raise Refused(f"{place} has not one cell per column; quote cells that hold a comma.", field="file")
    named = {str(name).removeprefix("\ufeff"): storable_text(text.strip()) for name, text in cells.items()}
    claim = Claim(
        position=position, **{name: text or None if name in _NUMBERS else text for name, text in named.items()}
    )
    try:
        claim.full_clean(exclude=["claim_set"], validate_unique=False)
    except ValidationError as error:
        name, problems = next(iter(error.message_dict.items()))
        column = "" if name == NON_FIELD_ERRORS else f", {name}"
        raise Refused(f"{place}{column}: {problems[0]}", field="file") from error
    return claim


def _refuse_repeated(rows: Iterable[Claim]) -> None:
    seen: set[str] = set()
    for claim in rows:
        if claim.claim_id in seen:
            raise Refused(f"claim_id {claim.claim_id!r} is there twice; give each claim its own.", field="file")
        seen.add(claim.claim_id)
