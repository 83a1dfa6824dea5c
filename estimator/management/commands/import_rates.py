"""`manage.py import_rates eurofxref-daily.xml`: the European Central Bank's reference rates of a day."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from estimator.catalogue.exchange import load_rates
from estimator.catalogue.reader import CatalogueError
from estimator.catalogue.reference_rates import parse_rates, reference_rates


class Command(BaseCommand):
    """Repeatable: a day that is there already is left as it is; the newest day counts."""

    help = "Enter the exchange rates of a saved eurofxref-daily.xml of the European Central Bank; all or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the saved file")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            lines = reference_rates(file.read_text(encoding="utf-8"), source_version="eurofxref-daily.xml")
            rows = parse_rates(lines, file_name=file.name)
        except (CatalogueError, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"No rate was entered: {error}") from error
        self.stdout.write(f"exchange rates as of {rows[0]['as_of']}: {load_rates(rows)}")
