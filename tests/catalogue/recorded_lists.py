"""Price lists in the shapes that the providers document, and a server that gives them out."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PUBLISHED = "2026-11-20T17:04:11Z"
VERSION = "20261120170411"

# What AWS calls a virtual machine with plain Linux, in JSON and in CSV.
_CSV_NAMES = {
    "instanceType": "Instance Type",
    "operatingSystem": "Operating System",
    "tenancy": "Tenancy",
    "preInstalledSw": "Pre Installed S/W",
    "capacitystatus": "CapacityStatus",
    "operation": "operation",
    "regionCode": "Region Code",
    "marketoption": "MarketOption",
}


@dataclass(frozen=True, kw_only=True)
class Sku:
    """One product of the list with its on-demand price and its commitments: (lease, option, class, hourly, payment)."""

    name: str
    hourly: str = "0.1008000000"
    commitments: tuple[tuple[str, str, str, str, str], ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    def all_attributes(self) -> dict[str, str]:
        return {
            "instanceType": self.name,
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
            "operation": "RunInstances",
            "regionCode": "us-east-1",
            "marketoption": "OnDemand",
            **self.attributes,
        }


COMMITMENTS = (
    ("1yr", "No Upfront", "standard", "0.0667000000", ""),
    ("1yr", "All Upfront", "standard", "0.0000000000", "545"),
    ("1yr", "Partial Upfront", "standard", "0.0318000000", "278"),
    ("3yr", "All Upfront", "standard", "0.0000000000", "1043"),
    ("3yr", "All Upfront", "convertible", "0.0000000000", "1250"),
)


def aws_json(*skus: Sku, **head: Any) -> bytes:
    """index.json."""
    products = {
        f"SKU{n}": {"sku": f"SKU{n}", "productFamily": "Compute Instance", "attributes": sku.all_attributes()}
        for n, sku in enumerate(skus)
    }
    on_demand = {f"SKU{n}": _term(f"SKU{n}", "JRTCKXETXF", [("Hrs", sku.hourly)], {}) for n, sku in enumerate(skus)}
    reserved = {f"SKU{n}": _reserved(f"SKU{n}", sku) for n, sku in enumerate(skus)}
    document = {
        "formatVersion": "v1.0",
        "disclaimer": "This pricing list is for informational purposes only.",
        "offerCode": "AmazonEC2",
        "version": VERSION,
        "publicationDate": PUBLISHED,
        **head,
        "products": products,
        "terms": {"OnDemand": on_demand, "Reserved": reserved},
        "attributesList": {},
    }
    return json.dumps(document, indent=2).encode()


def _reserved(sku_id: str, sku: Sku) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    for number, (lease, option, offering, hourly, payment) in enumerate(sku.commitments):
        rates = [("Hrs", hourly), *([("Quantity", payment)] if payment else [])]
        names = {"LeaseContractLength": lease, "OfferingClass": offering, "PurchaseOption": option}
        terms |= _term(sku_id, f"TERM{number}", rates, names)
    return terms


def _term(sku_id: str, code: str, rates: list[tuple[str, str]], attributes: dict[str, str]) -> dict[str, Any]:
    dimensions = {
        f"{sku_id}.{code}.{unit}": {"unit": unit, "description": "", "pricePerUnit": {"USD": price}, "appliesTo": []}
        for unit, price in rates
    }
    body = {"offerTermCode": code, "sku": sku_id, "priceDimensions": dimensions, "termAttributes": attributes}
    return {f"{sku_id}.{code}": body}


_TERM_COLUMNS = ("SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "Unit", "PricePerUnit", "Currency")
_LEASE_COLUMNS = ("LeaseContractLength", "PurchaseOption", "OfferingClass")


def aws_csv(*skus: Sku) -> bytes:
    """index.csv: five lines about the list, the heading, a line for each rate."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([("FormatVersion", "v1.0"), ("Disclaimer", 'For information, "as is".')])
    writer.writerows([("Publication Date", PUBLISHED), ("Version", VERSION), ("OfferCode", "AmazonEC2")])
    writer.writerow((*_TERM_COLUMNS, *_LEASE_COLUMNS, "Product Family", *_CSV_NAMES.values()))
    for number, sku in enumerate(skus):
        attributes = ["Compute Instance", *(sku.all_attributes()[name] for name in _CSV_NAMES)]
        start = [f"SKU{number}", "CODE", f"SKU{number}.CODE.RATE"]
        writer.writerow([*start, "OnDemand", "$ per hour", "Hrs", sku.hourly, "USD", "", "", "", *attributes])
        for lease, option, offering, hourly, payment in sku.commitments:
            named = [lease, option, offering]
            if payment:
                writer.writerow([*start, "Reserved", "Upfront Fee", "Quantity", payment, "USD", *named, *attributes])
            writer.writerow([*start, "Reserved", "hours", "Hrs", hourly, "USD", *named, *attributes])
    return text.getvalue().encode()


def azure_item(name: str = "Standard_D2s_v5", price: float = 0.096, **values: Any) -> dict[str, Any]:
    """One meter of the Retail Prices API."""
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": price,
        "unitPrice": price,
        "armRegionName": "eastus",
        "location": "US East",
        "effectiveStartDate": "2021-11-01T00:00:00Z",
        "meterName": "D2s v5",
        "productName": "Virtual Machines Dsv5 Series",
        "skuName": "D2s v5",
        "serviceName": "Virtual Machines",
        "serviceFamily": "Compute",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": name,
        **values,
    }


def azure_page(*items: dict[str, Any], following: str | None = None) -> bytes:
    """One page."""
    head = {"BillingCurrency": "USD", "CustomerEntityId": "Default", "CustomerEntityType": "Retail"}
    return json.dumps({**head, "Items": items, "NextPageLink": following, "Count": len(items)}).encode()


@dataclass(kw_only=True)
class ListServer:
    """Answers each path with what stands in `answers`: a body, or a status with headers and a body."""

    url: str = ""
    answers: dict[str, bytes | tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextmanager
def list_server() -> Iterator[ListServer]:
    """A real server on loopback."""
    given = ListServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given.asked.append(self.path)
            answer = given.answers.get(self.path) or given.answers.get(self.path.partition("?")[0])
            status, headers, body = answer if isinstance(answer, tuple) else (200 if answer else 404, {}, answer or b"")
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        given.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield given
        finally:
            server.shutdown()
            thread.join()
