"""`manage.py compare BASE HEAD --max-increase 5%`: two runs held against each other, for a pipeline."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from estimator.domain.cost.pricing import Term
from estimator.domain.cost.traffic import TrafficError, TrafficTarget, parse_traffic
from estimator.domain.reporting.gate import Allowance
from estimator.exports.comparison_text import comparison_lines
from estimator.models import Run
from estimator.queries.measurements import HEADLINE_WORKLOAD
from estimator.queries.projections import standing_target, target_value
from estimator.queries.run_comparisons import NotComparable, RunComparison, compare_runs, comparison_json


class Command(BaseCommand):
    """Works with the service down. Exit codes: 0 passed, 1 did not pass, 2 could not be compared."""

    help = "Compare the cost of two runs; exit code 0 where it passes, 1 where not, 2 where they cannot be compared."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("base", type=int, help="id of the run before the change")
        parser.add_argument("head", type=int, help="id of the run after it")
        parser.add_argument("--max-increase", type=_percent, help="by which a stack may surely be dearer, e.g. 5%%")
        parser.add_argument("--max-cost-per-million", type=_amount, help="that a million requests may cost, e.g. 0.25")
        parser.add_argument("--traffic", help="e.g. 10M/day, 250rps (default: the standing example's)")
        parser.add_argument("--slo-p99-ms", type=float, help="p99 objective in ms (default: the standing example's)")
        parser.add_argument("--region", help="only prices of this region, e.g. us-east-1")
        parser.add_argument("--term", choices=[term.value for term in Term], default=Term.ON_DEMAND.value)
        parser.add_argument("--workload", default=HEADLINE_WORKLOAD, help="e.g. user_lookup, json")
        parser.add_argument("--json", action="store_true", help="print the JSON of POST /api/v1/comparisons")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = _compared(options)
        except (TrafficError, NotComparable) as error:
            raise CommandError(str(error), returncode=2) from error
        except ProgrammingError as error:
            message = "The database holds nothing yet: run `make demo`, which sets it up."
            raise CommandError(message, returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(comparison_json(found), indent=2))
        else:
            self.stdout.write("\n".join(comparison_lines(found)))
        if not found.judgement.passed:
            raise CommandError(found.judgement.reason)


def _compared(options: dict[str, Any]) -> RunComparison:
    return compare_runs(
        target=_target(options),
        base=_run(options["base"], "base"),
        head=_run(options["head"], "head"),
        workload=options["workload"],
        term=options["term"],
        allowance=Allowance(
            max_increase_percent=options["max_increase"], max_cost_per_million=options["max_cost_per_million"]
        ),
    )


def _run(number: int, field: str) -> Run:
    run = Run.objects.filter(pk=number).first()
    if run is None:
        raise NotComparable(f"There is no run {number}; `/runs/` lists them.", field=field)
    return run


def _target(options: dict[str, Any]) -> TrafficTarget:
    """The standing example with what was asked for in its place. Raises TrafficError."""
    per_day = None if options["traffic"] is None else parse_traffic(options["traffic"])
    standing = standing_target()
    base = target_value(standing) if standing else TrafficTarget()
    given = {"requests_per_day": per_day, "objective_ms": options["slo_p99_ms"]}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if options["region"]:
        changes["regions"] = (options["region"],)
    return replace(base, **changes)


def _percent(text: str) -> Decimal:
    return _amount(text.removesuffix("%").strip())


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and amount >= 0):
        raise ArgumentTypeError(f"{text!r} is no amount; enter one from 0 on, such as 5 or 0.25")
    return amount
