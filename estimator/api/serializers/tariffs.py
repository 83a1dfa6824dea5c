"""Prices of what is rented by use, read only: containers, functions, and the lines beside compute."""

from estimator.api.serializers.base import RowSerializer
from estimator.models import ContainerPrice, FunctionPrice, LinePrice

_OFFERED = ("id", "provider", "name", "region", "currency")
_SOURCE = ("cross_check", "cross_check_note", "source", "source_version", "as_of", "licence")


class ContainerPriceSerializer(RowSerializer):
    """Containers by vCPU-hour and GiB-hour."""

    class Meta:
        model = ContainerPrice
        fields = [*_OFFERED, "vcpu_hour", "gib_hour", "per_million_requests", "sizes", "free_tier", *_SOURCE]
        read_only_fields = fields


class FunctionPriceSerializer(RowSerializer):
    """Functions by request and by GiB-second."""

    class Meta:
        model = FunctionPrice
        fields = [
            *(*_OFFERED, "per_million_requests", "gib_second", "vcpu_second"),
            *("granularity_ms", "minimum_ms", "concurrency", "sizes", "free_tier", *_SOURCE),
        ]
        read_only_fields = fields


class LinePriceSerializer(RowSerializer):
    """One unit of a database, load balancer, egress or disk; a row for each tier of the month's quantity."""

    class Meta:
        model = LinePrice
        fields = [*_OFFERED, "line", "unit", "above", "unit_price", "servers", *_SOURCE]
        read_only_fields = fields
