"""What a set-up search looks like: the schema of what `queries.setup_json.searches_json` returns."""

from typing import Any

from rest_framework import serializers

from estimator.api.serializers.capacities import RateSerializer


def _amount() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=24, decimal_places=6)


class SetupSerializer(serializers.Serializer[Any]):
    """One set-up: figures when it has a capacity, else the reasons why it has none."""

    stack = serializers.CharField(help_text="Slug of the variant, as its windows and capacities have it.")
    setup = serializers.CharField(help_text="In words.")
    settings = serializers.DictField(child=serializers.IntegerField(), help_text="What the search varies.")
    shipped = serializers.BooleanField(help_text="The stack's own set-up.")
    reasons = serializers.ListField(child=serializers.CharField())
    capacity_rps = RateSerializer(allow_null=True)
    capacity_rps_per_core = serializers.FloatField(allow_null=True)
    memory_mib = serializers.FloatField(allow_null=True, help_text="p95 under load, all workers.")
    capacity_rps_per_gib = serializers.FloatField(allow_null=True, help_text="Of one core, for each GiB.")
    half_capacity_p99_ms = serializers.FloatField(allow_null=True)
    on_front = serializers.BooleanField(help_text="No other is better by one measure and as good by the other.")
    best_by = serializers.ListField(child=serializers.ChoiceField(["capacity", "memory"]))


class SetupComparisonSerializer(serializers.Serializer[Any]):
    """The best set-up's capacity over the shipped one's, with a two-sided 95 % interval."""

    ratio = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField(allow_null=True, help_text="Null where one shared block tells no spread.")
    differs = serializers.BooleanField(help_text="Whether the interval excludes equality.")


class SetupFleetSerializer(serializers.Serializer[Any]):
    """The cheapest fleet of one set-up."""

    stack = serializers.CharField()
    hardware = serializers.CharField()
    instances = serializers.IntegerField()
    monthly_cost = _amount()


class SetupSavingSerializer(serializers.Serializer[Any]):
    """What tuning alone saves a month, P50, at one traffic."""

    requests_per_day = _amount()
    currency = serializers.CharField()
    shipped = SetupFleetSerializer()
    cheapest = SetupFleetSerializer()
    saved = _amount()
    reason = serializers.CharField(allow_blank=True, help_text="Why nothing is saved; empty where something is.")


class SetupSearchSerializer(serializers.Serializer[Any]):
    """What a search found under one workload, the best set-up by capacity first."""

    stack = serializers.CharField(help_text="The stack whose set-ups these are.")
    workload = serializers.CharField()
    objective_p99_ms = serializers.FloatField()
    verdict = serializers.CharField()
    comparison = SetupComparisonSerializer(allow_null=True)
    setups = SetupSerializer(many=True)
    savings = SetupSavingSerializer(many=True)


class RunSetupsSerializer(serializers.Serializer[Any]):
    """Empty for a run that searched nothing, and until it has succeeded."""

    run = serializers.IntegerField()
    target = serializers.CharField(allow_null=True, help_text="By whose rules savings are priced; null without one.")
    searches = SetupSearchSerializer(many=True)
