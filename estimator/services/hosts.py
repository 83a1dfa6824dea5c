"""Benchmark hosts are hardware profiles whose facts and canary score were measured on them."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from estimator.models import HardwareProfile

_ARCHITECTURES = {"aarch64": "arm64", "amd64": "x86_64"}  # as the kernel names them: as the catalogue does


def register_host(*, name: str, facts: Mapping[str, Any], canary_score: float | None) -> HardwareProfile:
    """Register the machine this runs on, or refresh its facts. It has no price: it is measured, not rented."""
    machine = facts.get("machine") or "x86_64"
    values = {
        "family": "benchmark host",
        "architecture": _ARCHITECTURES.get(machine, machine),
        "vcpus": facts["cores_online"],
        "memory_mib": facts["memory_mib"],
        "cpu_vendor": facts.get("cpu_vendor") or "",
        "cpu_model": facts.get("cpu_model_name") or "",
        "source": "measured by the bench on the host itself",
        "as_of": timezone.now().date(),
        "facts": dict(facts),
    }
    if canary_score is not None:
        values["canary_score"] = canary_score
    return HardwareProfile.objects.update_or_create(provider="host", name=name, defaults=values)[0]
