"""The shipped claim sets: loaded once, and left to people's edits from then on."""

import csv
from pathlib import Path

from django.db import transaction

from estimator.catalogue.reader import DATA
from estimator.models import ClaimSet
from estimator.services.claims import import_claims
from estimator.services.locks import Turn, take_turn

SETS_FILE = "claim_sets.csv"


def load_claim_sets(directory: Path = DATA) -> int:
    """How many sets were new. One that a person edited, renamed or deleted stays so."""
    with transaction.atomic():
        take_turn(Turn.CATALOGUE)
        with (directory / SETS_FILE).open(newline="", encoding="utf-8") as lines:
            return sum(_load(row, directory) for row in csv.DictReader(lines))


def _load(row: dict[str, str], directory: Path) -> bool:
    """The history remembers sets that are gone."""
    if ClaimSet.history.filter(name=row["name"]).exists():
        return False
    claim_set = ClaimSet.objects.create(name=row["name"], source=row["source"], note=row["note"])
    with (directory / row["file"]).open(newline="", encoding="utf-8") as lines:
        import_claims(claim_set, lines)
    return True
