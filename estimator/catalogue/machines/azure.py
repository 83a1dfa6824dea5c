"""Which Azure machine types the catalogue has, and what they are made of."""

from collections.abc import Mapping

from estimator.catalogue.machines.series import Series, per_vcpu

REFERENCE = "Standard_D2s_v5"
ICE_LAKE = "Xeon Platinum 8370C or newer"
CASCADE_LAKE = "Xeon Platinum 8272CL or 8370C"
MILAN = "EPYC 7763"
ROME = "EPYC 7452 or 7763"


def _series(family: str, *, pattern: str, sizes: Mapping[int, int], vendor: str, model: str) -> Series:
    return Series(
        provider="azure",
        family=family,
        pattern=pattern,
        sizes=sizes,
        vcpu_kind="hyperthread",
        cpu_vendor=vendor,
        cpu_model=model,
    )


def _burstable(name: str, *, vcpus: int, memory_gib: int) -> Series:
    return Series(
        provider="azure",
        family="B",
        pattern=f"Standard_{name}",
        sizes={vcpus: memory_gib},
        vcpu_kind="hidden",  # the first B series does not tell
        cpu_vendor="Intel",
        cpu_model="",
        burstable=True,
    )


# E64s_v4 is the exception: 504 GiB, not 512.
ESV4_SIZES = {**per_vcpu(8, 2, 4, 8, 16, 32, 48), 64: 504}
UP_TO_16 = (2, 4, 8, 16)
UP_TO_64 = (2, 4, 8, 16, 32, 48, 64)

SERIES = (
    _burstable("B1s", vcpus=1, memory_gib=1),
    _burstable("B1ms", vcpus=1, memory_gib=2),
    _burstable("B2s", vcpus=2, memory_gib=4),
    _burstable("B2ms", vcpus=2, memory_gib=8),
    _burstable("B4ms", vcpus=4, memory_gib=16),
    _burstable("B8ms", vcpus=8, memory_gib=32),
    _series("Dsv5", pattern="Standard_D{vcpus}s_v5", sizes=per_vcpu(4, *UP_TO_16), vendor="Intel", model=ICE_LAKE),
    _series("Dasv5", pattern="Standard_D{vcpus}as_v5", sizes=per_vcpu(4, 2, 4), vendor="AMD", model=MILAN),
    _series("Esv5", pattern="Standard_E{vcpus}s_v5", sizes=per_vcpu(8, *UP_TO_16), vendor="Intel", model=ICE_LAKE),
    _series("Fsv2", pattern="Standard_F{vcpus}s_v2", sizes=per_vcpu(2, *UP_TO_64), vendor="Intel", model=CASCADE_LAKE),
    _series("Dsv4", pattern="Standard_D{vcpus}s_v4", sizes=per_vcpu(4, *UP_TO_64), vendor="Intel", model=CASCADE_LAKE),
    _series("Dasv4", pattern="Standard_D{vcpus}as_v4", sizes=per_vcpu(4, *UP_TO_64), vendor="AMD", model=ROME),
    _series("Esv4", pattern="Standard_E{vcpus}s_v4", sizes=ESV4_SIZES, vendor="Intel", model=CASCADE_LAKE),
    _series("Easv4", pattern="Standard_E{vcpus}as_v4", sizes=per_vcpu(8, *UP_TO_64), vendor="AMD", model=ROME),
)
