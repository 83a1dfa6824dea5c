"""What the lists of prices by use, of developer rates and of migrations can be narrowed by."""

import django_filters

from estimator.models import ContainerPrice, DeveloperRate, FunctionPrice, LinePrice, MigrationCase
from estimator.models.tariffs import LineKind

_OFFERED = ["provider", "name", "region", "currency"]
_LINES = ", ".join(LineKind.values)


class _Dated(django_filters.FilterSet):  # type: ignore[misc]
    """Prices of a day or later; the package has no types."""

    as_of_after = django_filters.DateFilter(field_name="as_of", lookup_expr="gte", label="This day or later.")


class ContainerPriceFilter(_Dated):
    """Containers by where they run."""

    class Meta:
        model = ContainerPrice
        fields = _OFFERED


class FunctionPriceFilter(_Dated):
    """Functions by where they run."""

    class Meta:
        model = FunctionPrice
        fields = _OFFERED


class LinePriceFilter(_Dated):
    """Lines beside compute by kind and by where they are."""

    line = django_filters.ChoiceFilter(
        choices=LineKind.choices, error_messages={"invalid_choice": f"This is none of: {_LINES}; give one of them."}
    )

    class Meta:
        model = LinePrice
        fields = _OFFERED


class DeveloperRateFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Rates by whose they are."""

    class Meta:
        model = DeveloperRate
        fields = ["name", "currency"]


class MigrationCaseFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Moves by where they start and end."""

    from_stack = django_filters.CharFilter(field_name="from_stack__slug", label="Slug of the stack that runs today.")
    to_stack = django_filters.CharFilter(field_name="to_stack__slug", label="Slug of the stack that it becomes.")

    class Meta:
        model = MigrationCase
        fields: list[str] = []
