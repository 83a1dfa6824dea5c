"""What a projection looks like: the schema of what `queries.projections.report_json` and `frozen_json` return."""

from typing import Any

from rest_framework import serializers

from estimator.api.serializers.alternatives import (
    ContainerRowSerializer,
    FunctionRowSerializer,
    LineRowSerializer,
    LinesTotalSerializer,
    UnservedSerializer,
)
from estimator.api.serializers.answers import AnswersSerializer, MigrationSerializer
from estimator.api.serializers.capacities import MeasuredSerializer
from estimator.api.serializers.exchange import ListedPriceSerializer, UsedRateSerializer
from estimator.api.serializers.figures import (
    CountQuantilesSerializer,
    MoneyQuantilesSerializer,
    StepSerializer,
    exact_price,
    money,
)
from estimator.api.serializers.hourly import HourlyFleetSerializer, ProjectedShapeSerializer
from estimator.api.serializers.verdicts import FleetSerializer, PolicyVerdictSerializer, VerdictSerializer

_Texts = serializers.ListField


class SpreadSerializer(serializers.Serializer[Any]):
    """P10, P50 and P90 of an input."""

    low = serializers.FloatField()
    mid = serializers.FloatField()
    high = serializers.FloatField()


class ProjectedTrafficSerializer(serializers.Serializer[Any]):
    """The traffic as it was projected."""

    name = serializers.CharField()
    requests_per_day = money(help_text="A decimal string: it may be larger than a number carries.")
    requests_per_month = money()
    mean_requests_per_second = serializers.FloatField()
    peak_to_mean = SpreadSerializer()
    growth_per_month = SpreadSerializer()
    slo_p99_ms = serializers.FloatField()
    slo_error_rate = serializers.FloatField()
    headroom = serializers.FloatField()
    zones = serializers.IntegerField()
    survive_zone_loss = serializers.BooleanField()
    minimum_instances = serializers.IntegerField()
    spares = serializers.IntegerField()
    regions = _Texts(child=serializers.CharField())
    currency = serializers.CharField()
    cost_centre = serializers.CharField(allow_blank=True)
    shape = ProjectedShapeSerializer(required=False, help_text="Where the target has one; with the four below.")
    burst = serializers.FloatField(required=False)
    fleet_policy = serializers.CharField(required=False)
    boot_s = serializers.FloatField(required=False)
    allow_spot = serializers.BooleanField(required=False)
    monthly_budget = money(allow_null=True)
    budget_thresholds = _Texts(
        child=serializers.IntegerField(), required=False, help_text="In percent of the budget, where there is one."
    )


class MonthSerializer(serializers.Serializer[Any]):
    """One month of a fleet. Its cost: instances x (730 h x hourly price + upfront per instance and month)."""

    month = serializers.IntegerField()
    requests_per_day = money()
    instances = CountQuantilesSerializer()


class ScenarioSerializer(serializers.Serializer[Any]):
    """The rate to carry over what an instance carries, rounded up and by the redundancy, is the number of instances."""

    requests_per_second_to_carry = serializers.FloatField(help_text="At the peak, with headroom.")
    requests_per_second_per_instance = serializers.FloatField(help_text="With every uncertain input at its middle.")
    p50_requests_per_second_per_instance = serializers.FloatField(
        required=False, help_text="At the P50 of the draws: what a difference of two estimates is split by."
    )


class CostRowSerializer(serializers.Serializer[Any]):
    """What one stack costs on one machine in the first month, and in the year."""

    stack = serializers.CharField()
    title = serializers.CharField()
    hardware = serializers.CharField()
    reference_type = serializers.BooleanField(help_text="The type that stands for its provider.")
    region = serializers.CharField()
    term = serializers.CharField()
    instances = serializers.IntegerField()
    instances_range = CountQuantilesSerializer()
    instances_month_12 = serializers.IntegerField()
    currency = serializers.CharField()
    monthly_cost = MoneyQuantilesSerializer()
    year_cost = MoneyQuantilesSerializer()
    cost_per_million_requests = money()
    binding_constraint = serializers.CharField()
    headroom = serializers.FloatField(help_text="Share of more traffic until the next instance.")
    priced_as_of = serializers.DateField()
    hourly_price = exact_price()
    price_source = serializers.CharField()
    run = serializers.CharField(allow_blank=True)
    assumptions = _Texts(child=serializers.CharField())
    warnings = _Texts(child=serializers.CharField())
    listed = ListedPriceSerializer(required=False, help_text="Where the price was converted.")
    upfront_per_instance_month = serializers.DecimalField(
        max_digits=24, decimal_places=8, required=False, help_text="In frozen estimates."
    )
    months = MonthSerializer(many=True, required=False, help_text="In frozen estimates.")
    scenario = ScenarioSerializer(required=False, help_text="In frozen estimates.")
    arithmetic = StepSerializer(many=True, required=False, help_text="In frozen estimates.")


class RefusedStackSerializer(serializers.Serializer[Any]):
    """A stack that gets no cost, and why."""

    stack = serializers.CharField()
    reasons = _Texts(child=serializers.CharField())
    warnings = _Texts(child=serializers.CharField())
    run = serializers.CharField(allow_blank=True)


class ExclusionSerializer(serializers.Serializer[Any]):
    """Machines that were left out, and why."""

    stack = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    hardware = _Texts(child=serializers.CharField())


class RepricedSerializer(serializers.Serializer[Any]):
    """Which estimate was priced again, and where the prices are from."""

    estimate = serializers.IntegerField()
    content_hash = serializers.CharField()
    prices_of = serializers.IntegerField(allow_null=True, help_text="An estimate; null: the price list.")


class ProjectionSerializer(serializers.Serializer[Any]):
    """Compute cost only; `not_counted` says what is left out."""

    traffic = ProjectedTrafficSerializer()
    term = serializers.CharField()
    workload = serializers.CharField()
    rows = CostRowSerializer(many=True)
    verdict = VerdictSerializer()
    answers = AnswersSerializer(many=True, help_text="One for each stack, cheapest first.")
    sweep = FleetSerializer(many=True, help_text="The cheapest fleet of each stack from 100k to 1B requests a day.")
    containers = ContainerRowSerializer(many=True)
    functions = FunctionRowSerializer(many=True)
    lines = LineRowSerializer(many=True, help_text="Only those asked for.")
    lines_totals = LinesTotalSerializer(many=True)
    exchange_rates = UsedRateSerializer(many=True, help_text="What prices were converted at.")
    unserved = UnservedSerializer(many=True)
    fleets = HourlyFleetSerializer(many=True, required=False, help_text="By the hour, where the target has a shape.")
    fleet_verdicts = PolicyVerdictSerializer(
        many=True, required=False, help_text="Who is cheapest by the hour, for each policy that all stacks have."
    )
    capacities = MeasuredSerializer(many=True)
    migrations = MigrationSerializer(many=True)
    refused = RefusedStackSerializer(many=True)
    excluded = ExclusionSerializer(many=True)
    repriced = RepricedSerializer(required=False, help_text="In estimates that were priced again.")
    not_counted = _Texts(child=serializers.CharField())
    draws = serializers.IntegerField()
    seed = serializers.IntegerField()
