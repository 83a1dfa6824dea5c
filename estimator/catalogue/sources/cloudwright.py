"""cloudwright-ai: the whole AWS on-demand list of us-east-1 in February 2026; a few types of Azure and Google."""

from collections.abc import Iterator
from datetime import date

from estimator.catalogue.sources.listing import Listing, exact
from estimator.catalogue.sources.package import Package

DATABASE = "cloudwright/data/catalog.db"
REGIONS = ("aws:us-east-1", "azure:eastus", "gcp:us-east1")
PRICES = """
    SELECT provider_id, name, region_id, price_per_hour FROM pricing
    JOIN instance_types ON instance_types.id = instance_type_id
    WHERE os = 'linux' AND price_type = 'on_demand' AND vcpus > 0
"""
# Only the AWS prices were refreshed from the provider; the others came with the database.
UNDATED = "undated in its source: the day is its database's last refresh"
LAST_REFRESH = "SELECT max(updated_at) FROM catalog_metadata"


def listings(package: Package) -> Iterator[Listing]:
    """On-demand Linux prices of the first region of each provider, dated by the database's last refresh."""
    as_of = date.fromisoformat(package.query(DATABASE, LAST_REFRESH)[0][0][:10])
    for provider, name, region_id, hourly in package.query(DATABASE, PRICES):
        if region_id in REGIONS:
            region = region_id.removeprefix(f"{provider}:")
            yield Listing(
                package=package,
                as_of=as_of,
                provider=provider,
                name=name,
                region=region,
                hourly=exact(hourly),
                remark="" if provider == "aws" else UNDATED,
            )
