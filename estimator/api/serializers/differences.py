"""What the difference of two estimates looks like, and what is asked for to get one or to price one again."""

from typing import Any

from rest_framework import serializers

from estimator.api.serializers.base import RowField, StrictSerializer
from estimator.api.serializers.figures import money
from estimator.models import Estimate


class DifferenceQuestionSerializer(StrictSerializer):
    """What an estimate is held against."""

    base = RowField[Estimate](
        queryset=Estimate.objects.all(), help_text="Id of the estimate that the difference starts from."
    )


class RepriceQuestionSerializer(StrictSerializer):
    """Where the prices are from."""

    prices_of = RowField[Estimate](
        queryset=Estimate.objects.all(),
        required=False,
        help_text="Id of the estimate whose prices count. Default: the newest of the price list.",
    )


class ComparedEstimateSerializer(serializers.Serializer[Any]):
    """One of the two."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    content_hash = serializers.CharField()


class SplitSerializer(serializers.Serializer[Any]):
    """P50 bills and their difference by cause, in the minor unit: base + parts = estimate. Null: not told alone."""

    base = money()
    estimate = money()
    difference = money()
    price = money()
    performance = money(allow_null=True)
    traffic = money(allow_null=True)
    performance_and_traffic = money(allow_null=True, help_text="Where the two cannot be told apart.")
    not_split_because = serializers.CharField(allow_null=True)


class SidesSerializer(serializers.Serializer[Any]):
    """The same thing on both sides."""

    base = serializers.CharField()
    estimate = serializers.CharField()


class ChangeSerializer(SidesSerializer):
    """Something that is not the same, in words, and what it bears on: price, performance or traffic."""

    cause = serializers.CharField()
    name = serializers.CharField()


class PairSerializer(serializers.Serializer[Any]):
    """One stack on both sides."""

    stack = serializers.CharField()
    title = serializers.CharField()
    hardware = SidesSerializer()
    currency = serializers.CharField()
    sentence = serializers.CharField()
    month = SplitSerializer(help_text="Month 1.")
    year = SplitSerializer(help_text="Twelve months added up.")
    changes = ChangeSerializer(many=True)


class NotComparedSerializer(serializers.Serializer[Any]):
    """A stack that is not on both sides, and why."""

    stack = serializers.CharField()
    title = serializers.CharField()
    reason = serializers.CharField()


class DifferenceSerializer(serializers.Serializer[Any]):
    """From the base to the estimate. Rounding's rest of at most a few minor units goes to the largest part."""

    base = ComparedEstimateSerializer()
    estimate = ComparedEstimateSerializer()
    stacks = PairSerializer(many=True, help_text="Each stack's cheapest fleet against its cheapest fleet.")
    machines = PairSerializer(many=True, help_text="Each stack on each machine that both estimates hold.")
    not_compared = NotComparedSerializer(many=True)
