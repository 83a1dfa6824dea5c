"""AWS: the bulk offer file of EC2 for one region, as CSV or JSON, read in one pass.

Format: AWS Billing user guide, "Reading the service price list files".
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from estimator.catalogue.price_lists.download import PriceListError
from estimator.catalogue.price_lists.json_stream import JsonStream
from estimator.catalogue.price_lists.listed import LICENCE, PriceList, amount, one_each, spread
from estimator.services.price_import import PriceOffer

PROVIDER = "aws"
UPFRONT = {"all": "All Upfront", "none": "No Upfront"}
_HEADING_AFTER = 20  # lines; the format has five before its heading
_LEASES = {"1yr": "reserved_1y", "1 yr": "reserved_1y", "3yr": "reserved_3y", "3 yr": "reserved_3y"}
# What a virtual machine with plain Linux is called in JSON and in CSV; an attribute that is not there says nothing.
_PLAIN: tuple[tuple[tuple[str, str], Collection[str | None]], ...] = (
    (("operatingSystem", "Operating System"), {"Linux"}),
    (("tenancy", "Tenancy"), {"Shared"}),
    (("preInstalledSw", "Pre Installed S/W"), {"NA"}),
    (("capacitystatus", "CapacityStatus"), {"Used"}),
    (("operation", "operation"), {"RunInstances", "", None}),
    (("marketoption", "MarketOption"), {"OnDemand", "", None}),
)


@dataclass(frozen=True, kw_only=True)
class _Rate:
    """One figure: an hour, or the payment at the start (unit `Quantity`)."""

    name: str
    lease: str = ""
    option: str = ""
    offering: str = ""
    unit: str
    amount: Decimal
    currency: str

    @property
    def term(self) -> str:
        return _LEASES.get(self.lease, "") if self.lease else "on_demand"


def offer_url(base: str, *, region: str) -> str:
    """Where AWS publishes the list of one region; CSV is half as long as JSON."""
    return f"{base.rstrip('/')}/offers/v1.0/aws/AmazonEC2/current/{region}/index.csv"


def read_offers(
    stream: io.BufferedReader, *, region: str, known: Collection[str], upfront: str, place: str
) -> PriceList:
    """Prices of `known` types: on demand, and standard commitments paid `upfront` (all or none).

    A payment at the start is spread over the hours of its term. Raises PriceListError for what is no such list.
    """
    head: dict[str, str] = {}
    unknown: set[str] = set()
    is_json = stream.peek(1)[:1] == b"{"
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    reader = _json_rates if is_json else _csv_rates
    rates: dict[tuple[str, str, str], list[_Rate]] = {}
    try:
        for rate in reader(text, region=region, known=known, unknown=unknown, head=head, place=place):
            if rate.term and (not rate.lease or (rate.option == UPFRONT[upfront] and rate.offering == "standard")):
                rates.setdefault((rate.name, rate.term, rate.currency), []).append(rate)
    except (AttributeError, KeyError, TypeError) as error:
        raise PriceListError(f"{place} has not the form of AWS's offer files ({error}); download it again.") from error
    origin = _origin(head, region=region, place=place)
    found = [offer for group in rates.values() for offer in _offers(group, upfront=upfront, origin=origin)]
    offers, left_out = one_each(found)
    if not (offers or unknown or left_out):
        raise PriceListError(f"{place} holds no Linux prices of {region}; check the region and the file.")
    return PriceList(offers=offers, unknown=tuple(sorted(unknown)), left_out=left_out)


def _origin(head: Mapping[str, str], *, region: str, place: str) -> dict[str, Any]:
    try:
        as_of = date.fromisoformat(head.get("publicationDate", "")[:10])
    except ValueError:
        raise PriceListError(f"{place} does not say when it was published; download it again.") from None
    return {
        "row": 0,
        "provider": PROVIDER,
        "region": region,
        "as_of": as_of,
        "source": "AWS price list, AmazonEC2",
        "source_version": str(head.get("version", ""))[:100],
        "licence": LICENCE,
    }


def _offers(group: list[_Rate], *, upfront: str, origin: Mapping[str, Any]) -> Iterator[PriceOffer]:
    first = group[0]
    hours = {rate.amount for rate in group if rate.unit in ("Hrs", "hours")}
    payments = {rate.amount for rate in group if rate.unit == "Quantity"}
    named = {**origin, "name": first.name, "term": first.term, "currency": first.currency}
    if first.term != "on_demand" and upfront == "all":
        for paid in payments:
            note = f"standard, all upfront: {paid.normalize():f} {first.currency} at the start, spread over the term"
            yield PriceOffer(hourly=spread(paid, term=first.term), cross_check_note=note, **named)
        return
    note = "" if first.term == "on_demand" else "standard, no upfront"
    for hourly in hours:
        yield PriceOffer(hourly=hourly, cross_check_note=note, **named)


def _is_plain(attributes: Mapping[str, Any], *, column: int) -> bool:
    return all(attributes.get(names[column]) in allowed for names, allowed in _PLAIN)


def _csv_rates(
    text: io.TextIOWrapper, *, region: str, known: Collection[str], unknown: set[str], head: dict[str, str], place: str
) -> Iterator[_Rate]:
    rows = csv.reader(text, strict=True)
    try:
        columns = _csv_heading(rows, head=head, place=place)
        for cells in rows:
            if len(cells) != len(columns):
                raise PriceListError(f"{place} line {rows.line_num} was cut off; download it again.")
            row = dict(zip(columns, cells, strict=True))
            if _is_plain(row, column=1) and row.get("Region Code") == region:
                if row["Instance Type"] in known:
                    yield _csv_rate(row, place=f"{place} line {rows.line_num}")
                else:
                    unknown.add(row["Instance Type"])
    except (csv.Error, UnicodeDecodeError) as error:
        raise PriceListError(f"{place} line {rows.line_num} is no CSV ({error}); download it again.") from error


def _csv_heading(rows: Any, *, head: dict[str, str], place: str) -> list[str]:
    names = {"Publication Date": "publicationDate", "Version": "version"}
    for cells in rows:
        if cells and cells[0] == "SKU":
            return list(cells)
        if len(cells) == 2 and cells[0] in names:
            head[names[cells[0]]] = cells[1]
        if rows.line_num > _HEADING_AFTER:
            break
    raise PriceListError(f"{place} is no price list of AWS: no line starts with SKU; download it again.")


def _csv_rate(row: Mapping[str, str], *, place: str) -> _Rate:
    return _Rate(
        name=row["Instance Type"],
        lease=row.get("LeaseContractLength", "") if row["TermType"] == "Reserved" else "",
        option=row.get("PurchaseOption", ""),
        offering=row.get("OfferingClass", ""),
        unit=row["Unit"],
        amount=amount(row["PricePerUnit"], place=place),
        currency=row["Currency"],
    )


def _json_rates(
    text: io.TextIOWrapper, *, region: str, known: Collection[str], unknown: set[str], head: dict[str, str], place: str
) -> Iterator[_Rate]:
    stream = JsonStream(text, place=place)
    types: dict[str, str] | None = None
    for member in stream.members():
        if member == "products":
            types = _types(stream, region=region, known=known, unknown=unknown)
        elif member == "terms":
            if types is None:
                raise PriceListError(f"{place} has its terms before its products; use the CSV file.")
            for kind in stream.members():
                for sku in stream.members():
                    terms = stream.value()
                    if sku in types and kind in ("OnDemand", "Reserved"):
                        yield from _json_terms(terms, name=types[sku], place=f"{place} {sku}")
        else:
            head[member] = stream.value()
    stream.end()


def _types(stream: JsonStream, *, region: str, known: Collection[str], unknown: set[str]) -> dict[str, str]:
    """The known type of each SKU that is plain Linux in the region."""
    types: dict[str, str] = {}
    for sku in stream.members():
        attributes = stream.value().get("attributes", {})
        if _is_plain(attributes, column=0) and attributes.get("regionCode") == region:
            name = str(attributes.get("instanceType", ""))
            if name in known:
                types[sku] = name
            else:
                unknown.add(name)
    return types


def _json_terms(terms: Mapping[str, Any], *, name: str, place: str) -> Iterator[_Rate]:
    for term in terms.values():
        attributes = term.get("termAttributes", {})
        for dimension in term.get("priceDimensions", {}).values():
            for currency, price in dimension.get("pricePerUnit", {}).items():
                yield _Rate(
                    name=name,
                    lease=attributes.get("LeaseContractLength", ""),
                    option=attributes.get("PurchaseOption", ""),
                    offering=attributes.get("OfferingClass", ""),
                    unit=dimension.get("unit", ""),
                    amount=amount(price, place=place),
                    currency=currency,
                )
