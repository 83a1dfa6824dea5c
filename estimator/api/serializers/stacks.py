"""Stacks and workloads, read only: they come from the manifests."""

from estimator.api.serializers.base import RowSerializer, SlugField
from estimator.models import Stack, Workload


class WorkloadSerializer(RowSerializer):
    """One kind of request."""

    class Meta:
        model = Workload
        fields = ["id", "slug", "title", "position"]
        read_only_fields = fields


class StackSerializer(RowSerializer):
    """Framework + server + settings + app."""

    workloads = SlugField[Workload](many=True, read_only=True)

    class Meta:
        model = Stack
        fields = [
            "id",
            "slug",
            "title",
            "framework",
            "server",
            "position",
            "settings",
            "manifest_hash",
            "workloads",
            "unsupported",
            "active",
        ]
        read_only_fields = fields
