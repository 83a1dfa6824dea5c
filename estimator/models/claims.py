"""Published claims, set by set, as people enter them; rows <-> domain values."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from estimator.domain.claims import values
from estimator.domain.claims.values import Check
from estimator.domain.statistics import Interval

_POSITIVE = [MinValueValidator(1)]
# What a check cannot do without.
_NEEDS = {
    Check.THROUGHPUT: ("stack", "workload", "low"),
    Check.THROUGHPUT_RATIO: ("stack", "other_stack", "workload", "low"),
    Check.CROWD_P99: ("stack", "workload", "connections", "low"),
    Check.MEMORY: ("stack", "low"),
    Check.COLD_START: ("stack", "low"),
    Check.COLD_START_BELOW: ("stack", "low"),
    Check.CPU_GAP: ("workload",),
    Check.MONTHLY_COST: ("stack", "requests_per_day", "low"),
    Check.SAME_COST_BELOW: ("requests_per_day",),
    Check.ENTRY_PRICE: ("stack", "low"),
    Check.NONE: (),
}
# The unit that a check compares in; any other would be compared wrongly without a word.
_UNITS = {
    Check.THROUGHPUT: "req/s",
    Check.THROUGHPUT_RATIO: "ratio",
    Check.CROWD_P99: "ms",
    Check.MEMORY: "MB",
    Check.COLD_START: "s",
    Check.COLD_START_BELOW: "s",
    Check.MONTHLY_COST: "USD/month",
    Check.ENTRY_PRICE: "USD/month",
}
CHECK_TITLES = {
    Check.THROUGHPUT: "throughput (req/s), as ratio between the set's stacks and per core",
    Check.THROUGHPUT_RATIO: "ratio of two stacks' throughputs",
    Check.CROWD_P99: "p99 (ms) with busy connections, by Little's law and as ratio",
    Check.MEMORY: "idle memory (MB)",
    Check.COLD_START: "cold start (s), as ratio between the set's stacks",
    Check.COLD_START_BELOW: "cold start below a limit (s)",
    Check.CPU_GAP: "a workload closes the gap between the set's stacks",
    Check.MONTHLY_COST: "monthly cost (USD/month) at some requests per day",
    Check.SAME_COST_BELOW: "no difference in cost below some requests per day",
    Check.ENTRY_PRICE: "price of one small machine (USD/month)",
    Check.NONE: "none: nothing here can measure it",
}


class ClaimSet(models.Model):
    """What one source claims."""

    name = models.CharField(max_length=120, unique=True)
    source = models.CharField(max_length=300, help_text="Who published it, and when.")
    note = models.TextField(blank=True, help_text="How the source measured, as far as it tells.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Claim(models.Model):
    """One published figure, and the rule by which it is checked."""

    claim_set = models.ForeignKey(ClaimSet, on_delete=models.CASCADE, related_name="claims")
    position = models.PositiveIntegerField(default=0, editable=False)
    claim_id = models.SlugField(max_length=60, help_text="Unique in its set, e.g. rps_json_fastapi.")
    topic = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, blank=True, help_text="What it is claimed of, in the source's words.")
    metric = models.CharField(max_length=200, help_text="What is claimed, e.g. p99 latency.")
    low = models.FloatField(null=True, blank=True, help_text="The figure, or the lower end; empty for one in words.")
    high = models.FloatField(null=True, blank=True, help_text="The same, or the upper end of a range.")
    unit = models.CharField(max_length=30, blank=True, help_text="req/s, ms, s, MB, ratio or USD/month.")
    check_by = models.CharField(
        "check",
        max_length=20,
        choices=[(check.value, title) for check, title in CHECK_TITLES.items()],
        default="none",
        help_text="The rule that gives the verdict.",
    )
    stack = models.CharField(max_length=60, blank=True, help_text="Our stack's slug, e.g. fastapi.")
    other_stack = models.CharField(max_length=60, blank=True, help_text="Slug of the stack below a ratio.")
    workload = models.CharField(max_length=60, blank=True, help_text="Our workload's slug, e.g. json, user_lookup.")
    connections = models.PositiveIntegerField(null=True, blank=True, validators=_POSITIVE, help_text="Busy at once.")
    cores = models.PositiveIntegerField(
        null=True, blank=True, validators=_POSITIVE, help_text="Of the source's machine; empty: as many as ours."
    )
    requests_per_day = models.DecimalField(
        max_digits=18, decimal_places=3, null=True, blank=True, validators=[MinValueValidator(Decimal("0.001"))]
    )
    conditions = models.CharField(max_length=300, blank=True)
    contradiction = models.CharField(
        max_length=300, blank=True, help_text="What the source says elsewhere against it, without a full stop."
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["claim_set", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["claim_set", "claim_id"], name="claim_once_in_a_set"),
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True) | Q(low__gt=0, high__gte=F("low")),
                name="claim_range_in_order",
                violation_error_message="low and high: enter both above 0 and in rising order, or neither.",
            ),
        ]

    def __str__(self) -> str:
        return self.claim_id

    def clean(self) -> None:
        """What the check needs is there, in its unit; each problem is told at the field to mend."""
        if self.check_by not in CHECK_TITLES:
            return  # told already, at the field
        check = Check(self.check_by)
        problems = {name: f"The check {check} needs it; enter it." for name in _NEEDS[check] if not getattr(self, name)}
        if self.low is not None and self.high is None:
            problems["high"] = "Enter the upper end, or the same figure again."
        unit = _UNITS.get(check, self.unit)
        if self.unit != unit:
            problems["unit"] = f"The check {check} compares in {unit}; convert the figure and enter that."
        if problems:
            raise ValidationError(problems)

    def to_domain(self) -> values.Claim:
        """The claim as the rules see it."""
        return values.Claim(
            slug=self.claim_id,
            check=Check(self.check_by),
            topic=self.topic,
            subject=self.subject,
            metric=self.metric,
            claimed=self._claimed(),
            unit=self.unit,
            stack=self.stack,
            other_stack=self.other_stack,
            workload=self.workload,
            connections=self.connections,
            cores=self.cores,
            requests_per_day=self.requests_per_day,
            conditions=self.conditions,
            contradiction=self.contradiction,
        )

    def _claimed(self) -> Interval | None:
        if self.low is None or self.high is None:
            return None
        return Interval(low=self.low, mid=(self.low + self.high) / 2, high=self.high)
