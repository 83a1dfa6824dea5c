"""A flat row of an estimate: the schema of what `exports.estimate_json` writes, from the same columns."""

from typing import Any

from rest_framework import serializers

from estimator.exports.estimate_rows import COLUMNS, Column

_COUNTS = ("number", "instances")


def _field(column: Column) -> serializers.Field[Any, Any, Any, Any]:
    given: dict[str, Any] = {"help_text": f"{column.meaning} ({column.unit}).", "allow_null": True}
    if column.unit == "text":
        return serializers.CharField(allow_blank=True, **given)
    if column.unit in _COUNTS:
        return serializers.IntegerField(**given)
    if column.unit in ("ms", "factor"):
        return serializers.FloatField(**given)
    return serializers.DecimalField(max_digits=None, decimal_places=None, **given)


class EstimateRowSerializer(serializers.Serializer[Any]):
    """One stack on one machine in one month."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """A field for each column."""
        return {name: _field(column) for name, column in COLUMNS.items()}
