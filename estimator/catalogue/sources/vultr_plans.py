"""vultr-plan-ids: Vultr's plans as its API gave them on one day, in a Markdown table of a public repository."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from estimator.catalogue.sources.listing import Listing
from estimator.catalogue.sources.package import Package

TABLE = "terraform/PLAN_IDS.md"
REGION = "ewr"  # New Jersey; the same price everywhere but in São Paulo, whose plans have names of their own
DATED = "*Last updated: "
HOURS_PER_MONTH = 730
EIGHT_PLACES = Decimal("1E-8")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One plan; `monthly` is in USD and the most that a month costs."""

    name: str
    vcpus: int
    memory_mib: int
    monthly: Decimal
    cpu_vendor: str
    as_of: date


def plans(package: Package) -> dict[str, Plan]:
    """The plans sold in the region, by name."""
    lines = package.text(TABLE).splitlines()
    (dated,) = (line.removeprefix(DATED)[:10] for line in lines if line.startswith(DATED))
    found = (_plan([cell.strip(" `") for cell in line.split("|")[1:-1]], dated) for line in lines)
    return {plan.name: plan for plan in found if plan is not None}


def _plan(cells: list[str], dated: str) -> Plan | None:
    if len(cells) != 18 or f"'{REGION}'" not in cells[14]:  # the detailed tables have 18 columns
        return None
    name, vcpus, memory_mib, _, _, monthly, _, vendor = cells[:8]
    return Plan(
        name=name,
        vcpus=int(vcpus),
        memory_mib=int(memory_mib),
        monthly=Decimal(monthly.removeprefix("$")),
        cpu_vendor=vendor,
        as_of=date.fromisoformat(dated),
    )


def listings(package: Package) -> Iterator[Listing]:
    """Monthly prices, spread over the hours of a month."""
    for plan in plans(package).values():
        yield Listing(
            package=package,
            as_of=plan.as_of,
            provider="vultr",
            name=plan.name,
            region=REGION,
            hourly=(plan.monthly / HOURS_PER_MONTH).quantize(EIGHT_PLACES),
            remark=f"USD {plan.monthly} a month",
        )
