"""Requests that were sent with an Idempotency-Key, and what they were answered with."""

from django.db import models
from django.db.models import Q


class AnsweredRequest(models.Model):
    """One key of one person, for a day. The keys themselves are not stored."""

    key_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of who asked and the key.")
    asked_hash = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    asked_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="Null only until its transaction ends.")
    location = models.CharField(max_length=500, blank=True)
    body = models.TextField(blank=True, help_text="JSON as it was sent, without what is told once.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__isnull=True) | Q(status__range=(200, 299)), name="answer_succeeded"
            )
        ]

    def __str__(self) -> str:
        return f"request of {self.asked_at:%Y-%m-%d %H:%M}"
