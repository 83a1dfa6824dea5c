"""apache-libcloud: prices of March 2025. AWS figures only check others; Azure and Google figures are good."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from estimator.catalogue.reader import HardwareRow
from estimator.catalogue.sources import regions
from estimator.catalogue.sources.listing import Listing
from estimator.catalogue.sources.package import Package

PRICING = "libcloud/data/pricing.json"
# Google bills us-central1, us-east1 and us-west1 under one SKU ("Americas"), which the source files under us-central1.
FILED_UNDER = {"us-east1": "us-central1"}
AMERICAS = "from the Americas SKU, listed under us-central1"
GCP_TERMS = {
    "on_demand": "on_demand",
    "preemptible": "spot",
    "1yr_commitment": "reserved_1y",
    "3yr_commitment": "reserved_3y",
}
MIB_PER_GIB = 1024
# Shared-core types are billed for a fraction of their vCPUs.
BILLED_VCPUS = {"e2-micro": Decimal("0.25"), "e2-small": Decimal("0.5"), "e2-medium": Decimal(1)}
EIGHT_PLACES = Decimal("1E-8")


def listings(package: Package, *, hardware: Iterable[HardwareRow]) -> Iterator[Listing]:
    """Prices of the given machine types; Google's are put together from its prices per vCPU and GiB."""
    content = package.json(PRICING)
    as_of = datetime.fromtimestamp(content["updated"], tz=UTC).date()
    compute = content["compute"]
    for machine in hardware:
        for region, term, hourly, remark in _figures(compute, machine=machine):
            yield Listing(
                package=package,
                as_of=as_of,
                provider=machine.provider,
                name=machine.name,
                region=region,
                term=term,
                hourly=hourly,
                remark=remark,
            )


Figure = tuple[str, str, Decimal, str]


def _figures(compute: Mapping[str, Any], *, machine: HardwareRow) -> Iterator[Figure]:
    if machine.provider == "aws":
        yield from _regional(compute["ec2_linux"].get(machine.name, {}), names=regions.AWS)
    elif machine.provider == "azure":
        yield from _regional(compute["azure_linux"].get(machine.name.replace("_", "").lower(), {}), names=regions.AZURE)
    elif machine.provider == "gcp":
        yield from _google(compute["gce_instances"].get(machine.name.partition("-")[0], {}), machine=machine)


def _regional(by_region: Mapping[str, Decimal], *, names: Iterable[str]) -> Iterator[Figure]:
    for region in names:
        yield region, "on_demand", Decimal(by_region.get(region, 0)), ""


def _google(family: Mapping[str, Any], *, machine: HardwareRow) -> Iterator[Figure]:
    vcpus = BILLED_VCPUS.get(machine.name, Decimal(machine.vcpus))
    memory_gib = Decimal(machine.memory_mib) / MIB_PER_GIB
    for region in regions.GCP:
        filed_under = FILED_UNDER.get(region, region)
        for column, term in GCP_TERMS.items():
            per_vcpu = family.get("cpu", {}).get(column, {}).get(filed_under)
            per_gib = family.get("ram", {}).get(column, {}).get(filed_under)
            if per_vcpu and per_gib:
                hourly = vcpus * per_vcpu["price"] + memory_gib * per_gib["price"]
                yield region, term, hourly.quantize(EIGHT_PLACES), "" if region == filed_under else AMERICAS
