"""What was found in a provider's list, and the choice among several figures for one price."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from estimator.catalogue.price_lists.download import PriceListError
from estimator.services.price_import import PriceOffer

LICENCE = "provider's public price list"
HOURS = {"reserved_1y": Decimal(8_760), "reserved_3y": Decimal(26_280)}
_EXACT = Decimal("0.00000001")  # what the price column keeps


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """Offers for known types. `unknown` types are not in the catalogue; `left_out` says why others have no price."""

    offers: tuple[PriceOffer, ...]
    unknown: tuple[str, ...]
    left_out: tuple[str, ...]


def amount(text: object, *, place: str) -> Decimal:
    """A price as the list writes it, to the 8 decimals we keep. Raises PriceListError for what is no number."""
    try:
        number = Decimal(str(text)).quantize(_EXACT)
    except InvalidOperation:  # no number, or one of over 20 digits
        number = Decimal("NaN")
    if not number.is_finite():
        raise PriceListError(f"{place} has {text!r} where a price belongs; download it again.")
    return number


def spread(paid: Decimal, *, term: str) -> Decimal:
    """A payment for the whole term, per hour of it."""
    return (paid / HOURS[term]).quantize(_EXACT)


def one_each(offers: Iterable[PriceOffer]) -> tuple[tuple[PriceOffer, ...], tuple[str, ...]]:
    """The offers that are above 0 and alone with their price, and a sentence for each that is not."""
    by_label: dict[str, list[PriceOffer]] = defaultdict(list)
    for offer in offers:
        by_label[offer.label].append(offer)
    kept: list[PriceOffer] = []
    left_out: list[str] = []
    for label in sorted(by_label):
        prices = sorted({offer.hourly for offer in by_label[label]})
        if len(prices) > 1:
            figures = " and ".join(f"{price.normalize():f}" for price in prices)
            left_out.append(f"{label} is listed at {figures}")
        elif prices[0] <= 0:
            left_out.append(f"{label} is listed without a price")
        else:
            kept.append(by_label[label][0])
    return tuple(kept), tuple(left_out)
