"""Journeys: weighted mixes of workloads, as one user meets them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from estimator.models.stacks import Workload

_ABOVE_ZERO = MinValueValidator(1)
_THINKING = [MinValueValidator(0.0), MaxValueValidator(60.0)]


class Journey(models.Model):
    """Workloads by weight, and how long users think between two requests. It is measured as a workload of its own."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=40, unique=True, help_text="What people type; the workload is journey-<slug>.")
    think_from_s = models.FloatField(
        "shortest pause (s)", default=0.5, validators=_THINKING, help_text="Of a user between answer and next request."
    )
    think_to_s = models.FloatField("longest pause (s)", default=1.5, validators=_THINKING)
    workload = models.OneToOneField(
        Workload, on_delete=models.PROTECT, related_name="journey", editable=False, help_text="What it is measured as."
    )
    locustfile = models.CharField(
        max_length=100, blank=True, editable=False, help_text="Of a journey from a folder: what its users run."
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(think_to_s__gte=F("think_from_s")),
                name="journey_pauses_in_order",
                violation_error_message="The longest pause is shorter than the shortest; swap the two.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def mix(self) -> list[tuple[str, int]]:
        """Workload slug and weight of each part, the heaviest weight first."""
        return list(self.steps.order_by("-weight", "pk").values_list("workload__slug", "weight"))


class JourneyStep(models.Model):
    """One part of a journey."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="steps")
    workload = models.ForeignKey(
        Workload, on_delete=models.PROTECT, related_name="+", limit_choices_to={"journey__isnull": True}
    )
    weight = models.PositiveSmallIntegerField(
        validators=[_ABOVE_ZERO, MaxValueValidator(1000)],
        help_text="Relative to the others: of 60 and 40 it is 60 %.",
    )

    class Meta:
        verbose_name = "part"
        constraints = [models.UniqueConstraint(fields=["journey", "workload"], name="journey_part_once")]

    def __str__(self) -> str:
        return f"{self.weight} x {self.workload}"
