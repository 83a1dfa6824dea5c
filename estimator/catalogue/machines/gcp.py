"""Which Google Cloud machine types the catalogue has, and what they are made of."""

from collections.abc import Mapping

from estimator.catalogue.machines.series import Series, per_vcpu

REFERENCE = "n2-standard-2"
# GiB per vCPU by the last part of a family's name.
MEMORY_GIB = {"standard": 4, "highmem": 8, "highcpu": 1}
UP_TO_80 = (2, 4, 8, 16, 32, 48, 64, 80)
UP_TO_96 = (*UP_TO_80, 96)
N1_SIZES = (1, 2, 4, 8, 16, 32, 64, 96)
N1_MODEL = "Xeon, Sandy Bridge to Skylake"


def _series(
    generation: str, *, kind: str, vcpus: tuple[int, ...], vendor: str, model: str, memory_gib: float | None = None
) -> Series:
    return Series(
        provider="gcp",
        family=f"{generation}-{kind}",
        pattern=f"{generation}-{kind}-{{vcpus}}",
        sizes=per_vcpu(memory_gib or MEMORY_GIB[kind], *vcpus),
        vcpu_kind="hyperthread",
        cpu_vendor=vendor,
        cpu_model=model,
    )


def _shared_core(name: str, *, memory_gib: int) -> Series:
    sizes: Mapping[int, float] = {2: memory_gib}
    return Series(
        provider="gcp",
        family="e2-shared-core",
        pattern=name,
        sizes=sizes,
        vcpu_kind="hyperthread",
        cpu_vendor="",
        cpu_model="",
        burstable=True,
    )


SERIES = (
    _shared_core("e2-micro", memory_gib=1),
    _shared_core("e2-small", memory_gib=2),
    _shared_core("e2-medium", memory_gib=4),
    # E2 runs on whatever host is free, Intel or AMD: no vendor, no model.
    *(
        _series("e2", kind=kind, vcpus=vcpus, vendor="", model="")
        for kind, vcpus in (("standard", (2, 4, 8, 16, 32)), ("highmem", (2, 4, 8, 16)), ("highcpu", (2, 4, 8, 16, 32)))
    ),
    *(
        _series("n2", kind=kind, vcpus=vcpus, vendor="Intel", model="Xeon, Cascade Lake or Ice Lake")
        for kind, vcpus in (("standard", (*UP_TO_96, 128)), ("highmem", UP_TO_80), ("highcpu", UP_TO_96))
    ),
    *(
        _series("n2d", kind=kind, vcpus=vcpus, vendor="AMD", model="EPYC, Rome or Milan")
        for kind, vcpus in (
            ("standard", (*UP_TO_96, 128, 224)),
            ("highmem", UP_TO_96),
            ("highcpu", (*UP_TO_96, 128, 224)),
        )
    ),
    _series("n1", kind="standard", vcpus=N1_SIZES, vendor="Intel", model=N1_MODEL, memory_gib=3.75),
    _series("n1", kind="highmem", vcpus=N1_SIZES[1:], vendor="Intel", model=N1_MODEL, memory_gib=6.5),
    _series("c2", kind="standard", vcpus=(4, 8, 16, 30, 60), vendor="Intel", model="Xeon, Cascade Lake"),
)
