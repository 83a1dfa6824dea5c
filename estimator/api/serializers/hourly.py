"""What fleets by the hour look like: the schema of `domain.hourly_json`, present where the target has a shape."""

from typing import Any

from rest_framework import serializers

from estimator.api.serializers.exchange import ListedPriceSerializer
from estimator.api.serializers.figures import (
    CountQuantilesSerializer,
    MoneyQuantilesSerializer,
    StepSerializer,
    exact_price,
    money,
)


def _week(child: serializers.Field[Any, Any, Any, Any], help_text: str) -> serializers.ListField:
    return serializers.ListField(child=child, help_text=f"168 hours, Monday 00:00 UTC first: {help_text}")


class ProjectedShapeSerializer(serializers.Serializer[Any]):
    """The week that was projected."""

    name = serializers.CharField()
    peak_to_mean = serializers.FloatField()
    busiest_hour = serializers.CharField()
    assumed = serializers.BooleanField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class PolicyPriceSerializer(serializers.Serializer[Any]):
    """What one instance costs."""

    term = serializers.CharField()
    hourly = exact_price()
    upfront = exact_price()
    as_of = serializers.DateField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    listed = ListedPriceSerializer(required=False, help_text="Where the price was converted.")


class RegretSerializer(serializers.Serializer[Any]):
    """Traffic falls by a share at the end of a month: what the commitment has brought by the end of its term."""

    fall = serializers.FloatField(help_text="Share of the traffic that goes.")
    after_months = serializers.IntegerField()
    term_months = serializers.IntegerField()
    saved = money(help_text="Until then, against paying by the hour.")
    lost = money(help_text="From then on.")
    net = money(help_text="Saved less lost; below 0 the commitment was a mistake.")


class PolicyCostSerializer(serializers.Serializer[Any]):
    """One policy: `base` instances at `base_price`, what stands above them at `price`."""

    policy = serializers.CharField()
    base = serializers.IntegerField()
    base_price = PolicyPriceSerializer(required=False, help_text="Only where a base is committed to.")
    price = PolicyPriceSerializer()
    week_instance_hours = CountQuantilesSerializer()
    monthly_cost = MoneyQuantilesSerializer()
    year_cost = MoneyQuantilesSerializer()
    expected_year_cost = money(help_text="The mean of the draws: what policies and bases are compared by.")
    present_saving = money(
        required=False,
        help_text="What a committed base saves over its term against paying by the hour, in today's money.",
    )
    discount_per_year = money(required=False, help_text="The yearly rate it is discounted at, an assumption.")
    regrets = RegretSerializer(many=True, required=False, help_text="Of a committed base, at the P50 of month 1.")
    asked = serializers.BooleanField(help_text="The target's own policy.")
    cheapest = serializers.BooleanField()


class HourlyFleetSerializer(serializers.Serializer[Any]):
    """A stack's cheapest machine through the hours of a week."""

    stack = serializers.CharField()
    title = serializers.CharField()
    hardware = serializers.CharField()
    region = serializers.CharField()
    currency = serializers.CharField()
    lag_h = serializers.IntegerField(help_text="Hours that an instance is asked for before it is needed.")
    fixed_instances = serializers.IntegerField()
    demand_rps = _week(serializers.FloatField(), "mean requests per second.")
    load = _week(serializers.FloatField(), "instances' worth of load, headroom included.")
    instances = _week(serializers.IntegerField(), "autoscaled.")
    policies = PolicyCostSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    arithmetic = StepSerializer(many=True)
