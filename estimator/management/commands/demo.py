"""`manage.py demo`: the service, one measurement of the shipped plan, and what the standing example costs."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from estimator.management.commands import up
from estimator.runtime.environment import PROJECT
from estimator.runtime.supervisor import Program

_DEMO = "demo"


class Command(up.Command):
    """The main job on a fresh machine; serves on until Ctrl-C unless told to stop after printing."""

    help = "Start the service, measure FastAPI, Flask and Django, print the monthly cost; serve until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--once", action="store_true", help="stop when the report is printed")

    def further_programs(self, address: str, options: dict[str, Any]) -> list[Program]:
        """The measurement, as one would ask for it by hand."""
        argv = [sys.executable, "-u", str(PROJECT / "manage.py"), "measure_and_price", "--address", address]
        return [Program(name=_DEMO, argv=argv, restart=False, finite=True, last=bool(options["once"]))]

    def echo(self) -> Callable[[str, str], None]:
        """Only the measurement speaks; the other programs keep to their logs."""

        def echo(name: str, line: str) -> None:
            if name == _DEMO:
                self.stdout.write(line)
                self.stdout.flush()

        return echo
