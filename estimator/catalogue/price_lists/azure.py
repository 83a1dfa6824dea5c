"""Azure: the pages of the Retail Prices API, or the same pages saved as files.

Format: Microsoft Learn, "Azure Retail Prices overview".
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from estimator.catalogue.price_lists.download import Allowance, PriceListError, open_file, open_url, same_host
from estimator.catalogue.price_lists.listed import LICENCE, PriceList, amount, one_each, spread
from estimator.services.price_import import PriceOffer

PROVIDER = "azure"
_LONGEST_PAGE = 1 << 24  # bytes; a page of 1,000 items has under 1 MiB
_MOST_PAGES = 2_000
_TERMS = {"1 Year": "reserved_1y", "3 Years": "reserved_3y"}
# Sold under "Virtual Machines", but other things than a virtual machine with plain Linux.
_OTHER_PRODUCTS = re.compile(r"windows|cloud ?services|dedicated", re.IGNORECASE)
_OTHER_METERS = re.compile(r"low priority|expired", re.IGNORECASE)

Page = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Meter:
    offer: PriceOffer
    rank: tuple[bool, str]  # the primary meter before others, then the newest price


def query_url(base: str, *, region: str, currency: str) -> str:
    """Where the pages of one region begin."""
    only = f"serviceName eq 'Virtual Machines' and armRegionName eq '{region}'"
    return f"{base}?" + urlencode({"currencyCode": f"'{currency}'", "$filter": only})


def fetched_pages(url: str, *, allowance: Allowance) -> Iterator[Page]:
    """Each page of the API. Raises PriceListError where a page is none, leads elsewhere or in circles."""
    seen: set[str] = set()
    following = url
    while following:
        if following in seen or len(seen) >= _MOST_PAGES:
            raise PriceListError(f"{url} leads in circles after {len(seen)} pages; try again later.")
        if not same_host(url, following):
            raise PriceListError(f"{url} continues on another host, {following}; give that address if you trust it.")
        seen.add(following)
        with open_url(following, allowance=allowance) as stream:
            page = _page(stream, place=following)
        yield page
        following = page.get("NextPageLink") or ""


def saved_pages(paths: Sequence[Path], *, allowance: Allowance) -> Iterator[Page]:
    """The pages of files. Raises PriceListError when pages are missing: all but one say that another follows."""
    following = 0
    for path in paths:
        with open_file(path, allowance=allowance) as stream:
            page = _page(stream, place=path.name)
        following += bool(page.get("NextPageLink"))
        yield page
    if following != len(paths) - 1:
        raise PriceListError(
            f"{following} of {len(paths)} pages say that another follows, so some are missing; give each page once."
        )


def _page(stream: IO[bytes], *, place: str) -> Page:
    content = stream.read(_LONGEST_PAGE + 1)
    if len(content) > _LONGEST_PAGE:
        raise PriceListError(f"{place} is longer than a page of the API can be; give a page of its own.")
    try:
        page = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise PriceListError(f"{place} is not well-formed JSON ({error}); download it again.") from error
    following = page.get("NextPageLink") if isinstance(page, dict) else 0
    if not isinstance(following, str | None) or not isinstance(page.get("Items"), list):
        raise PriceListError(f"{place} is no page of the Retail Prices API: it has no list `Items`.")
    return dict(page)


def read_items(pages: Iterable[Page], *, region: str, known: Collection[str], as_of: date, place: str) -> PriceList:
    """Prices of `known` types: on demand, spot, and reservations spread over the hours of their term.

    `as_of` is the day on which the API gave the pages. Raises PriceListError for what are no such pages.
    """
    unknown: set[str] = set()
    meters: dict[str, list[_Meter]] = {}
    try:
        for page in pages:
            for item in page["Items"]:
                if _is_plain(item, region=region, as_of=as_of):
                    name = str(item["armSkuName"])
                    if name not in known:
                        unknown.add(name)
                        continue
                    meter = _meter(item, as_of=as_of, place=f"{place} {name}")
                    meters.setdefault(meter.offer.label, []).append(meter)
    except (AttributeError, KeyError, TypeError) as error:
        raise PriceListError(f"{place} has not the form of the Retail Prices API ({error!r}).") from error
    kept, left_out = one_each(offer for group in meters.values() for offer in _best(group))
    if not (kept or unknown or left_out):
        raise PriceListError(f"{place} holds no Linux prices of {region}; check the region and the pages.")
    return PriceList(offers=kept, unknown=tuple(sorted(unknown)), left_out=left_out)


def _is_plain(item: Mapping[str, Any], *, region: str, as_of: date) -> bool:
    meters = f"{item.get('skuName')} {item.get('meterName')}"
    return (
        item["armRegionName"] == region
        and item["serviceName"] == "Virtual Machines"
        and bool(item.get("armSkuName"))
        and _term(item) != ""
        and item.get("unitOfMeasure") == "1 Hour"
        and not item.get("tierMinimumUnits")
        and not _OTHER_PRODUCTS.search(str(item.get("productName")))
        and not _OTHER_METERS.search(meters)
        and str(item.get("effectiveStartDate", ""))[:10] <= as_of.isoformat()
    )


def _term(item: Mapping[str, Any]) -> str:
    """Empty for what the catalogue has no term for, e.g. development and test prices."""
    kind = item["type"]
    if kind == "Reservation":
        return _TERMS.get(str(item.get("reservationTerm")), "")
    if kind != "Consumption":
        return ""
    is_spot = "spot" in f"{item.get('skuName')} {item.get('meterName')}".lower()
    return "spot" if is_spot else "on_demand"


def _meter(item: Mapping[str, Any], *, as_of: date, place: str) -> _Meter:
    term = _term(item)
    price = amount(item["retailPrice"], place=place)
    is_reserved = item["type"] == "Reservation"
    currency = str(item["currencyCode"])
    note = f"reservation of {price.normalize():f} {currency}, spread over the term" if is_reserved else ""
    offer = PriceOffer(
        row=0,
        provider=PROVIDER,
        name=str(item["armSkuName"]),
        region=str(item["armRegionName"]),
        term=term,
        hourly=spread(price, term=term) if is_reserved else price,
        currency=currency,
        as_of=as_of,
        source="Azure Retail Prices API",
        licence=LICENCE,
        cross_check_note=note,
    )
    rank = (item.get("isPrimaryMeterRegion") is not False, str(item.get("effectiveStartDate", "")))
    return _Meter(offer=offer, rank=rank)


def _best(meters: Sequence[_Meter]) -> Iterator[PriceOffer]:
    """All that rank first, so that a dispute among them is seen."""
    first = max(meter.rank for meter in meters)
    return (meter.offer for meter in meters if meter.rank == first)
