"""The price list as the domain sees it: the newest price of each machine, region and term."""

from collections.abc import Collection

from estimator.domain.cost.pricing import Candidate, Price
from estimator.domain.hardware import HardwareProfile
from estimator.models import HardwareProfile as HardwareRow
from estimator.models import Price as PriceRow
from estimator.models.hardware import CrossCheck
from estimator.queries.exchange import told_in
from estimator.queries.measurements import cpu_speed


def price_candidates(
    *,
    regions: Collection[str],
    terms: Collection[str],
    machines: Collection[str] | None = None,
    currency: str | None = None,
) -> list[Candidate]:
    """The newest price of each machine in the regions and terms asked for; `machines`: only those of these names.

    In `currency` where a rate leads to it; None: as they are listed.
    """
    rows = (
        PriceRow.objects.filter(region__in=regions, term__in=terms)
        .select_related("hardware")
        .order_by("hardware_id", "region", "term", "currency", "-as_of")
        .distinct("hardware_id", "region", "term", "currency")
    )
    if machines is not None:
        rows = rows.filter(hardware__name__in=machines)
    known: dict[int, HardwareProfile] = {}
    offers = [
        Candidate(hardware=known.setdefault(row.hardware_id, machine_value(row.hardware)), price=price_value(row))
        for row in rows
    ]
    return told_in(currency, offers)


def machine_value(row: HardwareRow) -> HardwareProfile:
    """A row of the catalogue as the domain sees it."""
    return HardwareProfile(
        provider=row.provider,
        name=row.name,
        vcpus=row.vcpus,
        memory_mib=float(row.memory_mib),
        burstable=row.burstable,
        sustained_share=row.sustained_share,
        network_mbit_s=float(row.network_mbps) if row.network_mbps else None,
        speed=cpu_speed(row),
    )


def price_value(row: PriceRow) -> Price:
    """A price row as the domain sees it; where sources disagree it is disputed and decides nothing."""
    return Price(
        region=row.region,
        term=row.term,
        hourly=row.hourly,
        upfront=row.upfront,
        currency=row.currency,
        source=f"{row.source} {row.source_version}".strip(),
        as_of=row.as_of,
        licence=row.licence,
        disputed=row.cross_check_note or "sources disagree" if row.cross_check == CrossCheck.DISAGREES else "",
    )
