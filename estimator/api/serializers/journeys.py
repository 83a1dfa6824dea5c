"""Journeys with their parts."""

from typing import Any

from rest_framework import serializers

from estimator.api.examples import JOURNEY, shown_with
from estimator.api.serializers.base import RowSerializer, SlugField
from estimator.models import Journey, JourneyStep, Workload
from estimator.services.journeys import part_workloads


class PartSerializer(RowSerializer):
    """One workload of a journey."""

    workload = SlugField[Workload](queryset=part_workloads(), help_text="By its slug; no journey.")

    class Meta:
        model = JourneyStep
        fields = ["workload", "weight"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A part is given whole, in a PATCH of its journey too."""
        missing = {name: ["This field is required."] for name in self.fields.keys() - attrs.keys()}
        if missing:
            raise serializers.ValidationError(missing)
        return attrs


@shown_with(JOURNEY)
class JourneySerializer(RowSerializer):
    """Workloads by weight, and how long users think between two requests. It is measured as a workload of its own."""

    workload = SlugField[Workload](read_only=True, help_text="What a plan names to measure it.")
    parts = PartSerializer(source="steps", many=True, allow_empty=False, help_text="The heaviest first.")

    class Meta:
        model = Journey
        fields = ["id", "name", "slug", "workload", "parts", "think_from_s", "think_to_s", "locustfile"]
        read_only_fields = ["id", "locustfile"]
        validators: list[object] = []  # the service checks the rows' constraints

    def to_representation(self, instance: Journey) -> Any:
        """Parts in an order that does not depend on how they were written."""
        said = super().to_representation(instance)
        said["parts"].sort(key=lambda part: (-part["weight"], part["workload"]))
        return said
