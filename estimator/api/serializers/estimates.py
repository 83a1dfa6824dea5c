"""Frozen estimates."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from estimator.api.serializers.base import RowSerializer
from estimator.api.serializers.figures import MoneyQuantilesSerializer
from estimator.api.serializers.projections import ProjectionSerializer
from estimator.models import Estimate
from estimator.services.estimates import frozen_content


class EstimateSerializer(RowSerializer):
    """What was frozen, when and by whom, from columns: hashes are verified at its own address and in files."""

    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True, read_only=True)
    monthly_cost = serializers.SerializerMethodField(
        help_text="Of its cheapest row; null where no stack could be costed."
    )

    class Meta:
        model = Estimate
        fields = [
            *("id", "title", "version", "previous", "target_name", "cost_centre"),
            *("created_at", "created_by", "currency", "monthly_cost", "budget_status", "content_hash"),
        ]
        read_only_fields = fields

    @extend_schema_field(MoneyQuantilesSerializer(allow_null=True))
    def get_monthly_cost(self, estimate: Estimate) -> dict[str, str] | None:
        """As it was frozen, to the minor unit."""
        monthly_cost: dict[str, str] | None = estimate.monthly_cost
        return monthly_cost


class EstimateDetailSerializer(EstimateSerializer):
    """An estimate with its frozen content, whose hash is verified on each reading: what was edited is not served."""

    intact = serializers.SerializerMethodField(help_text="That the row still is what was frozen; else there is none.")
    content = serializers.SerializerMethodField()

    class Meta(EstimateSerializer.Meta):
        fields = [*EstimateSerializer.Meta.fields, "intact", "content"]
        read_only_fields = fields

    def get_intact(self, _estimate: Estimate) -> bool:
        """The content beside it raises Tampered where this is not so."""
        return True

    @extend_schema_field(ProjectionSerializer)
    def get_content(self, estimate: Estimate) -> dict[str, Any]:
        """Raises Tampered when the row is not what was frozen."""
        return frozen_content(estimate)
