"""Weighs the listings of one price against each other, and refuses prices that do not fit their family."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median

from estimator.catalogue.reader import CatalogueError, HardwareRow, PriceRow
from estimator.catalogue.sources.listing import Listing

AGREEMENT = Decimal("0.02")
FAMILY_SPREAD = Decimal("0.03")
# apache-libcloud's AWS column mixes in dedicated tenancy, which costs 1.06 x or 1.10 x the shared price.
DEDICATED_TENANCY = (Decimal("1.06"), Decimal("1.10"))
TENANCY_TOLERANCE = Decimal("0.005")
MIXED_TENANCY_SOURCES = ("apache-libcloud",)


def published_price(listings: Sequence[Listing]) -> PriceRow | None:
    """The row of one price from its listings, most trusted first; None when no publishable source lists it."""
    listed = [listing for listing in listings if listing.hourly > 0]  # zero is "no figure", never "free"
    chosen = next((listing for listing in listed if _may_be_published(listing, listed)), None)
    if chosen is None:
        return None
    others = [listing for listing in listed if listing is not chosen]
    dedicated = [other for other in others if _is_dedicated(other, chosen=chosen)]
    shared = [other for other in others if other not in dedicated]
    verdict, notes = _verdict(chosen, others=shared)
    notes += [f"{other.origin} set aside: dedicated tenancy ({_ratio(other, chosen):.2f} x)" for other in dedicated]
    return _row(chosen, cross_check=verdict, notes=notes)


def _may_be_published(listing: Listing, listed: Sequence[Listing]) -> bool:
    """A source that mixes tenancies is believed only where another source says the same."""
    if not _mixes_tenancies(listing):
        return listing.package.publishable
    return any(abs(_ratio(other, listing) - 1) <= AGREEMENT for other in listed if other is not listing)


def _mixes_tenancies(listing: Listing) -> bool:
    return listing.provider == "aws" and listing.package.name in MIXED_TENANCY_SOURCES


def _is_dedicated(other: Listing, *, chosen: Listing) -> bool:
    if not _mixes_tenancies(other):
        return False
    return any(abs(_ratio(other, chosen) - markup) <= TENANCY_TOLERANCE for markup in DEDICATED_TENANCY)


def _ratio(other: Listing, chosen: Listing) -> Decimal:
    return other.hourly / chosen.hourly


def _verdict(chosen: Listing, *, others: Sequence[Listing]) -> tuple[str, list[str]]:
    apart = [other for other in others if abs(_ratio(other, chosen) - 1) > AGREEMENT]
    if apart:
        figures = "; ".join(f"{other.hourly.normalize():f} in {other.origin}" for other in apart)
        return "disagrees", [f"{chosen.hourly.normalize():f} here, {figures}"]
    if others:
        return "ok", ["agrees with " + ", ".join(other.origin for other in others)]
    return "single_source", []


def _row(chosen: Listing, *, cross_check: str, notes: Iterable[str]) -> PriceRow:
    return PriceRow(
        provider=chosen.provider,
        name=chosen.name,
        region=chosen.region,
        term=chosen.term,
        upfront=Decimal(0),
        hourly=chosen.hourly,
        currency="USD",
        source=chosen.package.name,
        source_version=chosen.package.version,
        as_of=chosen.as_of,
        licence=chosen.package.licence,
        cross_check=cross_check,
        cross_check_note="; ".join(note for note in (chosen.remark, *notes) if note),
    )


def refuse_misfits(*, hardware: Iterable[HardwareRow], prices: Iterable[PriceRow]) -> None:
    """Raises CatalogueError for an on-demand price per vCPU over 3 % from its siblings': a wrong tenancy or system."""
    machines = {(row.provider, row.name): row for row in hardware}
    siblings: Mapping[tuple[str, str, str], list[tuple[Decimal, PriceRow]]] = defaultdict(list)
    for price in prices:
        machine = machines[price.provider, price.name]
        if price.term == "on_demand" and not machine.burstable:
            per_vcpu = price.hourly / machine.vcpus
            siblings[price.provider, machine.family, price.region].append((per_vcpu, price))
    for family in siblings.values():
        usual = median(per_vcpu for per_vcpu, _ in family)
        for per_vcpu, price in family:
            if abs(per_vcpu / usual - 1) > FAMILY_SPREAD:
                raise CatalogueError(
                    f"{price.name} in {price.region} costs {per_vcpu / usual:.2f} x its family's price per vCPU in "
                    f"{price.source}; drop that listing or correct the type."
                )
