"""Estimates: projections frozen with all their inputs, immutable and content-hashed."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Estimate(models.Model):
    """What was projected, as it was. Never edited: a new view of the same question is a new row."""

    title = models.CharField(max_length=200)
    target_name = models.CharField(max_length=100)
    cost_centre = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    content = models.JSONField(help_text="The projection with every input, as the API serves it.")
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of the content's canonical JSON.")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(content_hash__regex=r"^[0-9a-f]{64}$"), name="estimate_hash")]

    def __str__(self) -> str:
        return self.title
