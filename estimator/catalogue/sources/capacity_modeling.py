"""service-capacity-modeling: three-year AWS commitments, and single-thread speed by CPU generation."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from estimator.catalogue.sources.listing import Listing
from estimator.catalogue.sources.package import Package

PROFILES = "service_capacity_modeling/hardware/profiles"
COMMITMENTS = f"{PROFILES}/pricing/aws/3yr-reserved_ec2.json"
SHAPES = f"{PROFILES}/shapes/aws/auto_*.json"
REGION = "us-east-1"
AS_OF = date(2026, 6, 1)  # the file has no date; its newest types were put on sale by then
HOURS_PER_YEAR = 8760
EIGHT_PLACES = Decimal("1E-8")
# The source multiplies IPC by 1.5 where a vCPU is a whole core. Our cost model counts that itself (SMT yield).
CORE_BONUS = Decimal("1.5")


def listings(package: Package) -> Iterator[Listing]:
    """Three-year standard commitments, paid all at the start, spread over the hours of the term."""
    for name, item in package.json(COMMITMENTS)[REGION]["instances"].items():
        annual = Decimal(item["annual_cost"])
        yield Listing(
            package=package,
            as_of=AS_OF,
            provider="aws",
            name=name,
            region=REGION,
            term="reserved_3y",
            hourly=(annual / HOURS_PER_YEAR).quantize(EIGHT_PLACES),
            remark=f"standard, all upfront: 3 x {annual} USD at the start, spread over 26,280 h",
        )


def single_thread_scores(package: Package) -> dict[str, float]:
    """Instructions per cycle (Skylake = 1) x sustained GHz of one core, by type name."""
    scores: dict[str, float] = {}
    for file in package.files(SHAPES):
        for name, shape in package.json(str(file.relative_to(package.root)))["instances"].items():
            whole_core = shape["cpu"] == shape["cpu_cores"]
            ipc = Decimal(shape["cpu_ipc_scale"]) / (CORE_BONUS if whole_core else 1)
            scores[name] = round(float(ipc * Decimal(shape["cpu_ghz"])), 3)
    return scores
