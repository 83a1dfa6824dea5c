"""`manage.py import_prices aws|azure`: a provider's public price list into the database, all of it or nothing."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from estimator.catalogue.currencies import currency
from estimator.catalogue.price_lists import aws, azure
from estimator.catalogue.price_lists.download import MIB, Allowance, PriceListError, open_file, open_url
from estimator.catalogue.price_lists.listed import PriceList
from estimator.models import HardwareProfile
from estimator.services.differences import Difference, Differences, ImportRefused, Kind, refuse_unless_clean
from estimator.services.price_import import PriceOffer, import_prices, price_differences

_HOME = {"aws": "us-east-1", "azure": "eastus"}
_REGION = re.compile(r"[a-z0-9-]{2,40}")
_SHOWN = 20
_TOLD_EVERY = 32 * MIB


class Command(BaseCommand):
    """Exit codes: 0 done, 1 refused with a reason and nothing changed, 2 usage."""

    help = "Import a provider's public prices for the types in the catalogue; look first with --dry-run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", choices=sorted(_HOME))
        parser.add_argument("--region", type=_region, help="default: us-east-1 or eastus")
        origin = parser.add_mutually_exclusive_group()
        origin.add_argument("--file", type=Path, nargs="+", help="a saved list (azure: all its pages)")
        origin.add_argument("--url", help="another address than the provider's; https only")
        parser.add_argument("--as-of", type=_day, help="azure with --file: the day on which the pages were saved")
        parser.add_argument("--currency", type=_currency, default="USD", help="azure: ISO 4217 code to ask for")
        parser.add_argument(
            "--upfront", choices=sorted(aws.UPFRONT), default="all", help="aws: how commitments are paid (default: all)"
        )
        parser.add_argument("--dry-run", action="store_true", help="show the differences and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.now().date()
        allowance = Allowance(
            maximum_bytes=settings.PRICE_LIST_MAXIMUM_MIB * MIB,
            timeout_s=settings.PRICE_LIST_TIMEOUT_S,
            progress=self._progress(),
        )
        try:
            listed = _read(options, allowance=allowance, today=today)
            differences = _import(listed, options, today=today)
        except (PriceListError, ImportRefused) as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self._report(listed, differences, everything=options["verbosity"] > 1)
        self.stdout.write("Dry run: nothing was written." if options["dry_run"] else f"{differences.writes} written.")

    def _progress(self) -> Callable[[int], None]:
        told = 0

        def tell(read_bytes: int) -> None:
            nonlocal told
            if read_bytes - told >= _TOLD_EVERY:
                told = read_bytes
                self.stderr.write(f"read {told // MIB} MiB ...")

        return tell

    def _report(self, listed: PriceList, differences: Differences, *, everything: bool) -> None:
        self.stdout.write(f"prices: {differences}")
        for kind in (Kind.CHANGED, Kind.NEW, Kind.KEPT, Kind.CONFIRMED):
            self._list([_line(row) for row in differences.of(kind)], everything=everything)
        if listed.unknown:
            self.stdout.write(f"{len(listed.unknown)} types are not in the catalogue and got no price:")
            self._list([f"  {name}" for name in listed.unknown], everything=everything)
        if listed.left_out:
            self.stdout.write(f"{len(listed.left_out)} prices were left out:")
            self._list([f"  {reason}" for reason in listed.left_out], everything=everything)

    def _list(self, lines: list[str], *, everything: bool) -> None:
        shown = lines if everything else lines[:_SHOWN]
        for line in shown:
            self.stdout.write(line)
        if len(shown) < len(lines):
            self.stdout.write(f"  and {len(lines) - len(shown)} more: -v 2 shows all")


def _read(options: dict[str, Any], *, allowance: Allowance, today: date) -> PriceList:
    provider, region = options["provider"], options["region"] or _HOME[options["provider"]]
    names = HardwareProfile.objects.filter(provider=provider).values_list("name", flat=True)
    known = frozenset(names)
    if not known:
        raise PriceListError(f"The catalogue has no type of {provider}: run `manage.py load_catalogue` first.")
    if provider == "aws":
        return _read_aws(options, region=region, known=known, allowance=allowance)
    return _read_azure(options, region=region, known=known, allowance=allowance, today=today)


def _read_aws(options: dict[str, Any], *, region: str, known: Collection[str], allowance: Allowance) -> PriceList:
    paths = options["file"]
    if paths and len(paths) > 1:
        raise CommandError("AWS publishes one file for each region; give one with --file.", returncode=2)
    place = str(paths[0]) if paths else options["url"] or aws.offer_url(settings.AWS_PRICE_LIST_URL, region=region)
    opened = open_file(paths[0], allowance=allowance) if paths else open_url(place, allowance=allowance)
    with opened as stream:
        return aws.read_offers(stream, region=region, known=known, upfront=options["upfront"], place=place)


def _read_azure(
    options: dict[str, Any], *, region: str, known: Collection[str], allowance: Allowance, today: date
) -> PriceList:
    if options["file"] and not options["as_of"]:
        raise CommandError("Azure's pages bear no date: say with --as-of on which day they were saved.", returncode=2)
    base = options["url"] or settings.AZURE_PRICE_LIST_URL
    url = azure.query_url(base, region=region, currency=options["currency"])
    pages: Iterator[azure.Page]
    if options["file"]:
        pages, place = azure.saved_pages(options["file"], allowance=allowance), "The list"
    else:
        pages, place = azure.fetched_pages(url, allowance=allowance), url
    as_of = options["as_of"] if options["file"] else today
    return azure.read_items(pages, region=region, known=known, as_of=as_of, place=place)


def _import(listed: PriceList, options: dict[str, Any], *, today: date) -> Differences:
    offers = [replace(offer, row=number) for number, offer in enumerate(listed.offers, start=1)]
    if options["dry_run"]:
        differences = price_differences(offers, entered=False, today=today)
        refuse_unless_clean(differences, expected=None)
        return differences
    return import_prices(offers, entered=False, by=None, reason=_reason(offers), today=today)


def _reason(offers: list[PriceOffer]) -> str:
    return f"import: {offers[0].source} {offers[0].source_version}".strip() if offers else "import"


def _line(row: Difference) -> str:
    told = "; ".join([*(str(change) for change in row.changes), *filter(None, [row.remark])])
    return f"  {row.kind}: {row.label}" + (f": {told}" if told else "")


def _region(text: str) -> str:
    if not _REGION.fullmatch(text):
        raise ArgumentTypeError(f"{text!r} is no region; write it like us-east-1 or eastus.")
    return text


def _currency(text: str) -> str:
    try:
        return currency(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} {error}.") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write it like 2026-11-22.") from None
