"""`manage.py estimate 10M/day`: the monthly cost of any traffic, from the newest valid measurements."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from estimator.domain.cost.exchange import NoExchangeRate
from estimator.domain.cost.lines import DISK_GB, Line
from estimator.domain.cost.pricing import Term
from estimator.domain.cost.traffic import TrafficError, TrafficTarget, parse_growth, parse_traffic
from estimator.domain.reporting.alternatives import LinesAsked
from estimator.exports.text import report_lines
from estimator.models import Workload
from estimator.queries.exchange import problem_with, told_target
from estimator.queries.measurements import HEADLINE_WORKLOAD
from estimator.queries.projections import NotMeasured, cost_report, report_json, standing_target, target_value


class Command(BaseCommand):
    """Works with the service down. Exit codes: 0 done, 1 refused with a reason, 2 usage."""

    help = "Project the monthly cost of some traffic, e.g. 10M/day, 300M/month or 250rps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("traffic", help="e.g. 10M/day, 300M/month, 250rps")
        parser.add_argument(
            "--slo-p99-ms", type=float, help="p99 objective in ms (default: the standing example's, 100)"
        )
        parser.add_argument("--headroom", type=float, help="share kept free at the peak, e.g. 0.25")
        parser.add_argument("--growth", help="a month: 5%%, or P10/P50/P90 where it is in doubt: 2%%/5%%/9%%")
        parser.add_argument("--budget", type=_amount, help="per month; told is the month in which the bill exceeds it")
        parser.add_argument(
            "--currency", type=str.upper, help="ISO 4217, e.g. EUR: every figure in it, at a dated exchange rate"
        )
        parser.add_argument("--region", help="only prices of this region, e.g. us-east-1")
        parser.add_argument("--term", choices=[term.value for term in Term], default=Term.ON_DEMAND.value)
        parser.add_argument(
            "--allow-burstable", action="store_true", help="burstable types too, within the share that they sustain"
        )
        parser.add_argument("--workload", default=HEADLINE_WORKLOAD, help="e.g. user_lookup, json")
        parser.add_argument(
            "--lines",
            nargs="+",
            choices=[line.value for line in Line],
            default=[],
            help="lines beside compute, each with its own price: none unless asked for",
        )
        parser.add_argument("--payload-bytes", type=int, help="bytes of a response, for egress and the network")
        parser.add_argument("--disk-gb", type=_count, default=DISK_GB, help="GB of disk for each instance")
        parser.add_argument("--json", action="store_true", help="print the documented JSON instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            target = _target(options)
            if problem := problem_with(target.currency):
                raise CommandError(f"currency: {problem}")
            asked = LinesAsked(lines=frozenset(map(Line, options["lines"])), disk_gb=options["disk_gb"])
            report = cost_report(
                target=target,
                workload=options["workload"],
                term=options["term"],
                allow_burstable=options["allow_burstable"],
                asked=asked,
            )
        except TrafficError as error:
            raise CommandError(str(error), returncode=2) from error
        except NoExchangeRate as lacking:
            raise CommandError(f"currency: the budget cannot be told in it: {lacking}.") from lacking
        except NotMeasured as error:
            raise _nothing_measured(error, options["workload"]) from error
        except ProgrammingError as error:
            raise CommandError("The database holds nothing yet: run `make demo`, which sets it up.") from error
        if options["json"]:
            self.stdout.write(json.dumps(report_json(report), indent=2))
        else:
            self.stdout.write("\n".join(report_lines(report)))
        if not report.rows:
            raise CommandError(report.projection.verdict.sentence)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ArgumentTypeError(f"{text!r} is no amount; enter one such as 500 or 499.90") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"{text!r} is no whole number above 0; enter one such as {DISK_GB}")
    return int(text)


def _nothing_measured(error: NotMeasured, workload: str) -> CommandError:
    """A workload that is not there is a matter of usage; one that waits for its first run is not."""
    known = list(Workload.objects.values_list("slug", flat=True))
    if not known or workload in known:
        return CommandError(str(error))
    return CommandError(f"workload: there is no {workload!r}; choose one of {', '.join(known)}.", returncode=2)


def _target(options: dict[str, Any]) -> TrafficTarget:
    """The standing example with what was asked for in its place. Raises TrafficError."""
    requests_per_day = parse_traffic(options["traffic"])  # before the database is asked anything
    standing = standing_target()
    base = target_value(standing) if standing else TrafficTarget()
    changes: dict[str, Any] = {"requests_per_day": requests_per_day, "name": "command line"}
    given = {
        "objective_ms": options["slo_p99_ms"],
        "headroom": options["headroom"],
        "payload_bytes": options["payload_bytes"],
        "monthly_budget": options["budget"],
        "growth_per_month": parse_growth(options["growth"]) if options["growth"] else None,
    }
    changes |= {name: value for name, value in given.items() if value is not None}
    if options["region"]:
        changes["regions"] = (options["region"],)
    return replace(told_target(base, options["currency"] or base.currency), **changes)
