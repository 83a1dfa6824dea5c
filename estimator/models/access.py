"""API keys: hashed, expiring, with scopes."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from rest_framework_api_key.models import AbstractAPIKey

EXPORT_ALONE = "A key for export does nothing else; tick export alone, or leave it out."


class Scope(models.TextChoices):
    """What a key may do, within its owner's role. A key holds each scope it needs; none implies another."""

    READ = "read", "read everything"
    RUN = "run", "start and cancel runs, freeze and share estimates, write targets, plans and journeys"
    ADMIN = "admin", "what administrators decide: approve estimates"
    EXPORT = "export", "fetch the files of estimates and nothing else; such a key may stand in an address as ?key="


def default_scopes() -> list[str]:
    """A new key may read."""
    return [Scope.READ.value]


class ApiKey(AbstractAPIKey):
    """A key of a finance tool or a script, owned by a person."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices), default=default_scopes)
    plain_key = ""  # never stored: only the instance that was just created knows it, to be shown once

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        constraints = [
            models.CheckConstraint(
                condition=~Q(scopes__contains=[Scope.EXPORT.value]) | Q(scopes=[Scope.EXPORT.value]),
                name="api_key_export_stands_alone",
                violation_error_message=f"scopes: {EXPORT_ALONE}",
            )
        ]

    @property
    def export_only(self) -> bool:
        """Whether it may stand in an address, because it opens nothing but files."""
        return self.scopes == [Scope.EXPORT]
