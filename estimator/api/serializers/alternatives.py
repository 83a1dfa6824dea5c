"""What containers, functions and lines look like: the schema of what `domain.alternatives_json` returns."""

from typing import Any

from rest_framework import serializers

from estimator.api.serializers.exchange import UsedRateSerializer
from estimator.api.serializers.figures import (
    CountQuantilesSerializer,
    MoneyQuantilesSerializer,
    StepSerializer,
    exact_price,
    money,
)

_Texts = serializers.ListField


class TariffRowSerializer(serializers.Serializer[Any]):
    """What rows by containers and by functions have in common."""

    stack = serializers.CharField()
    title = serializers.CharField()
    service = serializers.CharField()
    size = serializers.CharField()
    region = serializers.CharField()
    currency = serializers.CharField()
    monthly_cost = MoneyQuantilesSerializer()
    cost_per_million_requests = money()
    binding_constraint = serializers.CharField()
    per_million_requests = exact_price()
    free_tier = serializers.CharField(allow_blank=True, help_text="Said, not counted.")
    price_source = serializers.CharField()
    priced_as_of = serializers.DateField()
    licence = serializers.CharField(allow_blank=True)
    converted_at = UsedRateSerializer(required=False, help_text="Where its prices are listed in another currency.")
    run = serializers.CharField(allow_blank=True)
    assumptions = _Texts(child=serializers.CharField())
    warnings = _Texts(child=serializers.CharField())
    arithmetic = StepSerializer(many=True, required=False, help_text="In frozen estimates.")


class ContainerPartsSerializer(serializers.Serializer[Any]):
    """The P50 bill in its parts; they add up exactly."""

    vcpus = money()
    memory = money()
    requests = money()


class ContainerRowSerializer(TariffRowSerializer):
    """What one stack costs per month in one container service, at its cheapest size."""

    vcpus = serializers.CharField()
    memory_gib = serializers.CharField()
    containers = serializers.IntegerField()
    containers_range = CountQuantilesSerializer()
    parts = ContainerPartsSerializer()
    vcpu_hour = exact_price()
    gib_hour = exact_price()


class BilledSerializer(serializers.Serializer[Any]):
    """Milliseconds per request, its part of the cold starts included."""

    p10 = money()
    p50 = money()
    p90 = money()


class FunctionPartsSerializer(serializers.Serializer[Any]):
    """The P50 bill in its parts; they add up exactly."""

    requests = money()
    duration = money()


class FunctionRowSerializer(TariffRowSerializer):
    """What one stack costs per month as a function, at its cheapest memory size."""

    memory_mib = serializers.IntegerField()
    vcpus = serializers.CharField()
    duration_ms = serializers.FloatField()
    billed_ms = BilledSerializer()
    concurrency = serializers.FloatField(help_text="Requests at once at the peak, with headroom.")
    parts = FunctionPartsSerializer()
    instances_cheaper_from_requests_per_day = money(
        allow_null=True, help_text="From there on the stack's cheapest fleet costs less; null: nowhere searched."
    )
    gib_second = exact_price()
    vcpu_second = exact_price()


class QuantityQuantilesSerializer(serializers.Serializer[Any]):
    """How much a month takes."""

    p10 = money()
    p50 = money()
    p90 = money()


class LineRowSerializer(serializers.Serializer[Any]):
    """One line beside one fleet, outside of its compute cost."""

    stack = serializers.CharField()
    hardware = serializers.CharField()
    region = serializers.CharField()
    line = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    quantity = QuantityQuantilesSerializer()
    currency = serializers.CharField()
    unit_price = exact_price(help_text="Of the first tier.")
    monthly_cost = MoneyQuantilesSerializer()
    formula = serializers.CharField()
    price_source = serializers.CharField()
    priced_as_of = serializers.DateField()
    licence = serializers.CharField(allow_blank=True)
    converted_at = UsedRateSerializer(required=False, help_text="Where its prices are listed in another currency.")
    arithmetic = StepSerializer(many=True, required=False, help_text="In frozen estimates.")


class UncountedLineSerializer(serializers.Serializer[Any]):
    """A line that was asked for and has no figure, and why."""

    line = serializers.CharField()
    reason = serializers.CharField()


class LinesTotalSerializer(serializers.Serializer[Any]):
    """One fleet's compute and its lines, P50 by P50: percentiles do not add up."""

    stack = serializers.CharField()
    title = serializers.CharField()
    hardware = serializers.CharField()
    region = serializers.CharField()
    currency = serializers.CharField()
    compute = money()
    lines = money()
    with_compute = money()
    uncounted = UncountedLineSerializer(many=True)


class UnservedSerializer(serializers.Serializer[Any]):
    """A stack that a service cannot carry, and why."""

    stack = serializers.CharField()
    service = serializers.CharField()
    reason = serializers.CharField()
