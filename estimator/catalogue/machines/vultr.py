"""Which Vultr plans the catalogue has, and whose processors they share."""

from collections.abc import Iterator

from estimator.catalogue.reader import HardwareRow
from estimator.catalogue.sources import vultr_plans
from estimator.catalogue.sources.package import Package

# Shared processors: what a plan sustains depends on its neighbours, so they count as burstable.
SHARED = {
    "vc2": ("vc2-1c-1gb", "vc2-1c-2gb", "vc2-2c-4gb", "vc2-4c-8gb", "vc2-6c-16gb", "vc2-8c-32gb", "vc2-16c-64gb"),
    "vhf": ("vhf-1c-1gb", "vhf-1c-2gb", "vhf-2c-4gb", "vhf-3c-8gb", "vhf-4c-16gb", "vhf-6c-24gb", "vhf-8c-32gb"),
    **{
        f"vhp-{maker}": tuple(
            f"vhp-{size}-{maker}" for size in ("1c-1gb", "1c-2gb", "2c-4gb", "4c-8gb", "8c-16gb", "12c-24gb")
        )
        for maker in ("amd", "intel")
    },
}
# Dedicated ones, each at its smallest disk.
DEDICATED = {
    "voc-c": ("voc-c-2c-4gb-50s-amd", "voc-c-4c-8gb-75s-amd", "voc-c-8c-16gb-150s-amd"),
    "voc-g": ("voc-g-1c-4gb-30s-amd", "voc-g-2c-8gb-50s-amd", "voc-g-4c-16gb-80s-amd", "voc-g-8c-32gb-160s-amd"),
    "voc-m": ("voc-m-1c-8gb-50s-amd", "voc-m-2c-16gb-100s-amd"),
}


def hardware(package: Package) -> Iterator[HardwareRow]:
    """One row per chosen plan that the source sells in its region."""
    plans = vultr_plans.plans(package)
    for families, shared in ((SHARED, True), (DEDICATED, False)):
        for family, names in families.items():
            for name in names:
                if name in plans:
                    yield _row(plans[name], package=package, family=family, shared=shared)


def _row(plan: vultr_plans.Plan, *, package: Package, family: str, shared: bool) -> HardwareRow:
    return HardwareRow(
        provider="vultr",
        name=plan.name,
        family=family,
        architecture="x86_64",
        vcpus=plan.vcpus,
        memory_mib=plan.memory_mib,
        vcpu_kind="hyperthread",
        cpu_vendor=plan.cpu_vendor,
        cpu_model="",
        clock_ghz=None,
        single_thread_score=None,
        burstable=shared,
        network_mbps=None,
        reference=False,
        source=package.name,
        source_version=package.version,
        as_of=plan.as_of,
        licence=package.licence,
    )
