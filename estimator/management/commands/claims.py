"""`manage.py claims`: published claims beside the newest valid measurements, with a verdict on each."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from estimator.domain.claims.values import ClaimVerdict
from estimator.exports.claims import claim_lines
from estimator.models import ClaimSet
from estimator.queries.claims import CheckedSet, check_json, checked_sets


class Command(BaseCommand):
    """Works with the service down. Exit codes: 0 done, 1 refused with a reason, 2 usage."""

    help = "Check the published claims that are entered: reproduced, not reproduced, unsupported or inconsistent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--set", dest="name", default="", help="only the claim set of this name")
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sets = checked_sets(name=options["name"])
        except ProgrammingError as error:
            raise CommandError("The database holds nothing yet: run `make demo`, which sets it up.") from error
        if not sets:
            raise CommandError(_nothing(options["name"]))
        if options["json"]:
            self.stdout.write(json.dumps([_json(one) for one in sets], indent=2))
        else:
            self.stdout.write("\n".join(claim_lines(sets)))


def _nothing(name: str) -> str:
    known = ", ".join(repr(one.name) for one in ClaimSet.objects.all())
    if not known:
        return "No claims are entered: run `manage.py set_up` for the shipped ones, or enter some in the admin."
    return f"There is no claim set {name!r}; there is {known}."


def _json(one: CheckedSet) -> dict[str, Any]:
    counts = {str(verdict): one.counts[verdict] for verdict in ClaimVerdict}
    return {
        "claim_set": one.claim_set.name,
        "source": one.claim_set.source,
        "counts": counts,
        "claims": [check_json(row, check) for row, check in one.rows],
    }
