"""What is said beside a cost: odds, months, budget, sensitivity, and when a migration has paid for itself."""

from typing import Any

from rest_framework import serializers

from estimator.api.serializers.figures import MoneyQuantilesSerializer, StepSerializer, exact_price, money


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
