"""What developers cost, and what a move from one stack to another takes; entered in the admin."""

from rest_framework import serializers

from estimator.api.serializers.base import RowSerializer
from estimator.models import DeveloperRate, MigrationCase


class DeveloperRateSerializer(RowSerializer):
    """What an hour of a developer's work costs, from lowest to highest."""

    class Meta:
        model = DeveloperRate
        fields = ["id", "name", "hourly_low", "hourly_high", "currency", "source"]
        read_only_fields = fields


class MigrationCaseSerializer(RowSerializer):
    """Moving from one stack to another: the hours it takes, at a developer's rate."""

    from_stack = serializers.CharField(source="from_stack.slug", read_only=True, help_text="What runs today: a slug.")
    to_stack = serializers.CharField(source="to_stack.slug", read_only=True, help_text="What it becomes: a slug.")

    class Meta:
        model = MigrationCase
        fields = ["id", "name", "from_stack", "to_stack", "hours_low", "hours_high", "rate", "source"]
        read_only_fields = fields
