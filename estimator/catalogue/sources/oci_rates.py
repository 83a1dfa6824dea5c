"""oci-pricing-mcp: Oracle's rates per OCPU and GiB, the same in every commercial region."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from estimator.catalogue.reader import HardwareRow
from estimator.catalogue.sources import regions
from estimator.catalogue.sources.listing import Listing
from estimator.catalogue.sources.package import Package

PRICING = "src/data/pricing-data.json"
ONE_PRICE = "one list price for all commercial regions"
MIB_PER_GIB = 1024


def listings(package: Package, *, hardware: Iterable[HardwareRow]) -> Iterator[Listing]:
    """On-demand prices of Oracle's flexible shapes: OCPUs x their rate + GiB x their rate."""
    content = package.json(PRICING)
    as_of = date.fromisoformat(content["metadata"]["apiLastUpdated"][:10])
    rates = {rate["shapeFamily"]: rate for rate in content["compute"]}
    for machine in hardware:
        shape, _, size = machine.name.rpartition(".")
        if machine.provider == "oci" and shape in rates:
            memory_gib = Decimal(machine.memory_mib) / MIB_PER_GIB
            ocpus = int(size.removesuffix("OCPU"))
            hourly = ocpus * rates[shape]["ocpuPrice"] + memory_gib * rates[shape]["memoryPricePerGB"]
            for region in regions.OCI:
                yield Listing(
                    package=package,
                    as_of=as_of,
                    provider="oci",
                    name=machine.name,
                    region=region,
                    hourly=hourly,
                    remark=ONE_PRICE,
                )
