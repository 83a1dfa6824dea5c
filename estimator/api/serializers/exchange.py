"""Exchange rates: as rows, and as a projection used them."""

from typing import Any

from rest_framework import serializers

from estimator.api.serializers.base import RowSerializer
from estimator.api.serializers.figures import exact_price
from estimator.models import ExchangeRate


class ExchangeRateSerializer(RowSerializer):
    """What one unit of `base` was worth in `quote` on a day. The newest day counts."""

    class Meta:
        model = ExchangeRate
        fields = ["id", "base", "quote", "rate", "source", "source_version", "as_of", "licence"]
        read_only_fields = fields


class UsedRateSerializer(serializers.Serializer[Any]):
    """A rate that prices were converted at; eight significant digits where it was calculated."""

    base = serializers.CharField()
    quote = serializers.CharField()
    rate = exact_price()
    as_of = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the argument
    licence = serializers.CharField(allow_blank=True)
    calculated_from = serializers.ListField(child=serializers.CharField(), help_text="The rates as published.")
    sentence = serializers.CharField()


class ListedPriceSerializer(serializers.Serializer[Any]):
    """What the source lists in its own currency, and the rate that the price was converted at."""

    currency = serializers.CharField()
    hourly_price = serializers.DecimalField(max_digits=24, decimal_places=8)
    exchange_rate = exact_price()
    exchange_rate_as_of = serializers.DateField()
    exchange_rate_source = serializers.CharField()
