"""google-cloud-pricing-cost-calculator: Google's commitments, noted for two types of each generation and region."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from estimator.catalogue.reader import HardwareRow
from estimator.catalogue.sources.libcloud import BILLED_VCPUS
from estimator.catalogue.sources.listing import Listing
from estimator.catalogue.sources.package import Package

NOTED = Path(__file__).with_name("google_commitments.csv")  # USD per month, as in the source's pricing.yml
AS_OF = date(2024, 11, 7)  # the day of that version of the file
TERMS = ("reserved_1y", "reserved_3y")
REMARK = "rates per vCPU and GiB found from two types of the generation"
HOURS_PER_MONTH = 730
MIB_PER_GIB = 1024
EIGHT_PLACES = Decimal("1E-8")

Noted = Mapping[str, str]
Rates = tuple[Decimal, Decimal]


def listings(package: Package, *, hardware: Iterable[HardwareRow]) -> Iterator[Listing]:
    """Prices of the given machine types: Google commits vCPUs and memory, each at its own rate."""
    rates = _rates()
    for machine in hardware:
        if machine.provider == "gcp":
            generation = machine.name.partition("-")[0]
            vcpus = BILLED_VCPUS.get(machine.name, Decimal(machine.vcpus))
            memory_gib = Decimal(machine.memory_mib) / MIB_PER_GIB
            for (region, term), (per_vcpu, per_gib) in rates.get(generation, {}).items():
                monthly = vcpus * per_vcpu + memory_gib * per_gib
                yield Listing(
                    package=package,
                    as_of=AS_OF,
                    provider="gcp",
                    name=machine.name,
                    region=region,
                    term=term,
                    hourly=(monthly / HOURS_PER_MONTH).quantize(EIGHT_PLACES),
                    remark=REMARK,
                )


def _rates() -> dict[str, dict[tuple[str, str], Rates]]:
    """USD per month of a vCPU and of a GiB, by generation, and within it by region and term."""
    pairs: dict[tuple[str, str], list[Noted]] = {}
    with NOTED.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            pairs.setdefault((row["type"].partition("-")[0], row["region"]), []).append(row)
    found: dict[str, dict[tuple[str, str], Rates]] = {}
    for (generation, region), (first, second) in pairs.items():
        for term in TERMS:
            found.setdefault(generation, {})[region, term] = _solve(first, second, term=term)
    return found


def _solve(first: Noted, second: Noted, *, term: str) -> Rates:
    """Two types, two unknowns (Cramer's rule)."""
    (vcpus, gib, monthly), (other_vcpus, other_gib, other_monthly) = (
        (Decimal(row["vcpus"]), Decimal(row["memory_gib"]), Decimal(row[term])) for row in (first, second)
    )
    divisor = vcpus * other_gib - other_vcpus * gib
    per_vcpu = (monthly * other_gib - other_monthly * gib) / divisor
    return per_vcpu, (vcpus * other_monthly - other_vcpus * monthly) / divisor
