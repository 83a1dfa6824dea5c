"""What developers cost, and what a move from one stack to another takes: stated ranges with their source."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from estimator.models.hardware import ISO_4217
from estimator.models.stacks import Stack

_ABOVE_ZERO = [MinValueValidator(Decimal("0.01"))]
_OWN_STACKS = Q(active=True, variant_of=None)


class DeveloperRate(models.Model):
    """What an hour of a developer's work costs, from lowest to highest."""

    name = models.CharField(max_length=100, unique=True, help_text="Whose work, e.g. FastAPI developer, middle level.")
    hourly_low = models.DecimalField(
        "lowest rate (per hour)", max_digits=12, decimal_places=2, validators=_ABOVE_ZERO, help_text="Per hour."
    )
    hourly_high = models.DecimalField(
        "highest rate (per hour)", max_digits=12, decimal_places=2, validators=_ABOVE_ZERO, help_text="Per hour."
    )
    currency = models.CharField(max_length=3, default="USD", validators=[ISO_4217], help_text="ISO 4217, e.g. USD.")
    source = models.CharField(max_length=200, help_text="Who says so, e.g. our pay roll, or an article.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hourly_low__gt=0) & Q(hourly_high__gte=F("hourly_low")),
                name="rate_in_order",
                violation_error_message="The highest rate is below the lowest, or no rate at all; enter both above 0.",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="rate_currency_iso_4217"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hourly_low:g} to {self.hourly_high:g} {self.currency}/h)"


class MigrationCase(models.Model):
    """Moving from one stack to another: the hours it takes, at a developer's rate."""

    name = models.CharField(max_length=100, unique=True, help_text="What is rebuilt, e.g. admin and sign-in.")
    from_stack = models.ForeignKey(
        Stack, on_delete=models.CASCADE, related_name="+", limit_choices_to=_OWN_STACKS, help_text="What runs today."
    )
    to_stack = models.ForeignKey(
        Stack, on_delete=models.CASCADE, related_name="+", limit_choices_to=_OWN_STACKS, help_text="What it becomes."
    )
    hours_low = models.DecimalField(
        "fewest hours", max_digits=9, decimal_places=1, validators=_ABOVE_ZERO, help_text="A week has 40."
    )
    hours_high = models.DecimalField("most hours", max_digits=9, decimal_places=1, validators=_ABOVE_ZERO)
    rate = models.ForeignKey(DeveloperRate, on_delete=models.PROTECT, related_name="cases")
    source = models.CharField(max_length=200, help_text="Where the hours come from.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hours_low__gt=0) & Q(hours_high__gte=F("hours_low")),
                name="migration_hours_in_order",
                violation_error_message="Most hours are fewer than the fewest, or none; enter both above 0.",
            ),
            models.CheckConstraint(
                condition=~Q(from_stack=F("to_stack")),
                name="migration_changes_the_stack",
                violation_error_message="Both stacks are the same; choose another one to move to.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
