"""Traffic targets."""

from rest_framework import serializers

from estimator.api.examples import TARGET, shown_with
from estimator.api.serializers.base import AmountField, RowField, RowSerializer
from estimator.models import TrafficTarget
from estimator.models.profiles import TrafficProfile


@shown_with(TARGET)
class TrafficTargetSerializer(RowSerializer):
    """Traffic to be priced: how much, how uneven, within which objective, surviving what."""

    requests_per_day = AmountField(
        max_digits=18, decimal_places=3, help_text="Mean requests per day; 10000000 is 116 requests/s."
    )

    shape = RowField[TrafficProfile](
        queryset=TrafficProfile.objects.all(),
        required=False,
        allow_null=True,
        help_text="A traffic profile's id: its busiest hour counts in place of the three ratios.",
    )

    class Meta:
        model = TrafficTarget
        fields = [
            "id",
            "name",
            "requests_per_day",
            "peak_to_mean_low",
            "peak_to_mean",
            "peak_to_mean_high",
            "shape",
            "burst",
            "growth_per_month_low",
            "growth_per_month",
            "growth_per_month_high",
            "slo_p99_ms",
            "error_rate",
            "headroom",
            "minimum_instances",
            "zones",
            "survive_zone_loss",
            "spares",
            "fleet_policy",
            "boot_s",
            "allow_spot",
            "region",
            "currency",
            "cost_centre",
            "monthly_budget",
            "budget_thresholds",
            "payload_bytes",
            "database_connections",
            "database_connections_reserved",
            "database_rtt_ms",
            "standing",
        ]
        read_only_fields = ["id"]
        validators: list[object] = []  # the service checks the rows' constraints and names the field to mend


class TrafficProfileSerializer(RowSerializer):
    """A week of requests, Monday 00:00 UTC first; entered in the admin."""

    hourly = serializers.ListField(child=serializers.FloatField(), read_only=True, help_text="168 hours, in any unit.")
    peak_to_mean = serializers.SerializerMethodField(help_text="The busiest hour over the mean.")

    class Meta:
        model = TrafficProfile
        fields = [
            "id",
            "name",
            "hourly",
            "peak_to_mean",
            "assumed",
            "source",
            "source_version",
            "as_of",
            "licence",
        ]
        read_only_fields = fields

    def get_peak_to_mean(self, row: TrafficProfile) -> float:
        """A ratio."""
        return row.to_shape().peak
