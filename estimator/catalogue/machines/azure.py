"""Which Azure machine types the catalogue has, and what they are made of."""

from collections.abc import Iterator, Mapping

from estimator.catalogue.machines.series import Series, per_vcpu

REFERENCE = "Standard_D2s_v5"
ICE_LAKE = "Xeon Platinum 8370C or newer"
CASCADE_LAKE = "Xeon Platinum 8272CL or 8370C"
MIXED = "Xeon, Haswell to Ice Lake"  # whichever host is free
MILAN = "EPYC 7763"
ROME = "EPYC 7452 or 7763"


def _series(
    family: str,
    *,
    pattern: str,
    sizes: Mapping[int, float],
    vendor: str,
    model: str,
    vcpu_kind: str = "hyperthread",
) -> Series:
    return Series(
        provider="azure",
        family=family,
        pattern=f"Standard_{pattern}",
        sizes=sizes,
        vcpu_kind=vcpu_kind,
        cpu_vendor=vendor,
        cpu_model=model,
    )


def _twins(series: str, version: str, *, sizes: Mapping[int, float], vendor: str, model: str) -> Iterator[Series]:
    """The series with and without premium disks: two names, one machine, one price."""
    letter, features = series[0], series[1:]
    for premium in ("", "s"):
        suffix = f"{features}{premium}"
        pattern = f"{letter}{{vcpus}}{suffix}_{version}"
        yield _series(f"{letter}{suffix}{version}", pattern=pattern, sizes=sizes, vendor=vendor, model=model)


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


UP_TO_16 = (2, 4, 8, 16)
UP_TO_64 = (2, 4, 8, 16, 32, 48, 64)
# E64s_v4 is the exception: 504 GiB, not 512. A size whose price or memory per vCPU is not its series' is left out.
ESV4_SIZES = {**per_vcpu(8, 2, 4, 8, 16, 32, 48), 64: 504}
EV3_SIZES = per_vcpu(8, 2, 4, 8, 16, 20, 32)
EAV4_SIZES = per_vcpu(8, 2, 4, 8, 16, 20, 32, 48, 64)
EDV4_SIZES = {**per_vcpu(8, 2, 4, 8, 16, 20, 32, 48), 64: 504}
FIRST_F_SIZES = per_vcpu(2, 1, 2, 4, 8, 16)

SERIES = (
    _burstable("B1s", vcpus=1, memory_gib=1),
    _burstable("B1ms", vcpus=1, memory_gib=2),
    _burstable("B2s", vcpus=2, memory_gib=4),
    _burstable("B2ms", vcpus=2, memory_gib=8),
    _burstable("B4ms", vcpus=4, memory_gib=16),
    _burstable("B8ms", vcpus=8, memory_gib=32),
    _burstable("B12ms", vcpus=12, memory_gib=48),
    _burstable("B16ms", vcpus=16, memory_gib=64),
    _burstable("B20ms", vcpus=20, memory_gib=80),
    _series("Dsv5", pattern="D{vcpus}s_v5", sizes=per_vcpu(4, *UP_TO_16), vendor="Intel", model=ICE_LAKE),
    _series("Dasv5", pattern="D{vcpus}as_v5", sizes=per_vcpu(4, 2, 4), vendor="AMD", model=MILAN),
    _series("Esv5", pattern="E{vcpus}s_v5", sizes=per_vcpu(8, *UP_TO_16), vendor="Intel", model=ICE_LAKE),
    _series("Fsv2", pattern="F{vcpus}s_v2", sizes=per_vcpu(2, *UP_TO_64, 72), vendor="Intel", model=CASCADE_LAKE),
    _series("F", pattern="F{vcpus}", sizes=FIRST_F_SIZES, vendor="Intel", model=MIXED, vcpu_kind="core"),
    _series("Fs", pattern="F{vcpus}s", sizes=FIRST_F_SIZES, vendor="Intel", model=MIXED, vcpu_kind="core"),
    _series("Lsv2", pattern="L{vcpus}s_v2", sizes=per_vcpu(8, 8, 16, 32, 48, 64, 80), vendor="AMD", model="EPYC 7551"),
    *_twins("D", "v3", sizes=per_vcpu(4, *UP_TO_64), vendor="Intel", model=MIXED),
    *_twins("D", "v4", sizes=per_vcpu(4, *UP_TO_64), vendor="Intel", model=CASCADE_LAKE),
    *_twins("Dd", "v4", sizes=per_vcpu(4, *UP_TO_64), vendor="Intel", model=CASCADE_LAKE),
    *_twins("Da", "v4", sizes=per_vcpu(4, *UP_TO_64, 96), vendor="AMD", model=ROME),
    *_twins("E", "v3", sizes=EV3_SIZES, vendor="Intel", model=MIXED),
    *_twins("E", "v4", sizes=ESV4_SIZES, vendor="Intel", model=CASCADE_LAKE),
    *_twins("Ed", "v4", sizes=EDV4_SIZES, vendor="Intel", model=CASCADE_LAKE),
    *_twins("Ea", "v4", sizes=EAV4_SIZES, vendor="AMD", model=ROME),
)
