"""Fields that accept only what they mean, and say what they would accept."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

Row = TypeVar("Row", bound=models.Model)


class FiniteFloatField(serializers.FloatField):
    """A number: neither NaN nor infinite, which JSON cannot carry, nor too long to be one."""

    def to_internal_value(self, data: Any) -> float:
        """Raises ValidationError."""
        if isinstance(data, bool):
            self.fail("invalid")
        try:
            value = super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value


@extend_schema_field({"type": "number", "minimum": 0.001})
class AmountField(serializers.DecimalField):
    """A decimal that is no money: a JSON number."""

    def to_representation(self, value: Any) -> Any:
        """An integer where it is one."""
        amount = Decimal(value)
        return int(amount) if amount == amount.to_integral_value() else float(amount)


class NamedChoiceField(serializers.ChoiceField):
    """Its error lists what there is to choose from."""

    def fail(self, key: str, **values: Any) -> Any:
        """Raises ValidationError."""
        if key != "invalid_choice":
            return super().fail(key, **values)
        choices = ", ".join(map(str, self.choices))
        raise serializers.ValidationError(f"This is none of: {choices}; give one of them.", code=key)


class NamesField(serializers.CharField):
    """Names out of a few, parted by commas; its error lists what there is to choose from."""

    def __init__(self, *, names: Sequence[str], **options: Any) -> None:
        self.names = names
        super().__init__(max_length=200, **options)

    def to_internal_value(self, data: Any) -> Any:
        """A frozen set of names. Raises ValidationError."""
        asked = [name.strip() for name in super().to_internal_value(data).split(",")]
        strange = [name for name in asked if name not in self.names]
        if strange:
            raise serializers.ValidationError(f"{strange[0]!r} is none of: {', '.join(self.names)}; give some of them.")
        return frozenset(asked)


class PercentagesField(serializers.CharField):
    """Whole percentages in rising order, parted by commas: 50,80,100."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=60, **options)

    def to_internal_value(self, data: Any) -> Any:
        """A tuple of numbers. Raises ValidationError; which numbers make sense is the target's to say."""
        parts = [part.strip() for part in super().to_internal_value(data).split(",")]
        if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
            raise serializers.ValidationError("Give whole percentages in rising order, such as 50,80,100.")
        return tuple(map(int, parts))


class RowField(serializers.PrimaryKeyRelatedField[Row]):
    """A row by its id; ids are whole numbers, so that 1.5 does not find row 1."""

    def __init__(self, **options: Any) -> None:
        super().__init__(pk_field=None if options.get("read_only") else serializers.IntegerField(), **options)

    default_error_messages = {"does_not_exist": "There is no row with the id {pk_value}; list them to see which exist."}


class SlugField(serializers.SlugRelatedField[Row]):
    """A row by its short name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(slug_field="slug", **options)

    default_error_messages = {"does_not_exist": "There is no {value!r} here; list them to see which exist."}

    def to_internal_value(self, data: Any) -> Row:
        """Text only: the database is not asked for what no slug can be."""
        row: Row = super().to_internal_value(serializers.CharField(max_length=60).run_validation(data))
        return row


class StrictSerializer(serializers.Serializer[Any]):
    """Fields that it does not have are refused by name: a misspelt one would be ignored without a word."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError."""
        strange = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if strange:
            message = f"There is no such field; there are {', '.join(self.fields)}."
            raise serializers.ValidationError({name: [message] for name in sorted(strange)})
        return super().to_internal_value(data)


class RowSerializer(StrictSerializer, serializers.ModelSerializer[Any]):
    """A model's row with the fields above in place of the stock ones."""

    serializer_choice_field = NamedChoiceField
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.FloatField: FiniteFloatField,
    }
