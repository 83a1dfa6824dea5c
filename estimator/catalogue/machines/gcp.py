"""Which Google Cloud machine types the catalogue has, and what they are made of."""

from collections.abc import Mapping

from estimator.catalogue.machines.series import Series, per_vcpu

REFERENCE = "n2-standard-2"
# GiB per vCPU by the last part of a family's name.
MEMORY_GIB = {"standard": 4, "highmem": 8, "highcpu": 1}


def _series(generation: str, *, kind: str, vcpus: tuple[int, ...], vendor: str, model: str) -> Series:
    return Series(
        provider="gcp",
        family=f"{generation}-{kind}",
        pattern=f"{generation}-{kind}-{{vcpus}}",
        sizes=per_vcpu(MEMORY_GIB[kind], *vcpus),
        vcpu_kind="hyperthread",
        cpu_vendor=vendor,
        cpu_model=model,
    )


def _shared_core(name: str, *, memory_gib: int) -> Series:
    sizes: Mapping[int, int] = {2: memory_gib}
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
        _series("n2", kind=kind, vcpus=(2, 4, 8, 16, 32, 64), vendor="Intel", model="Xeon, Cascade Lake or Ice Lake")
        for kind in MEMORY_GIB
    ),
    *(
        _series("n2d", kind=kind, vcpus=(2, 4, 8, 16, 32, 64), vendor="AMD", model="EPYC, Rome or Milan")
        for kind in MEMORY_GIB
    ),
    _series("c2", kind="standard", vcpus=(4, 8, 16, 30, 60), vendor="Intel", model="Xeon, Cascade Lake"),
)
