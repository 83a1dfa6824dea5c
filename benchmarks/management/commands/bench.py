"""`manage.py bench`: our own speed against peers. Prints the table and writes docs/benchmarks.md."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from benchmarks.errors import BenchmarkError
from benchmarks.host import host_facts
from benchmarks.host_lock import only_one_here
from benchmarks.validation.checks import REFUSAL, all_figures
from benchmarks.validation.ground import Ground
from benchmarks.validation.pages import benchmarks_page, host_sentence, watched


class Command(BaseCommand):
    """Takes about three quarters of a minute. Exit code 1 when a generator fails, or a benchmark runs here."""

    help = "Measure the projection and the load generator's cost beside Locust's, and write docs/benchmarks.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--docs", type=Path, default=settings.BASE_DIR / "docs", help="folder of the page")

    def handle(self, *args: Any, **options: Any) -> None:
        with only_one_here(settings.BENCH_DIR) as alone:
            if not alone:
                raise CommandError(REFUSAL)
            try:
                with watched() as circumstances:
                    figures = list(all_figures(Ground(folder=settings.BENCH_DIR)))
            except BenchmarkError as error:
                raise CommandError(str(error)) from error
        host = host_sentence(host_facts(), datetime.now(UTC).date())
        page = benchmarks_page(figures, host=host, circumstances=circumstances)
        (options["docs"] / "benchmarks.md").write_text(page, encoding="utf-8")
        self.stdout.write(page)
