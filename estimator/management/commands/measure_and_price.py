"""`manage.py measure_and_price`: run a plan to its end, then print what the standing example costs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError

from estimator.exports.text import DECADES, report_lines
from estimator.management.commands import benchmark
from estimator.queries.projections import cost_report, standing_target, target_value


class Command(benchmark.Command):
    """What `make demo` does once the service runs."""

    help = "Run a benchmark plan, then print the cost report of the standing example."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--address", default="", help="where the service is, to name the report's page")

    def handle(self, *args: Any, **options: Any) -> None:
        target = standing_target()
        if target is None:
            raise CommandError("There is no standing example; run `manage.py set_up`.")
        call_command("benchmark", *[options["plan"]] * bool(options["plan"]), stdout=self.stdout)
        report = cost_report(target=target_value(target))
        self.stdout.write("")
        for line in report_lines(report, decades=DECADES):
            self.stdout.write(line)
        if options["address"]:
            self.stdout.write(f"\nReport: {options['address']}reports/{target.pk}/")
