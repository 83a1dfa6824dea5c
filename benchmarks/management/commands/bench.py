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
from benchmarks.validation.all_figures import all_figures
from benchmarks.validation.checks import REFUSAL
from benchmarks.validation.figures import Figure
from benchmarks.validation.ground import Ground
from benchmarks.validation.pages import Circumstances, benchmarks_page, host_sentence, watched


class Command(BaseCommand):
    """Takes about 15 minutes. Exit code 1 when a program fails, or a benchmark runs here."""

    help = "Measure our own speed and cost beside wrk's and Locust's, and write docs/benchmarks.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--docs", type=Path, default=settings.BASE_DIR / "docs", help="folder of the page")

    def handle(self, *args: Any, **options: Any) -> None:
        with only_one_here(settings.BENCH_DIR) as alone:
            if not alone:
                raise CommandError(REFUSAL)
            figures, circumstances = self._measured()
        host = host_sentence(host_facts(), datetime.now(UTC).date())
        page = benchmarks_page(figures, host=host, circumstances=circumstances)
        (options["docs"] / "benchmarks.md").write_text(page, encoding="utf-8")
        self.stdout.write(page)

    def _measured(self) -> tuple[list[Figure], Circumstances]:
        ground = Ground(folder=settings.BENCH_DIR, stacks_folder=settings.STACKS_DIR, tell=self._tell)
        try:
            with watched() as circumstances:
                return [self._told(figure) for figure in all_figures(ground)], circumstances
        except BenchmarkError as error:
            raise CommandError(str(error)) from error

    def _told(self, figure: Figure) -> Figure:
        self._tell(f"  {figure.what}: {figure.measured} ({figure.spread})")
        return figure

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
