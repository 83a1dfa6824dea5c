"""Machine types that follow from a series: one line states what all its sizes share."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from estimator.catalogue.reader import CatalogueError, HardwareRow

MIB_PER_GIB = 1024
LICENCE = "Apache-2.0"
Specifications = Mapping[str, tuple[int, int, date]]


@dataclass(frozen=True, kw_only=True)
class Series:
    """Sizes of one series. `sizes` maps vCPUs to GiB of memory; `pattern` makes the name from the vCPUs."""

    provider: str
    family: str
    pattern: str
    sizes: Mapping[int, float]
    vcpu_kind: str
    cpu_vendor: str
    cpu_model: str
    architecture: str = "x86_64"
    burstable: bool = False


def per_vcpu(memory_gib: float, *vcpus: int) -> dict[int, float]:
    """Sizes with the same memory per vCPU."""
    return {count: count * memory_gib for count in vcpus}


def rows(
    series: Iterable[Series], *, reference: str, source: str, source_version: str, as_of: date
) -> Iterator[HardwareRow]:
    """One hardware row per size of each series."""
    for one in series:
        for vcpus, memory_gib in one.sizes.items():
            name = one.pattern.format(vcpus=vcpus)
            yield HardwareRow(
                provider=one.provider,
                name=name,
                family=one.family,
                architecture=one.architecture,
                vcpus=vcpus,
                memory_mib=round(memory_gib * MIB_PER_GIB),
                vcpu_kind=one.vcpu_kind,
                cpu_vendor=one.cpu_vendor,
                cpu_model=one.cpu_model,
                clock_ghz=None,
                single_thread_score=None,
                burstable=one.burstable,
                network_mbps=None,
                reference=name == reference,
                source=source,
                source_version=source_version,
                as_of=as_of,
                licence=LICENCE,
            )


def refuse_contradiction(row: HardwareRow, *, specifications: Specifications, spelling: str) -> None:
    """Raises CatalogueError unless the check source has the type, spelt so, with the same vCPUs and memory."""
    vcpus, memory_mib, _ = specifications.get(spelling, (0, 0, None))
    if (vcpus, memory_mib) != (row.vcpus, row.memory_mib):
        raise CatalogueError(
            f"{row.name} is {row.vcpus} vCPUs and {row.memory_mib} MiB in the series table, but {vcpus} and "
            f"{memory_mib} in the check source; correct the line of {row.family} in estimator/catalogue/machines."
        )
