"""Stacks and workloads, as the manifests of the apps under test describe them."""

from django.db import models


class Workload(models.Model):
    """One kind of request with its expected response."""

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.title


class Stack(models.Model):
    """Framework + server + settings + app: one system under test."""

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    framework = models.CharField(max_length=60)
    server = models.CharField(max_length=60)
    folder = models.CharField(max_length=120)
    position = models.PositiveIntegerField(default=0)
    settings = models.JSONField(default=dict, help_text="Server set-up as the manifest states it.")
    manifest_hash = models.CharField(max_length=64, help_text="SHA-256 of the manifest and the app's sources.")
    workloads = models.ManyToManyField(Workload, related_name="stacks", help_text="What its app serves.")
    unsupported = models.JSONField(
        default=dict, help_text="Workloads that it cannot be measured under, with the manifest's reason."
    )
    tunable = models.JSONField(
        default=list, help_text="Whole-number settings that its command or its environment uses: they can be varied."
    )
    variant_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="variants",
        help_text="The stack whose set-up a search varied; never active itself.",
    )
    active = models.BooleanField(default=True, help_text="Its folder was there at the last registration.")

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.title
