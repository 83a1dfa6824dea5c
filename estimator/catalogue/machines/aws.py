"""Which AWS machine types the catalogue has, and what they are made of."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from estimator.catalogue.reader import CatalogueError, HardwareRow
from estimator.catalogue.sources import moto
from estimator.catalogue.sources.package import Package

AS_OF = date(2026, 10, 27)  # moto 5.2.5 was made that day; its file has no date of its own
REFERENCE = "m7i.large"
SUSTAINED_SIZES = ("medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")
BURSTABLE_SIZES = ("nano", "micro", "small", "medium", "large", "xlarge", "2xlarge")
# Flex types are left out: they promise 40 % of a CPU for part of the time, which no column here can say.
CPU_MODELS = {
    "t2": "Xeon, Haswell or Broadwell",
    "t3": "Xeon Platinum 8259CL",
    "t3a": "EPYC 7571",
    "t4g": "Graviton2",
    "m4 r4": "Xeon E5-2686 v4",
    "m5 c5 r5 m5d c5d r5d": "Xeon Scalable, first or second generation",
    "m5n r5n m5dn r5dn r5b": "Xeon Platinum 8259CL",
    "c5n": "Xeon Platinum 8124M",
    "m5a r5a m5ad r5ad": "EPYC 7571",
    "c5a c5ad": "EPYC 7R32",
    "m6i c6i r6i m6id c6id r6id m6in c6in r6in m6idn r6idn": "Xeon Platinum 8375C",
    "m6a c6a r6a": "EPYC 7R13",
    "m6g c6g r6g m6gd c6gd r6gd c6gn x2gd": "Graviton2",
    "m7i c7i r7i": "Xeon Platinum 8488C",
    "m7a c7a r7a": "EPYC 9R14",
    "r7iz": "Xeon Gold 6455B",
    "m7g c7g r7g m7gd c7gd r7gd": "Graviton3",
    "c7gn": "Graviton3E",
    "m8i c8i r8i m8id c8id r8id": "Xeon 6975P-C",
    "m8a c8a r8a": "EPYC 9R45",
    "m8g c8g r8g m8gd c8gd r8gd m8gn c8gn r8gn": "Graviton4",
}


def hardware(package: Package, *, scores: Mapping[str, float]) -> Iterator[HardwareRow]:
    """One row per chosen type; `scores` are single-thread scores by type name."""
    described = moto.descriptions(package)
    for families, cpu_model in CPU_MODELS.items():
        for family in families.split():
            for size in BURSTABLE_SIZES if family.startswith("t") else SUSTAINED_SIZES:
                name = f"{family}.{size}"
                if name in described:  # not every family has every size
                    yield _row(described[name], package=package, cpu_model=cpu_model, score=scores.get(name))


def _row(item: Any, *, package: Package, cpu_model: str, score: float | None) -> HardwareRow:
    processor = item["ProcessorInfo"]
    (architecture,) = (name for name in processor["SupportedArchitectures"] if name != "i386")
    return HardwareRow(
        provider="aws",
        name=item["InstanceType"],
        family=item["InstanceType"].partition(".")[0],
        architecture=architecture,
        vcpus=item["VCpuInfo"]["DefaultVCpus"],
        memory_mib=item["MemoryInfo"]["SizeInMiB"],
        vcpu_kind=_vcpu_kind(item),
        cpu_vendor=processor["Manufacturer"],
        cpu_model=cpu_model,
        clock_ghz=float(processor["SustainedClockSpeedInGhz"]),
        single_thread_score=score,
        burstable=item["BurstablePerformanceSupported"],
        network_mbps=moto.baseline_network_mbps(item),
        reference=item["InstanceType"] == REFERENCE,
        source=package.name,
        source_version=package.version,
        as_of=AS_OF,
        licence=package.licence,
    )


def _vcpu_kind(item: Any) -> str:
    threads = item["VCpuInfo"]["DefaultThreadsPerCore"]
    if threads not in (1, 2):
        raise CatalogueError(f"{item['InstanceType']} has {threads} threads per core; teach _vcpu_kind what that is.")
    return "core" if threads == 1 else "hyperthread"
