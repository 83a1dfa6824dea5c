"""Hardware profiles and prices, read only."""

from rest_framework import serializers

from estimator.api.serializers.base import RowSerializer
from estimator.models import HardwareProfile, Price

_SOURCE = ["source", "source_version", "as_of", "licence"]


class HardwareProfileSerializer(RowSerializer):
    """A machine type that can be rented, or a benchmark host (provider `host`)."""

    class Meta:
        model = HardwareProfile
        fields = [
            "id",
            "provider",
            "name",
            "family",
            "architecture",
            "vcpus",
            "memory_mib",
            "vcpu_kind",
            "cpu_vendor",
            "cpu_model",
            "clock_ghz",
            "single_thread_score",
            "canary_score",
            "burstable",
            "sustained_share",
            "network_mbps",
            "reference",
            "facts",
            *_SOURCE,
        ]
        read_only_fields = fields


class PriceSerializer(RowSerializer):
    """What one instance costs per hour. Not listed is no row; a price is never zero."""

    provider = serializers.CharField(source="hardware.provider", read_only=True)
    hardware_name = serializers.CharField(source="hardware.name", read_only=True)

    class Meta:
        model = Price
        fields = [
            "id",
            "hardware",
            "provider",
            "hardware_name",
            "region",
            "term",
            "hourly",
            "upfront",
            "currency",
            "cross_check",
            "cross_check_note",
            *_SOURCE,
        ]
        read_only_fields = fields
