"""Two runs compared for a pipeline: what is asked, and what the answer looks like."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from estimator.api.examples import COMPARISON, shown_with
from estimator.api.serializers.base import RowField
from estimator.api.serializers.figures import MoneyQuantilesSerializer, money
from estimator.api.serializers.projections import ProjectedTrafficSerializer
from estimator.api.serializers.questions import QuestionSerializer
from estimator.api.serializers.verdicts import CapacityRatioSerializer
from estimator.models import Run

_AMOUNT: dict[str, Any] = {"max_digits": 18, "decimal_places": 6, "required": False}


@shown_with(COMPARISON)
class RunComparisonQuestionSerializer(QuestionSerializer):
    """Two runs, the traffic to price them at, and what may pass. Without either limit no stack may be dearer."""

    monthly_budget = lines = disk_gb = fleet_policy = boot_s = allow_spot = None  # type: ignore[assignment]

    base = RowField[Run](queryset=Run.objects.all(), help_text="Id of the run before the change.")
    head = RowField[Run](queryset=Run.objects.all(), help_text="Id of the run after it.")
    max_increase_percent = serializers.DecimalField(
        min_value=Decimal(0), help_text="By which a stack may surely be dearer: 5 for 5 %.", **_AMOUNT
    )
    max_cost_per_million = serializers.DecimalField(
        min_value=Decimal(0), help_text="Of a million requests, in the target's currency.", **_AMOUNT
    )


class GateSideSerializer(serializers.Serializer[Any]):
    """A stack's cheapest fleet as one run measured it."""

    run = serializers.CharField()
    hardware = serializers.CharField()
    region = serializers.CharField()
    term = serializers.CharField()
    instances = serializers.IntegerField()
    currency = serializers.CharField()
    monthly_cost = MoneyQuantilesSerializer()
    cost_per_million_requests = money()


class StackChangeSerializer(serializers.Serializer[Any]):
    """One stack of both runs; null where a run gives it no cost, for `reasons`."""

    stack = serializers.CharField()
    title = serializers.CharField()
    verdict = serializers.CharField(help_text="cheaper, dearer, same cost, too close to call, or no cost.")
    base = GateSideSerializer(allow_null=True)
    head = GateSideSerializer(allow_null=True)
    difference_per_million_requests = money(allow_null=True)
    increase_percent = serializers.FloatField(allow_null=True)
    probability_dearer = serializers.FloatField(allow_null=True, help_text="Share of the draws.")
    capacity_ratio = CapacityRatioSerializer(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())


class RunComparisonSerializer(serializers.Serializer[Any]):
    """Whether a pipeline may go on, why in one sentence, and every stack that both runs measured."""

    base = serializers.IntegerField()
    head = serializers.IntegerField()
    workload = serializers.CharField()
    term = serializers.CharField()
    traffic = ProjectedTrafficSerializer()
    passed = serializers.BooleanField()
    reason = serializers.CharField()
    stacks = StackChangeSerializer(many=True)
    not_compared = serializers.ListField(child=serializers.CharField(), help_text="Stacks of one run alone, by slug.")
