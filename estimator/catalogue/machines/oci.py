"""Which Oracle Cloud machine types the catalogue has: flexible shapes at the sizes that a source prices."""

from estimator.catalogue.machines.series import Series

REFERENCE = "VM.Standard.E5.Flex.1OCPU"
GIB_PER_OCPU = 8
VCPUS_PER_OCPU = 2  # x86 only. A2 is left out: sources disagree on its vCPUs per OCPU

SERIES = tuple(
    Series(
        provider="oci",
        family="E5.Flex",
        pattern=f"VM.Standard.E5.Flex.{ocpus}OCPU",
        sizes={ocpus * VCPUS_PER_OCPU: ocpus * GIB_PER_OCPU},
        vcpu_kind="hyperthread",
        cpu_vendor="AMD",
        cpu_model="EPYC 9J14",
    )
    for ocpus in (1, 2, 4, 8, 16)
)
