"""Hardware profiles and their dated, sourced prices."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

ISO_4217 = RegexValidator(r"\A[A-Z]{3}\Z", "Enter the three capital letters of ISO 4217, e.g. USD.")


class VcpuKind(models.TextChoices):
    """What one virtual CPU is made of."""

    CORE = "core", "a whole core"
    HYPERTHREAD = "hyperthread", "a hyperthread"
    HIDDEN = "hidden", "not told"


class Term(models.TextChoices):
    """How long the price binds."""

    ON_DEMAND = "on_demand", "on demand"
    RESERVED_1Y = "reserved_1y", "1-year commitment"
    RESERVED_3Y = "reserved_3y", "3-year commitment"
    SPOT = "spot", "spot"


class CrossCheck(models.TextChoices):
    """Whether a second source agrees with the price."""

    OK = "ok", "two sources agree"
    SINGLE_SOURCE = "single_source", "one source only"
    DISAGREES = "disagrees", "sources disagree"
    ENTERED = "entered", "entered by hand"


class Sourced(models.Model):
    """Where a row's facts come from, and as of when."""

    source = models.CharField(max_length=200, help_text="Where the facts come from, e.g. the provider's price list.")
    source_version = models.CharField(max_length=100, blank=True, help_text="Version or page of the source.")
    as_of = models.DateField("as of", help_text="The day on which the source said so.")
    licence = models.CharField(max_length=100, blank=True, help_text="Licence of the source.")

    class Meta:
        abstract = True


class HardwareProfile(Sourced):
    """A machine type that can be rented, or a host that benchmarks run on."""

    provider = models.CharField(max_length=40, help_text="e.g. aws, gcp, azure; `host` for a registered machine.")
    name = models.CharField(max_length=80, help_text="The provider's name of the type, e.g. m7i.large.")
    family = models.CharField(max_length=80, blank=True, help_text="e.g. general purpose.")
    architecture = models.CharField(max_length=16, default="x86_64", help_text="x86_64 or arm64.")
    vcpus = models.PositiveIntegerField("vCPUs", validators=[MinValueValidator(1)], help_text="Virtual CPUs.")
    memory_mib = models.PositiveIntegerField("memory (MiB)", validators=[MinValueValidator(1)], help_text="In MiB.")
    vcpu_kind = models.CharField("a vCPU is", max_length=12, choices=VcpuKind.choices, default=VcpuKind.HIDDEN)
    cpu_vendor = models.CharField("CPU vendor", max_length=40, blank=True)
    cpu_model = models.CharField("CPU model", max_length=120, blank=True)
    clock_ghz = models.FloatField("clock (GHz)", null=True, blank=True, help_text="Sustained, in GHz, if published.")
    single_thread_score = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.001)],
        help_text="Published single-thread speed: instructions per cycle x GHz. Empty when not published.",
    )
    canary_score = models.FloatField(
        null=True, blank=True, help_text="Work units/s of our own fixed task; only hosts that ran it have one."
    )
    burstable = models.BooleanField(default=False, help_text="Cannot sustain full CPU: left out unless allowed.")
    sustained_share = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.001), MaxValueValidator(1.0)],
        help_text="Of each vCPU that a burstable type keeps up: 0.2 is 20 %. Empty: nobody tells, so it gets no cost.",
    )
    network_mbps = models.PositiveIntegerField("network (Mbit/s)", null=True, blank=True)
    reference = models.BooleanField(default=False, help_text="The 2-vCPU type that stands for its provider.")
    facts = models.JSONField(default=dict, blank=True, help_text="Measured facts of a registered host.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["provider", "vcpus", "memory_mib", "name"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="hardware_unique_name"),
            models.CheckConstraint(condition=Q(vcpus__gte=1), name="hardware_has_a_vcpu"),
            models.CheckConstraint(condition=Q(memory_mib__gte=1), name="hardware_has_memory"),
            models.CheckConstraint(
                condition=Q(single_thread_score=None) | Q(single_thread_score__gt=0), name="hardware_speed_positive"
            ),
            models.CheckConstraint(
                condition=Q(sustained_share=None) | (Q(sustained_share__gt=0) & Q(sustained_share__lte=1)),
                name="hardware_sustained_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.name}"


class Price(Sourced):
    """What one hardware profile costs per hour in a region under a term. Never zero: not listed is no row."""

    hardware = models.ForeignKey(HardwareProfile, on_delete=models.CASCADE, related_name="prices")
    region = models.CharField(max_length=60, help_text="The provider's name of the region, e.g. us-east-1.")
    term = models.CharField(max_length=16, choices=Term.choices, default=Term.ON_DEMAND)
    hourly = models.DecimalField(
        max_digits=14,
        decimal_places=8,
        validators=[
            MinValueValidator(Decimal("0.00000001"), "Enter a price above 0; a type that is not listed has no row.")
        ],
        help_text="Per instance and hour, in the currency beside it.",
    )
    upfront = models.DecimalField(
        max_digits=14,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(Decimal(0))],
        help_text="Paid once at the start of the term; 0 for none.",
    )
    currency = models.CharField(max_length=3, default="USD", validators=[ISO_4217], help_text="ISO 4217, e.g. USD.")
    cross_check = models.CharField(max_length=16, choices=CrossCheck.choices, default=CrossCheck.ENTERED)
    cross_check_note = models.CharField(max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["hardware", "region", "term", "-as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["hardware", "region", "term", "currency", "as_of"],
                name="price_unique_per_day",
                violation_error_message="as of: that day has a row of this price; correct it or enter another day.",
            ),
            models.CheckConstraint(condition=Q(hourly__gt=0), name="price_is_never_zero"),
            models.CheckConstraint(condition=Q(upfront__gte=0), name="price_upfront_not_negative"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="price_currency_iso_4217"),
        ]

    def __str__(self) -> str:
        hourly = f"{self.hourly.normalize():f}"
        return f"{self.hardware} {self.region} {self.get_term_display()} {hourly} {self.currency}/h"
