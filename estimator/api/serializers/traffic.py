"""Traffic targets."""

from estimator.api.examples import TARGET, shown_with
from estimator.api.serializers.base import AmountField, RowSerializer
from estimator.models import TrafficTarget


@shown_with(TARGET)
class TrafficTargetSerializer(RowSerializer):
    """Traffic to be priced: how much, how uneven, within which objective, surviving what."""

    requests_per_day = AmountField(
        max_digits=18, decimal_places=3, help_text="Mean requests per day; 10000000 is 116 requests/s."
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
            "growth_per_month",
            "slo_p99_ms",
            "error_rate",
            "headroom",
            "minimum_instances",
            "zones",
            "survive_zone_loss",
            "spares",
            "region",
            "currency",
            "cost_centre",
            "standing",
        ]
        read_only_fields = ["id"]
        validators: list[object] = []  # the service checks the rows' constraints and names the field to mend
