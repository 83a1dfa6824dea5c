"""Frozen estimates."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from estimator.api.serializers.base import RowSerializer
from estimator.api.serializers.projections import ProjectionSerializer
from estimator.models import Estimate
from estimator.services.estimates import Tampered, frozen_content


class EstimateSerializer(RowSerializer):
    """What was frozen, when and by whom; the figures are on the estimate's own address."""

    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True, read_only=True)

    intact = serializers.SerializerMethodField(help_text="Whether the row still is what was frozen.")

    class Meta:
        model = Estimate
        fields = [
            *("id", "title", "version", "previous", "target_name", "cost_centre"),
            *("created_at", "created_by", "content_hash", "intact"),
        ]
        read_only_fields = fields

    def get_intact(self, estimate: Estimate) -> bool:
        """A list still answers when one of its rows was tampered with; that row's own address does not."""
        try:
            frozen_content(estimate)
        except Tampered:
            return False
        return True


class EstimateDetailSerializer(EstimateSerializer):
    """An estimate with its frozen content, whose hash is verified on each reading."""

    content = serializers.SerializerMethodField()

    class Meta(EstimateSerializer.Meta):
        fields = [*EstimateSerializer.Meta.fields, "content"]
        read_only_fields = fields

    @extend_schema_field(ProjectionSerializer)
    def get_content(self, estimate: Estimate) -> dict[str, Any]:
        """Raises Tampered when the row is not what was frozen."""
        return frozen_content(estimate)
