"""Questions that a projection answers."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from estimator.api.examples import FREEZE, shown_with
from estimator.api.serializers.base import (
    FiniteFloatField,
    NamedChoiceField,
    NamesField,
    PercentagesField,
    RowField,
    SlugField,
    StrictSerializer,
)
from estimator.domain.cost.lines import Line
from estimator.domain.cost.traffic import FleetPolicy
from estimator.models import Estimate, Term, TrafficTarget, Workload
from estimator.models.profiles import TrafficProfile
from estimator.queries.measurements import HEADLINE_WORKLOAD

_OVER = "Overrides the target's."


class QuestionSerializer(StrictSerializer):
    """A stored target or traffic in words; every other field changes one thing about it."""

    target = RowField[TrafficTarget](
        queryset=TrafficTarget.objects.all(), required=False, help_text="A target's id; this or `traffic`."
    )
    traffic = serializers.CharField(
        max_length=60, required=False, help_text="`10M/day`, `300M/month` or `250rps`; this or `target`."
    )
    slo_p99_ms = FiniteFloatField(min_value=0.1, max_value=1e6, required=False, help_text=f"p99, in ms. {_OVER}")
    headroom = FiniteFloatField(min_value=0, max_value=5, required=False, help_text=f"0.25 keeps 25 % spare. {_OVER}")
    monthly_budget = serializers.DecimalField(
        max_digits=18,
        decimal_places=2,
        min_value=Decimal("0.01"),
        required=False,
        help_text=f"The answers say in which month the bill exceeds it. {_OVER}",
    )
    budget_thresholds = PercentagesField(required=False, help_text=f"Percent of the budget: 50,80,100. {_OVER}")
    peak_to_mean_low = FiniteFloatField(min_value=1, max_value=1000, required=False, help_text=f"P10. {_OVER}")
    peak_to_mean = FiniteFloatField(min_value=1, max_value=1000, required=False, help_text=f"A ratio. {_OVER}")
    peak_to_mean_high = FiniteFloatField(min_value=1, max_value=1000, required=False, help_text=f"P90. {_OVER}")
    growth_per_month_low = FiniteFloatField(min_value=-0.5, max_value=1, required=False, help_text=f"P10. {_OVER}")
    growth_per_month = FiniteFloatField(
        min_value=-0.5,
        max_value=1,
        required=False,
        help_text=f"0.05 is 5 % growth each month; alone it is taken as known. {_OVER}",
    )
    growth_per_month_high = FiniteFloatField(min_value=-0.5, max_value=1, required=False, help_text=f"P90. {_OVER}")
    shape = RowField[TrafficProfile](
        queryset=TrafficProfile.objects.all(),
        required=False,
        allow_null=True,
        help_text=f"A traffic profile's id; its busiest hour then counts in place of the ratios. {_OVER}",
    )
    burst = FiniteFloatField(
        min_value=1, max_value=100, required=False, help_text=f"Minutes over their hour; only with a shape. {_OVER}"
    )
    fleet_policy = NamedChoiceField(choices=[str(policy) for policy in FleetPolicy], required=False, help_text=_OVER)
    boot_s = FiniteFloatField(min_value=0, max_value=86_400, required=False, help_text=f"In seconds. {_OVER}")
    allow_spot = serializers.BooleanField(required=False, help_text=f"For instances paid by the hour. {_OVER}")
    minimum_instances = serializers.IntegerField(min_value=1, max_value=10_000, required=False, help_text=_OVER)
    zones = serializers.IntegerField(min_value=1, max_value=100, required=False, help_text=_OVER)
    survive_zone_loss = serializers.BooleanField(required=False, help_text=_OVER)
    spares = serializers.IntegerField(min_value=0, max_value=10_000, required=False, help_text=_OVER)
    region = serializers.CharField(max_length=60, required=False, help_text=f"The provider's name of a region. {_OVER}")
    currency = serializers.RegexField(
        r"\A[A-Z]{3}\Z",
        required=False,
        help_text=f"Every figure is told in it, at a dated rate where prices are listed in another. {_OVER}",
        error_messages={"invalid": "Give an ISO 4217 code: USD."},
    )
    lines = NamesField(
        names=[str(line) for line in Line],
        required=False,
        help_text="Lines beside compute, parted by commas: database, load_balancer, egress, disk. Default: none.",
    )
    payload_bytes = serializers.IntegerField(
        min_value=0, max_value=10**9, required=False, help_text="Bytes of a response, for egress and the network."
    )
    disk_gb = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, help_text="GB of disk for each instance. Default: 20."
    )
    term = NamedChoiceField(choices=Term.choices, default=Term.ON_DEMAND.value)
    workload = SlugField[Workload](queryset=Workload.objects.all(), required=False, help_text="By its slug.")
    allow_burstable = serializers.BooleanField(default=False, help_text="Burstable types cannot sustain a full CPU.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The headline workload is the default."""
        if "workload" not in attrs:
            attrs["workload"] = Workload(slug=HEADLINE_WORKLOAD)
        return attrs


@shown_with(FREEZE)
class FreezeSerializer(QuestionSerializer):
    """A question whose answer is to be kept."""

    title = serializers.CharField(
        max_length=200, required=False, help_text="Default: the target's name, or the title of what is priced again."
    )
    cost_centre = serializers.CharField(max_length=60, required=False, help_text=_OVER)
    reprice_of = RowField[Estimate](
        queryset=Estimate.objects.all(),
        required=False,
        help_text="An estimate's id, in place of a question: its own fleets at other prices.",
    )
    prices_of = RowField[Estimate](
        queryset=Estimate.objects.all(),
        required=False,
        help_text="With `reprice_of`: the estimate whose prices count. Default: the newest of the price list.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either a question, or an estimate to price again."""
        if "reprice_of" in attrs:
            strange = sorted(set(self.initial_data) - _REPRICING)
            message = "An estimate is priced again as it is; leave this out, or leave out reprice_of."
            if strange:
                raise serializers.ValidationError({name: [message] for name in strange})
            return attrs
        if "prices_of" in attrs:
            raise serializers.ValidationError({"prices_of": ["Give it with reprice_of only."]})
        return super().validate(attrs)


_REPRICING = {"reprice_of", "prices_of", "title", "cost_centre"}
