"""Traffic profiles: how requests spread over the hours of a week."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from estimator.domain.cost.shape import HOURS_PER_WEEK, ShapeError, TrafficShape
from estimator.models.hardware import Sourced


class TrafficProfile(Sourced):
    """Requests in each hour of a week, shipped or uploaded. Only their relation counts: the mean is a target's own."""

    name = models.CharField(max_length=100, unique=True)
    hourly = ArrayField(
        models.FloatField(),
        size=HOURS_PER_WEEK,
        help_text="Requests in each of 168 hours, in any unit, Monday 00:00 UTC first.",
    )
    assumed = models.BooleanField(default=False, help_text="Constructed by somebody, not measured.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hourly__len=HOURS_PER_WEEK),
                name="profile_has_a_week",
                violation_error_message="hourly: give the requests of 168 hours.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Some traffic, none of it below zero."""
        if self.hourly:
            try:
                self.to_shape()
            except ShapeError as problem:
                raise ValidationError(f"hourly: {problem}") from None

    def to_shape(self) -> TrafficShape:
        """As the domain sees it. Raises ShapeError."""
        return TrafficShape.of(self.hourly, name=self.name, source=self.source, assumed=self.assumed)
