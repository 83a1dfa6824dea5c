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


class FleetSerializer(serializers.Serializer[Any]):
    """A stack's cheapest fleet at some traffic."""

    stack = serializers.CharField()
    requests_per_day = money()
    hardware = serializers.CharField()
    region = serializers.CharField()
    instances = serializers.IntegerField()
    currency = serializers.CharField()
    monthly_cost = MoneyQuantilesSerializer()
    priced_as_of = serializers.DateField(required=False, help_text="Not in estimates older than it.")


class ComparisonSerializer(serializers.Serializer[Any]):
    """One stack against another, over the same draws."""

    stack = serializers.CharField()
    other = serializers.CharField()
    saving = money()
    currency = serializers.CharField()
    probability = serializers.FloatField()
    decided = serializers.BooleanField()


class CapacityRatioSerializer(serializers.Serializer[Any]):
    """What one carries over what another does, on the measured host, with a 95 % interval."""

    ratio = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField(allow_null=True)
    pairs = serializers.IntegerField()
    basis = serializers.CharField()
    verdict = serializers.CharField()


class CapacityComparisonSerializer(CapacityRatioSerializer):
    """What the first stack carries over what the second does."""

    first = serializers.CharField()
    second = serializers.CharField()


class CheapestShareSerializer(serializers.Serializer[Any]):
    """Shares of the draws in which a stack has the lowest bill: by itself, or tied with others."""

    stack = serializers.CharField()
    alone = serializers.FloatField()
    tied = serializers.FloatField()


class VerdictSerializer(serializers.Serializer[Any]):
    """Does it matter, and from which traffic on?"""

    sentence = serializers.CharField()
    outcome = serializers.CharField()
    same_cost = serializers.BooleanField()
    cheapest = serializers.CharField(allow_null=True)
    probability = serializers.FloatField(allow_null=True)
    cheapest_shares = CheapestShareSerializer(many=True)
    same_bill_probability = serializers.FloatField(
        allow_null=True, help_text="Share of draws in which all stacks have the same bill; null for one stack."
    )
    comparisons = ComparisonSerializer(many=True)
    capacity_comparisons = CapacityComparisonSerializer(many=True)
    indifference_requests_per_day = money(allow_null=True)
    first_to_grow = _Texts(child=serializers.CharField())
    at_ten_times = FleetSerializer(many=True)
    difference_at_ten_times = money(allow_null=True)


class PolicyVerdictSerializer(serializers.Serializer[Any]):
    """Who is cheapest under a policy by the hour: the paired rule of the verdict, on bills of month 1."""

    policy = serializers.CharField()
    asked = serializers.BooleanField(help_text="The target's own policy.")
    sentence = serializers.CharField()
    outcome = serializers.CharField()
    cheapest = serializers.CharField(allow_null=True)
    probability = serializers.FloatField(help_text="That the cheapest is strictly cheaper than every other stack.")
    cheapest_shares = CheapestShareSerializer(many=True)
    same_bill_probability = serializers.FloatField()
    comparisons = ComparisonSerializer(many=True)


class InstanceOddsSerializer(serializers.Serializer[Any]):
    """P(n <= instances) in month 1."""

    instances = serializers.IntegerField()
    probability = serializers.FloatField()


class MonthBillSerializer(serializers.Serializer[Any]):
    """The bill of one month, growth included; month 1 is now."""

    month = serializers.IntegerField()
    monthly_cost = MoneyQuantilesSerializer()


class FirstMonthSerializer(serializers.Serializer[Any]):
    """Counted from 1, which is now; null: in none of the months projected."""

    p50 = serializers.IntegerField(allow_null=True)
    p90 = serializers.IntegerField(allow_null=True)


class BudgetUseSerializer(serializers.Serializer[Any]):
    """Shares of the budget: 0.81 is 81 %."""

    p50 = serializers.FloatField()
    p90 = serializers.FloatField()


class ThresholdSerializer(serializers.Serializer[Any]):
    """A share of the budget, what exceeds it now, and the first month that does."""

    percent = serializers.IntegerField()
    limit = money()
    crossed_by = serializers.CharField(allow_null=True, help_text="p50 (and so P90 too), only p90, or null.")
    first_month_over = FirstMonthSerializer()


class BudgetSerializer(serializers.Serializer[Any]):
    """How much of the target's budget is used, which thresholds are crossed, and until which month it lasts."""

    monthly_budget = money()
    months = serializers.IntegerField()
    first_month_over = FirstMonthSerializer()
    sentence = serializers.CharField()
    status = serializers.CharField(help_text="within, at risk (P90 is over) or over (P50 is).")
    used = BudgetUseSerializer()
    use_sentence = serializers.CharField()
    thresholds = ThresholdSerializer(many=True)


class SwingSerializer(serializers.Serializer[Any]):
    """One input at its P10 and P90, every other at its middle. Loads are relative to the middle."""

    input = serializers.CharField()
    unit = serializers.CharField()
    low = serializers.FloatField()
    mid = serializers.FloatField()
    high = serializers.FloatField()
    monthly_cost_low = money()
    monthly_cost_high = money()
    swing = money()
    load_low = serializers.FloatField()
    load_high = serializers.FloatField()


class SensitivitySerializer(serializers.Serializer[Any]):
    """Which input moves the bill most, widest swing first. Bills are a month's, averaged over the year."""

    monthly_cost = money(help_text="With every input at its middle.")
    swings = SwingSerializer(many=True)


class AnswersSerializer(serializers.Serializer[Any]):
    """What is said of a stack's cheapest row beside its cost."""

    stack = serializers.CharField()
    hardware = serializers.CharField()
    region = serializers.CharField()
    currency = serializers.CharField()
    instance_odds = InstanceOddsSerializer(many=True)
    monthly_costs = MonthBillSerializer(many=True)
    budget = BudgetSerializer(required=False, help_text="Where the target has a budget.")
    sensitivity = SensitivitySerializer()


class SpanSerializer(serializers.Serializer[Any]):
    """Stated as lowest and highest."""

    low = exact_price()
    high = exact_price()


class WorkCostSerializer(SpanSerializer):
    """Hours x rate: lowest x lowest, middle x middle, highest x highest."""

    mid = money()


class PaybackMonthSerializer(FirstMonthSerializer):
    """Counted from 1; null is never."""

    p10 = serializers.IntegerField(allow_null=True)


class MigrationSerializer(serializers.Serializer[Any]):
    """When a migration has paid for itself; where it cannot be answered, `reason` says why."""

    name = serializers.CharField()
    from_stack = serializers.CharField()
    to_stack = serializers.CharField()
    currency = serializers.CharField()
    hours = SpanSerializer()
    hourly_rate = SpanSerializer()
    cost = WorkCostSerializer()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the argument
    horizon_months = serializers.IntegerField(help_text="What takes longer never pays back.")
    saving_per_month = money(allow_null=True)
    payback_month = PaybackMonthSerializer(required=False, help_text="Where it can be answered.")
    probability_within_a_year = serializers.FloatField(allow_null=True)
    probability_never = serializers.FloatField(allow_null=True)
    sentence = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    arithmetic = StepSerializer(many=True, help_text="Every input at its middle.")


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
