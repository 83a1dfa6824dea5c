"""`manage.py set_up`: what each start calls after `migrate`; does only what is not done yet."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from estimator.catalogue.claims import load_claim_sets
from estimator.catalogue.exchange import load_rates
from estimator.catalogue.loader import load_catalogue
from estimator.catalogue.reader import read_catalogue
from estimator.catalogue.reference_rates import read_rates
from estimator.catalogue.shapes import read_profiles
from estimator.catalogue.tariff_loader import load_tariffs
from estimator.catalogue.tariff_reader import read_tariffs
from estimator.runtime.private_files import private_text
from estimator.services import first_start
from estimator.services.errors import Refused
from estimator.services.profiles import ensure_profile


class Command(BaseCommand):
    """Roles, the first user, the catalogue and the shipped traffic targets."""

    help = (
        "Make what a new installation needs, leaving all that is there as it is. The first user is `admin`; its "
        "password is ADMIN_PASSWORD where the environment has it, else one is generated into VAR_DIR/admin-password "
        "(mode 600)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--migrate", action="store_true", help="apply the migrations first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["migrate"]:
            call_command("migrate", interactive=False, stdout=self.stdout, verbosity=options["verbosity"])
        first_start.ensure_first_rows()
        self._catalogue()
        for profile in read_profiles():
            ensure_profile(**vars(profile))
        try:
            self._first_user()
        except Refused as refused:
            raise CommandError(f"{refused} Set ADMIN_PASSWORD to another one, or leave it out.") from refused

    def _catalogue(self) -> None:
        loaded = load_catalogue(read_catalogue())
        load_tariffs(read_tariffs())
        load_rates(read_rates())
        if loaded.changed_anything:
            self.stdout.write(f"catalogue: hardware profiles {loaded.hardware}; prices {loaded.prices}.")
        load_claim_sets()

    def _first_user(self) -> None:
        if not first_start.needs_first_user():
            return
        given = settings.ADMIN_PASSWORD
        file = settings.VAR_DIR / "admin-password"
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        if first_start.create_first_user(password=given or private_text(file)):
            place = "the environment, as ADMIN_PASSWORD" if given else f"{file} (mode 600)"
            self.stdout.write(f"The first user is {first_start.FIRST_USER}; its password is in {place}.")
