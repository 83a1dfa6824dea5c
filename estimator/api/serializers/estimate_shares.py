"""Links to estimates and approvals of them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from estimator.api.examples import shown_with
from estimator.api.serializers.base import RowField, RowSerializer
from estimator.models import Estimate, EstimateApproval, EstimateShare

_NOW = {"estimate": 1, "expires_at": "2031-12-31T00:00:00Z"}


@shown_with(_NOW)
class EstimateShareSerializer(RowSerializer):
    """A link that shows one estimate without sign-in. Its address is in the answer that makes it, and never again."""

    estimate = RowField[Estimate](queryset=Estimate.objects.all(), help_text="An estimate's id.")
    address = serializers.SerializerMethodField(help_text="Where the estimate is shown; null once it was told.")
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    revoked_by = serializers.CharField(source="revoked_by.username", default=None, allow_null=True, read_only=True)

    class Meta:
        model = EstimateShare
        fields = ["id", "estimate", "address", "created_at", "created_by", "expires_at", "revoked_at", "revoked_by"]
        read_only_fields = ["created_at", "revoked_at"]

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_address(self, share: EstimateShare) -> str | None:
        """Absolute; the secret is known to the row that was just made."""
        if not share.plain_token:
            return None
        address: str = self.context["request"].build_absolute_uri(f"/shared/{share.plain_token}/")
        return address


@shown_with({"estimate": 1})
class EstimateApprovalSerializer(RowSerializer):
    """Who stands for an estimate; rows are only ever added."""

    estimate = RowField[Estimate](queryset=Estimate.objects.all(), help_text="An estimate's id.")
    approved_by = serializers.CharField(source="approved_by.username", read_only=True)

    class Meta:
        model = EstimateApproval
        fields = ["id", "estimate", "approved_at", "approved_by", "content_hash"]
        read_only_fields = ["approved_at", "content_hash"]
