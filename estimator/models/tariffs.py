"""Dated, sourced prices of what is rented by use: containers, functions, and the lines beside compute."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from estimator.domain.cost.tariffs import GridError, container_sizes, function_sizes
from estimator.models.hardware import ISO_4217, CrossCheck, Sourced

_PER_DAY = "as of: that day has a row of this price; correct it or enter another day."
_CURRENCY = Q(currency__regex=r"^[A-Z]{3}$")
_FREE_TIER_HELP = "Said beside each cost, never counted."


def _price(name: str, help_text: str) -> "models.DecimalField[Any, Any]":
    """An amount of money for one unit."""
    least = MinValueValidator(Decimal("0.000000000001"), "Enter a price above 0; what is not listed has no row.")
    return models.DecimalField(name, max_digits=20, decimal_places=12, validators=[least], help_text=help_text)


def _price_or_none(name: str, help_text: str) -> "models.DecimalField[Any, Any]":
    """The same where none may be charged: 0."""
    least = MinValueValidator(Decimal(0), "Enter 0 or a price above it.")
    return models.DecimalField(
        name, max_digits=20, decimal_places=12, default=Decimal(0), validators=[least], help_text=help_text
    )


class Tariff(Sourced):
    """What all of them say of themselves. Never zero: not listed is no row."""

    provider = models.CharField(max_length=40, help_text="As in the hardware profiles, e.g. aws.")
    name = models.CharField(max_length=80, help_text="The service, e.g. Fargate x86.")
    region = models.CharField(max_length=60, help_text="The provider's name of the region, e.g. us-east-1.")
    currency = models.CharField(max_length=3, default="USD", validators=[ISO_4217], help_text="ISO 4217, e.g. USD.")
    cross_check = models.CharField(max_length=16, choices=CrossCheck.choices, default=CrossCheck.ENTERED)
    cross_check_note = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.provider} {self.name} {self.region}"


class ContainerPrice(Tariff):
    """Containers by vCPU-hour and GiB-hour."""

    vcpu_hour = _price("price of a vCPU-hour", "Per vCPU and hour.")
    gib_hour = _price("price of a GiB-hour", "Per GiB of memory and hour.")
    per_million_requests = _price_or_none("price of a million requests", "0 where requests cost nothing.")
    sizes = models.TextField(
        help_text="What can be rented: vCPUs:GiB-GiB/step, parted by spaces, e.g. 0.5:1-4/1 1:2-8/1."
    )
    free_tier = models.CharField(max_length=200, blank=True, help_text=_FREE_TIER_HELP)

    history = HistoricalRecords()

    class Meta:
        ordering = ["provider", "name", "region", "-as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "name", "region", "currency", "as_of"],
                name="container_price_unique_per_day",
                violation_error_message=_PER_DAY,
            ),
            models.CheckConstraint(
                condition=Q(vcpu_hour__gt=0) & Q(gib_hour__gt=0) & Q(per_million_requests__gte=0),
                name="container_price_is_never_zero",
            ),
            models.CheckConstraint(condition=_CURRENCY, name="container_price_currency_iso_4217"),
        ]

    def clean(self) -> None:
        """Sizes that can be read."""
        _check_sizes(self.sizes, container_sizes)


class FunctionPrice(Tariff):
    """Functions by request and by GiB-second."""

    per_million_requests = _price("price of a million requests", "Per million requests.")
    gib_second = _price("price of a GiB-second", "Per GiB of memory and second.")
    vcpu_second = _price_or_none("price of a vCPU-second", "0 where the price of the memory holds it.")
    granularity_ms = models.PositiveIntegerField(
        "granularity (ms)", default=1, validators=[MinValueValidator(1)], help_text="Durations are rounded up to it."
    )
    minimum_ms = models.PositiveIntegerField("minimum (ms)", default=0, help_text="The shortest duration billed.")
    concurrency = models.PositiveIntegerField(
        null=True, blank=True, help_text="Requests at once that an account may serve; empty for no limit."
    )
    sizes = models.TextField(help_text="Memory and its vCPUs, MiB:vCPUs in rising order, e.g. 128:0.0724 1769:1.")
    free_tier = models.CharField(max_length=200, blank=True, help_text=_FREE_TIER_HELP)

    history = HistoricalRecords()

    class Meta:
        ordering = ["provider", "name", "region", "-as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "name", "region", "currency", "as_of"],
                name="function_price_unique_per_day",
                violation_error_message=_PER_DAY,
            ),
            models.CheckConstraint(
                condition=Q(per_million_requests__gt=0) & Q(gib_second__gt=0) & Q(vcpu_second__gte=0),
                name="function_price_is_never_zero",
            ),
            models.CheckConstraint(condition=Q(granularity_ms__gte=1), name="function_bills_in_steps"),
            models.CheckConstraint(condition=_CURRENCY, name="function_price_currency_iso_4217"),
        ]

    def clean(self) -> None:
        """Sizes that can be read."""
        _check_sizes(self.sizes, function_sizes)


class LineKind(models.TextChoices):
    """What may stand beside compute."""

    DATABASE = "database", "database"
    LOAD_BALANCER = "load_balancer", "load balancer"
    EGRESS = "egress", "egress"
    DISK = "disk", "disk"


class LinePrice(Tariff):
    """One unit of something beside compute; a row for each tier of the month's quantity."""

    line = models.CharField(max_length=16, choices=LineKind.choices)
    unit = models.CharField(max_length=20, help_text="vCPU-hour, hour, LCU-hour, GB or GB-month.")
    above = models.DecimalField(
        "from a month's quantity of",
        max_digits=18,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(Decimal(0))],
        help_text="Where the tier starts, in units; 0 for the first.",
    )
    unit_price = _price("price of a unit", "Per unit.")
    servers = models.CharField(
        max_length=100,
        blank=True,
        validators=[RegexValidator(r"\A\d+( \d+)*\Z", "Enter whole numbers parted by spaces, e.g. 2 4 8.")],
        help_text="For a database: vCPUs of the servers there are, e.g. 2 4 8 16.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["line", "provider", "name", "region", "-as_of", "above"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "name", "region", "currency", "as_of", "above"],
                name="line_price_unique_per_day",
                violation_error_message=_PER_DAY,
            ),
            models.CheckConstraint(condition=Q(unit_price__gt=0) & Q(above__gte=0), name="line_price_is_never_zero"),
            models.CheckConstraint(
                condition=~Q(line="database") | ~Q(servers=""),
                name="line_database_has_servers",
                violation_error_message="servers: a database needs the vCPUs of its servers, e.g. 2 4 8.",
            ),
            models.CheckConstraint(condition=_CURRENCY, name="line_price_currency_iso_4217"),
        ]

    def clean(self) -> None:
        """A database is sized by whole servers."""
        if self.line == LineKind.DATABASE and not self.servers:
            raise ValidationError({"servers": "A database needs the vCPUs of its servers; enter them, e.g. 2 4 8."})


def _check_sizes(text: str, read: Callable[[str], object]) -> None:
    try:
        read(text)
    except GridError as error:
        raise ValidationError({"sizes": str(error).removeprefix("sizes: ")}) from error
