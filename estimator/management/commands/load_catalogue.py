"""`manage.py load_catalogue`: the shipped machine types and prices into the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from estimator.catalogue.exchange import load_rates
from estimator.catalogue.loader import load_catalogue
from estimator.catalogue.reader import DATA, CatalogueError, read_catalogue
from estimator.catalogue.reference_rates import read_rates
from estimator.catalogue.tariff_loader import load_tariffs
from estimator.catalogue.tariff_reader import read_tariffs


class Command(BaseCommand):
    """Repeatable: rows that people entered, changed or deleted stay as they are."""

    help = "Load the files of machine types and prices; what people entered, changed or deleted is left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--directory", type=Path, default=DATA, help="folder of the files; the shipped one")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            catalogue, rows = read_catalogue(options["directory"]), read_tariffs(options["directory"])
            rates = read_rates(options["directory"])
        except (CatalogueError, OSError) as error:
            raise CommandError(f"The catalogue was not loaded, and nothing was changed: {error}") from error
        loaded, tariffs = load_catalogue(catalogue), load_tariffs(rows)
        self.stdout.write(f"hardware profiles: {loaded.hardware}")
        self.stdout.write(f"prices: {loaded.prices}")
        self.stdout.write(f"containers: {tariffs.containers}")
        self.stdout.write(f"functions: {tariffs.functions}")
        self.stdout.write(f"lines beside compute: {tariffs.lines}")
        self.stdout.write(f"exchange rates: {load_rates(rates)}")
        if loaded.disagreeing:
            self.stdout.write(
                f"{loaded.disagreeing} prices are disputed between their sources: see the admin's list of prices, "
                "filter `sources disagree`."
            )
