"""sparecores-data: share-alike, so it only checks. One old version has AWS prices, newer ones have specifications."""

from collections.abc import Iterator
from datetime import date

from estimator.catalogue.sources import regions
from estimator.catalogue.sources.listing import Listing, exact
from estimator.catalogue.sources.package import Package

PRICED = "sc_data/data/sc-data-all.db"
UNPRICED = "sc_data/data/sc-data-priceless.db"
PRICES = """
    SELECT server.name, price, server_price.inserted_at FROM server_price JOIN server ON server.id = server_id
    WHERE datacenter_id = ? AND operating_system = 'Linux' AND allocation = 'ONDEMAND' AND currency = 'USD'
"""
SPECIFICATIONS = "SELECT name, vcpus, memory_amount, observed_at FROM server WHERE vendor_id = ?"


def listings(package: Package) -> Iterator[Listing]:
    """AWS on-demand Linux prices of early 2024."""
    for region in regions.AWS:
        for name, hourly, observed in package.query(PRICED, PRICES, (region,)):
            as_of = date.fromisoformat(observed[:10])
            yield Listing(package=package, as_of=as_of, provider="aws", name=name, region=region, hourly=exact(hourly))


def specifications(package: Package, *, provider: str) -> dict[str, tuple[int, int, date]]:
    """vCPUs, MiB and day of observation by the provider's type name, as the source spells it."""
    rows = package.query(UNPRICED, SPECIFICATIONS, (provider,))
    return {name: (vcpus, memory_mib, date.fromisoformat(seen[:10])) for name, vcpus, memory_mib, seen in rows}
