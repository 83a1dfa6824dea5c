"""`manage.py validate`: is the measurement right? Prints the table and writes docs/validation.md."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from benchmarks.host import host_facts
from benchmarks.host_lock import only_one_here
from benchmarks.validation.checks import NAMES, REFUSAL, all_checks
from benchmarks.validation.ground import Ground
from benchmarks.validation.pages import host_sentence, validation_page, watched
from benchmarks.validation.rows import Row, shortfalls, validation_table


class Command(BaseCommand):
    """Takes about 12 minutes. Exit code 1 when a measured row falls short, or a benchmark runs here."""

    help = "Measure programs of known truth, print the validation table and write docs/validation.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--docs", type=Path, default=settings.BASE_DIR / "docs", help="folder of the page")
        parser.add_argument("--only", nargs="+", choices=NAMES, help="some rows; they are printed, the page stays")

    def handle(self, *args: Any, **options: Any) -> None:
        ground = Ground(folder=settings.BENCH_DIR, stacks_folder=settings.STACKS_DIR, tell=self._tell)
        with only_one_here(settings.BENCH_DIR) as alone:
            if not alone:
                raise CommandError(REFUSAL)
            with watched() as circumstances:
                only = options["only"] or NAMES
                rows = [self._told(row) for row in all_checks(ground, only=only, whole=circumstances)]
        if not options["only"]:
            host = host_sentence(host_facts(), datetime.now(UTC).date())
            page = validation_page(rows, host=host, circumstances=circumstances)
            (options["docs"] / "validation.md").write_text(page, encoding="utf-8")
        self.stdout.write("\n".join(["", *validation_table(rows), "", circumstances.sentence]))
        if fallen := shortfalls(rows):
            raise CommandError("\n".join(fallen))

    def _told(self, row: Row) -> Row:
        self._tell(f"  {row.outcome.value}: {row.check}: {row.measured}")
        return row

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
