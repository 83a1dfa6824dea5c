"""What is said of stacks beside each other: who is cheapest, and from which traffic on it matters."""

from typing import Any

from rest_framework import serializers

from estimator.api.serializers.figures import MoneyQuantilesSerializer, money


class FleetSerializer(serializers.Serializer[Any]):
    """A stack's cheapest fleet at some traffic."""

    stack = serializers.CharField()
    requests_per_day = money()
    hardware = serializers.CharField()
    region = serializers.CharField()
    instances = serializers.IntegerField()
    currency = serializers.CharField()
    monthly_cost = MoneyQuantilesSerializer()
    priced_as_of = serializers.DateField(required=False, help_text="Not in estimates older than it.")


class ComparisonSerializer(serializers.Serializer[Any]):
    """One stack against another, over the same draws."""

    stack = serializers.CharField()
    other = serializers.CharField()
    saving = money()
    currency = serializers.CharField()
    probability = serializers.FloatField()
    decided = serializers.BooleanField()


class CapacityRatioSerializer(serializers.Serializer[Any]):
    """What one carries over what another does, on the measured host, with a 95 % interval."""

    ratio = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField(allow_null=True)
    pairs = serializers.IntegerField()
    basis = serializers.CharField()
    verdict = serializers.CharField()


class CapacityComparisonSerializer(CapacityRatioSerializer):
    """What the first stack carries over what the second does."""

    first = serializers.CharField()
    second = serializers.CharField()


class CheapestShareSerializer(serializers.Serializer[Any]):
    """Shares of the draws in which a stack has the lowest bill: by itself, or tied with others."""

    stack = serializers.CharField()
    alone = serializers.FloatField()
    tied = serializers.FloatField()


class VerdictSerializer(serializers.Serializer[Any]):
    """Does it matter, and from which traffic on?"""

    sentence = serializers.CharField()
    outcome = serializers.CharField()
    same_cost = serializers.BooleanField()
    cheapest = serializers.CharField(allow_null=True)
    probability = serializers.FloatField(allow_null=True)
    cheapest_shares = CheapestShareSerializer(many=True)
    same_bill_probability = serializers.FloatField(
        allow_null=True, help_text="Share of draws in which all stacks have the same bill; null for one stack."
    )
    comparisons = ComparisonSerializer(many=True)
    capacity_comparisons = CapacityComparisonSerializer(many=True)
    indifference_requests_per_day = money(allow_null=True)
    first_to_grow = serializers.ListField(child=serializers.CharField())
    at_ten_times = FleetSerializer(many=True)
    difference_at_ten_times = money(allow_null=True)


class PolicyVerdictSerializer(serializers.Serializer[Any]):
    """Who is cheapest under a policy by the hour: the paired rule of the verdict, on bills of month 1."""

    policy = serializers.CharField()
    asked = serializers.BooleanField(help_text="The target's own policy.")
    sentence = serializers.CharField()
    outcome = serializers.CharField()
    cheapest = serializers.CharField(allow_null=True)
    probability = serializers.FloatField(help_text="That the cheapest is strictly cheaper than every other stack.")
    cheapest_shares = CheapestShareSerializer(many=True)
    same_bill_probability = serializers.FloatField()
    comparisons = ComparisonSerializer(many=True)
