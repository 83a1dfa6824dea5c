"""Estimates: projections frozen with all their inputs, immutable and content-hashed; who approved and shared them."""

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
    version = models.PositiveIntegerField(default=1, help_text="Counts the estimates of one title and target.")
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="later")
    content = models.JSONField(help_text="The projection with every input, as the API serves it.")
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of the content's canonical JSON.")
    # What lists tell of the content, so that lists need not read it; reading an estimate holds them against it.
    currency = models.CharField(max_length=3, blank=True, default="", help_text="Of its amounts; ISO 4217.")
    budget_status = models.CharField(
        max_length=7, blank=True, default="", help_text="within, at risk or over; empty where the target had no budget."
    )
    monthly_cost = models.JSONField(
        null=True, help_text="P10, P50, P90 of the cheapest row; null where none has a cost."
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["target_name", "title", "-version"], name="estimate_versions"),
            models.Index(fields=["cost_centre", "-id"], name="estimate_cost_centre"),
            models.Index(fields=["-created_at", "-id"], name="estimate_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(content_hash__regex=r"^[0-9a-f]{64}$"), name="estimate_hash"),
            models.CheckConstraint(
                condition=Q(version=1, previous__isnull=True) | Q(version__gt=1, previous__isnull=False),
                name="estimate_version_has_its_predecessor",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class EstimateApproval(models.Model):
    """Somebody other than the author stands for an estimate. Rows are only ever added."""

    estimate = models.ForeignKey(Estimate, on_delete=models.PROTECT, related_name="approvals")
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64, help_text="The estimate's hash when it was approved.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["estimate", "approved_by"], name="estimate_approved_once_by_each")
        ]

    def __str__(self) -> str:
        return f"approved by {self.approved_by.get_username()}"


class EstimateShare(models.Model):
    """A link that shows one estimate without sign-in. Its secret is not stored; rows stay when links are revoked."""

    estimate = models.ForeignKey(Estimate, on_delete=models.PROTECT, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the link's secret.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    plain_token = ""  # only the instance that was just created knows it, to be shown once

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="share_revoked_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"link {self.pk} to {self.estimate}"
