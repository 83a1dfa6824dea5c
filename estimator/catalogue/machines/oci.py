"""Which Oracle Cloud machine types the catalogue has: flexible shapes at a few sizes."""

from estimator.catalogue.machines.series import Series

REFERENCE = "VM.Standard.E5.Flex.1OCPU"
X86_GIB_PER_OCPU = 8
ARM_GIB_PER_OCPU = 6
UP_TO_16 = (1, 2, 4, 8, 16)
UP_TO_32 = (*UP_TO_16, 24, 32)


def _x86(shape: str, *, sizes: tuple[int, ...], vendor: str, model: str) -> list[Series]:
    """An OCPU is a core with its two hyperthreads."""
    return [
        Series(
            provider="oci",
            family=shape.removeprefix("VM.").removeprefix("Standard."),
            pattern=f"{shape}.{ocpus}OCPU",
            sizes={ocpus * 2: ocpus * X86_GIB_PER_OCPU},
            vcpu_kind="hyperthread",
            cpu_vendor=vendor,
            cpu_model=model,
        )
        for ocpus in sizes
    ]


def _altra(ocpus: int) -> Series:
    """An OCPU of A1 is a core. A2 is left out: sources disagree on its vCPUs per OCPU."""
    return Series(
        provider="oci",
        family="A1.Flex",
        pattern=f"VM.Standard.A1.Flex.{ocpus}OCPU",
        sizes={ocpus: ocpus * ARM_GIB_PER_OCPU},
        vcpu_kind="core",
        cpu_vendor="Ampere",
        cpu_model="Altra",
        architecture="arm64",
    )


SERIES = (
    *_x86("VM.Standard.E4.Flex", sizes=UP_TO_32, vendor="AMD", model="EPYC 7J13"),
    *_x86("VM.Standard.E5.Flex", sizes=UP_TO_32, vendor="AMD", model="EPYC 9J14"),
    *_x86("VM.Standard.E6.Flex", sizes=UP_TO_32, vendor="AMD", model="EPYC 9J45"),
    *_x86("VM.Standard3.Flex", sizes=UP_TO_32, vendor="Intel", model="Xeon Platinum 8358"),
    *_x86("VM.Optimized3.Flex", sizes=UP_TO_16, vendor="Intel", model="Xeon 6354"),
    *(_altra(ocpus) for ocpus in UP_TO_32),
)
