"""Traffic targets: how much, how uneven, within which objective, surviving what."""

from decimal import Decimal
from difflib import get_close_matches

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from estimator.domain.cost.traffic import BUDGET_THRESHOLDS, FleetPolicy, TrafficError, check_thresholds
from estimator.models.exchange import convertible, currency_problem
from estimator.models.hardware import ISO_4217, Price
from estimator.models.profiles import TrafficProfile

_POLICIES = [
    (FleetPolicy.FIXED.value, "fixed at the peak"),
    (FleetPolicy.AUTOSCALED.value, "autoscaled by the hour"),
    (FleetPolicy.COMMITTED.value, "committed base, the rest by the hour"),
]


def default_thresholds() -> list[int]:
    """Half, most, and all of a budget."""
    return list(BUDGET_THRESHOLDS)


class TrafficTarget(models.Model):
    """Traffic to be priced. The standing example is shipped."""

    name = models.CharField(max_length=100, unique=True)
    requests_per_day = models.DecimalField(
        max_digits=18,
        decimal_places=3,
        validators=[MinValueValidator(Decimal("0.001"))],
        help_text="Mean requests per day; 10 million is 10000000 (116 requests/s on average).",
    )
    peak_to_mean_low = models.FloatField(
        "peak/mean, low (P10)", default=1.4, validators=[MinValueValidator(1.0)], help_text="A ratio, at least 1."
    )
    peak_to_mean = models.FloatField(
        "peak/mean", default=1.7, validators=[MinValueValidator(1.0)], help_text="Busiest hour over the mean: a ratio."
    )
    peak_to_mean_high = models.FloatField(
        "peak/mean, high (P90)", default=2.75, validators=[MinValueValidator(1.0)], help_text="A ratio."
    )
    shape = models.ForeignKey(
        TrafficProfile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        help_text="How the week goes; its busiest hour then counts in place of the three ratios.",
    )
    burst = models.FloatField(
        default=1.0,
        validators=[MinValueValidator(1.0), MaxValueValidator(100.0)],
        help_text="Busiest minutes of an hour over its mean: a ratio, 1 for none. Counts only with a shape.",
    )
    growth_per_month_low = models.FloatField(
        "growth per month, low (P10)",
        null=True,
        blank=True,
        validators=[MinValueValidator(-0.5), MaxValueValidator(1.0)],
        help_text="Empty: no lower than the middle.",
    )
    growth_per_month = models.FloatField(
        default=0.0,
        validators=[MinValueValidator(-0.5), MaxValueValidator(1.0)],
        help_text="Share per month: 0.05 is 5 % growth each month.",
    )
    growth_per_month_high = models.FloatField(
        "growth per month, high (P90)",
        null=True,
        blank=True,
        validators=[MinValueValidator(-0.5), MaxValueValidator(1.0)],
        help_text="Empty: no higher than the middle. With both empty the growth is taken as known.",
    )
    slo_p99_ms = models.FloatField(
        "p99 objective (ms)", default=100.0, validators=[MinValueValidator(0.1)], help_text="In milliseconds."
    )
    error_rate = models.FloatField(
        "tolerated errors",
        default=0.001,
        validators=[MinValueValidator(0.0), MaxValueValidator(0.05)],
        help_text="Share of requests: 0.001 is 0.1 %.",
    )
    headroom = models.FloatField(
        default=0.25, validators=[MinValueValidator(0.0), MaxValueValidator(5.0)], help_text="0.25 keeps 25 % spare."
    )
    minimum_instances = models.PositiveIntegerField(default=3, validators=[MinValueValidator(1)])
    zones = models.PositiveIntegerField(default=3, validators=[MinValueValidator(1)], help_text="Availability zones.")
    survive_zone_loss = models.BooleanField(
        default=True, help_text="The fleet still carries the peak when one zone is gone. Needs two zones or more."
    )
    spares = models.PositiveIntegerField(
        default=0, help_text="Instances beyond need; not added where the loss of a zone is survived."
    )
    fleet_policy = models.CharField(
        max_length=12,
        choices=_POLICIES,
        default=FleetPolicy.FIXED.value,
        help_text="What the hours of a shape are staffed with; the others stand beside it in the report.",
    )
    boot_s = models.FloatField(
        "boot (s)",
        default=120.0,
        validators=[MinValueValidator(0.0), MaxValueValidator(86_400.0)],
        help_text="Seconds from asking for an instance until it starts the app; autoscaling looks so far ahead.",
    )
    allow_spot = models.BooleanField(
        default=False, help_text="Instances paid by the hour may be spot: the provider may take them away."
    )
    region = models.CharField(
        max_length=60, blank=True, help_text="Only prices of this region; empty: each provider's reference region."
    )
    currency = models.CharField(max_length=3, default="USD", validators=[ISO_4217], help_text="ISO 4217, e.g. USD.")
    cost_centre = models.CharField(max_length=60, blank=True)
    monthly_budget = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text="In the currency above; the report says in which month the bill exceeds it. Empty: none.",
    )
    budget_thresholds = ArrayField(
        models.PositiveSmallIntegerField(),
        default=default_thresholds,
        blank=True,
        size=10,
        help_text="Percent of the budget in rising order, parted by commas; the report says when each is crossed.",
    )
    payload_bytes = models.PositiveIntegerField(
        "payload (bytes)", default=0, help_text="Of a response; 0 leaves the machine's network unchecked."
    )
    database_connections = models.PositiveIntegerField(
        default=100,
        validators=[MinValueValidator(1)],
        help_text="The database's max_connections; a fleet that needs more is told that it needs a pooler.",
    )
    database_connections_reserved = models.PositiveIntegerField(
        "of these kept back", default=3, help_text="For administrators and backups."
    )
    database_rtt_ms = models.FloatField(
        "database round trip (ms)",
        default=0.5,
        validators=[MinValueValidator(0.0), MaxValueValidator(10_000.0)],
        help_text="Each statement waits for one, in ms.",
    )
    standing = models.BooleanField(default=False, help_text="The example that stands above the start page's figures.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["requests_per_day", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(requests_per_day__gt=0), name="target_has_traffic"),
            models.CheckConstraint(
                condition=Q(peak_to_mean_low__gte=1)
                & Q(peak_to_mean__gte=F("peak_to_mean_low"))
                & Q(peak_to_mean_high__gte=F("peak_to_mean")),
                name="target_peaks_in_order",
                violation_error_message="peak/mean: low, middle and high must be in rising order, from 1 on.",
            ),
            models.CheckConstraint(
                condition=(Q(growth_per_month_low=None) | Q(growth_per_month_low__lte=F("growth_per_month")))
                & (Q(growth_per_month_high=None) | Q(growth_per_month_high__gte=F("growth_per_month"))),
                name="target_growths_in_order",
                violation_error_message="growth per month: low, middle and high must be in rising order.",
            ),
            models.CheckConstraint(condition=Q(burst__gte=1), name="target_burst_at_least_one"),
            models.CheckConstraint(
                condition=Q(fleet_policy__in=[policy.value for policy in FleetPolicy]), name="target_known_fleet_policy"
            ),
            models.CheckConstraint(condition=Q(boot_s__gte=0), name="target_boot_not_negative"),
            models.CheckConstraint(condition=Q(slo_p99_ms__gt=0), name="target_objective_positive"),
            models.CheckConstraint(condition=Q(minimum_instances__gte=1), name="target_has_an_instance"),
            models.CheckConstraint(
                condition=Q(survive_zone_loss=False) | Q(zones__gte=2),
                name="target_zone_loss_needs_two_zones",
                violation_error_message="zones: surviving the loss of a zone needs at least 2; enter 2 or more.",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="target_currency_iso_4217"),
            models.CheckConstraint(
                condition=Q(monthly_budget=None) | Q(monthly_budget__gt=0), name="target_budget_positive"
            ),
            models.CheckConstraint(
                condition=Q(database_connections__gt=F("database_connections_reserved")),
                name="target_connections_left",
                violation_error_message="All database connections are kept back; keep fewer than there are.",
            ),
            models.UniqueConstraint(
                fields=["standing"],
                condition=Q(standing=True),
                name="target_one_standing",
                violation_error_message="standing: another target is the standing example; untick it there first.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Beyond single fields: each problem is told at the field to mend, with the remedy."""
        problems = _peak_problems(self) | _growth_problems(self) | _zone_problems(self)
        problems |= _threshold_problems(self) | _price_problems(self)
        if problems:
            raise ValidationError(problems)


def _peak_problems(target: TrafficTarget) -> dict[str, str]:
    low, middle, high = target.peak_to_mean_low, target.peak_to_mean, target.peak_to_mean_high
    if None in (low, middle, high):
        return {}  # told already, at the field that is not a number
    problems = {}
    if middle < low:
        problems["peak_to_mean"] = f"{middle:g} is below the low ratio; enter at least {low:g}, or lower that one."
    if high < middle:
        problems["peak_to_mean_high"] = f"{high:g} is below the middle ratio; enter at least {middle:g}."
    return problems


def _growth_problems(target: TrafficTarget) -> dict[str, str]:
    low, middle, high = target.growth_per_month_low, target.growth_per_month, target.growth_per_month_high
    if middle is None:
        return {}  # told already, at the field that is not a number
    problems = {}
    if low is not None and middle < low:
        problems["growth_per_month_low"] = f"{low:g} is above the middle; enter at most {middle:g}, or leave it empty."
    if high is not None and high < middle:
        problems["growth_per_month_high"] = (
            f"{high:g} is below the middle; enter at least {middle:g}, or leave it empty."
        )
    return problems


def _zone_problems(target: TrafficTarget) -> dict[str, str]:
    if target.survive_zone_loss and target.zones is not None and target.zones < 2:
        return {"zones": "Surviving the loss of a zone needs two zones; enter 2 or more, or untick that demand."}
    return {}


def _threshold_problems(target: TrafficTarget) -> dict[str, str]:
    try:
        check_thresholds(target.budget_thresholds or ())
    except TrafficError as error:
        field, _, message = str(error).partition(": ")
        return {field: message}
    return {}


def _price_problems(target: TrafficTarget) -> dict[str, str]:
    """A region or currency in which nothing can be priced would give a report without rows. No prices, no opinion."""
    prices = Price.objects.all()
    listed = list(prices.order_by("currency").values_list("currency", flat=True).distinct())
    if not listed:
        return {}
    usable = convertible(listed, to=target.currency)
    if not usable:
        return {"currency": currency_problem(listed, to=target.currency)}
    priced = prices.filter(currency__in=usable)
    if target.region and not priced.filter(region=target.region).exists():
        return {"region": _region_problem(target, sorted(set(priced.values_list("region", flat=True))))}
    return {}


def _region_problem(target: TrafficTarget, known: list[str]) -> str:
    near = get_close_matches(target.region, known, n=1) or known[:1]
    return (
        f"No price is listed for {target.region!r} in {target.currency}; did you mean {near[0]}? "
        "Leave it empty for each provider's reference region."
    )
