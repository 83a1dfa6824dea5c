"""`manage.py heartbeat bench`: whether a worker showed a sign of life lately, as an exit code for health checks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from estimator.services import heartbeats


class Command(BaseCommand):
    """Exit code 0 when the last sign of life is recent, 1 when it is not."""

    help = "Check the age of a worker's last sign of life."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="e.g. bench")
        parser.add_argument("--within-s", type=float, default=60.0, help="how old it may be")

    def handle(self, *args: Any, name: str, within_s: float, **options: Any) -> None:
        age_s = heartbeats.age_s(name)
        if age_s is None or age_s > within_s:
            raise CommandError(f"{name} gave no sign of life within {within_s:g} s; see its log.")
        self.stdout.write(f"{name} was alive {age_s:.0f} s ago")
