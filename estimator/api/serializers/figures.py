"""Figures that several answers hold: money, counts, and the steps of an arithmetic."""

from typing import Any

from rest_framework import serializers


def money(**options: Any) -> serializers.DecimalField:
    """A decimal string."""
    return serializers.DecimalField(max_digits=24, decimal_places=6, **options)


def exact_price(**options: Any) -> serializers.DecimalField:
    """A decimal string; a price that was converted has more places than price lists do."""
    return serializers.DecimalField(max_digits=40, decimal_places=24, **options)


class MoneyQuantilesSerializer(serializers.Serializer[Any]):
    """Decimal strings in the row's currency."""

    p10 = money()
    p50 = money()
    p90 = money()


class CountQuantilesSerializer(serializers.Serializer[Any]):
    """Whole instances."""

    p10 = serializers.IntegerField()
    p50 = serializers.IntegerField()
    p90 = serializers.IntegerField()


class InputSerializer(serializers.Serializer[Any]):
    """One number that goes into a step."""

    name = serializers.CharField()
    value = serializers.JSONField(help_text="Exact numbers are strings, measured ones are numbers.")
    unit = serializers.CharField()
    origin = serializers.CharField()


class StepSerializer(serializers.Serializer[Any]):
    """One line of the arithmetic."""

    name = serializers.CharField()
    formula = serializers.CharField()
    inputs = InputSerializer(many=True)
    value = serializers.JSONField()
    unit = serializers.CharField()
