"""API keys: hashed, expiring, with scopes."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from rest_framework_api_key.models import AbstractAPIKey


class Scope(models.TextChoices):
    """What a key may do. A key holds each scope it needs; none implies another."""

    READ = "read", "read everything"
    RUN = "run", "start and cancel runs, freeze estimates, write targets and plans"


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
