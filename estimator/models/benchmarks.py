"""Benchmark plans, their runs, and the raw windows that runs recorded."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from estimator.domain.measuring.workload import PROFILES
from estimator.models.hardware import HardwareProfile
from estimator.models.stacks import Stack, Workload

# A setting that a search may vary -> the plan's field with the values to try.
TRY_FIELDS = {"workers": "try_workers", "threads": "try_threads", "pool_size": "try_pool_sizes"}


def values_to_try(what: str) -> "ArrayField[list[int], list[int]]":
    """A list of whole numbers for a set-up search; empty does not vary them."""
    return ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(64)]),
        verbose_name=f"{what} to try",
        default=list,
        blank=True,
        help_text=f"For a set-up search: numbers of {what}, e.g. 1, 2, 4. Leave empty to keep the stack's own.",
    )


class BenchmarkPlan(models.Model):
    """Stacks x workloads x profile; or one stack x server set-ups, where values to try are given."""

    name = models.CharField(max_length=100, unique=True)
    stacks = models.ManyToManyField(Stack, help_text="Measured side by side, in random order.")
    workloads = models.ManyToManyField(Workload, help_text="Each stack is measured under each of these.")
    profile = models.CharField(
        max_length=16,
        default="quick",
        choices=[(name, name) for name in PROFILES],
        help_text="quick takes about 2 minutes for three stacks, standard 12, rigorous an hour; smoke prices nothing.",
    )
    objective_ms = models.FloatField(
        "p99 objective (ms)",
        default=100.0,
        validators=[MinValueValidator(0.1)],
        help_text="Decides how late the generator may be; any objective can be asked of the results.",
    )
    confirm_with_locust = models.BooleanField(
        "confirm with Locust", default=True, help_text="Drive each stack with Locust at half of the capacity found."
    )

    try_workers = values_to_try("workers")
    try_threads = values_to_try("threads of each worker")
    try_pool_sizes = values_to_try("database connections of each worker")

    history = HistoricalRecords(m2m_fields=[stacks, workloads])

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(objective_ms__gt=0), name="plan_objective_positive")]

    def __str__(self) -> str:
        return self.name

    @property
    def tries(self) -> dict[str, list[int]]:
        """Settings and the values to try of each; empty for a plan that searches nothing."""
        return {name: list(values) for name, field in TRY_FIELDS.items() if (values := getattr(self, field))}


class RunState(models.TextChoices):
    """A run reaches exactly one of the three ends."""

    PENDING = "pending", "waiting for a bench worker"
    RUNNING = "running", "measuring"
    SUCCEEDED = "succeeded", "succeeded"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


ENDED = (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)


class Run(models.Model):
    """One execution of a plan. Written only through estimator.services.runs."""

    plan = models.ForeignKey(BenchmarkPlan, on_delete=models.PROTECT, related_name="runs")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.PENDING)
    reason = models.TextField(blank=True, help_text="Why it failed or was cancelled.")
    spec = models.JSONField(help_text="The plan as it was when the run was asked for.")
    host = models.ForeignKey(HardwareProfile, null=True, on_delete=models.PROTECT, related_name="runs")
    host_facts = models.JSONField(default=dict)

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(help_text="When the queue was last told of this run.")

    attempt = models.PositiveIntegerField(default=0)
    fence = models.UUIDField(null=True, help_text="Token of the attempt that may write.")
    lease_expires_at = models.DateTimeField(null=True)

    progress_message = models.CharField(max_length=300, blank=True)
    progress_share = models.FloatField(default=0.0)
    expected_end_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "told_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=RunState.RUNNING, fence__isnull=False, lease_expires_at__isnull=False)
                | (~Q(state=RunState.RUNNING) & Q(fence__isnull=True, lease_expires_at__isnull=True)),
                name="run_measuring_exactly_while_fenced",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, finished_at__isnull=False, fence__isnull=True)
                | (~Q(state__in=ENDED) & Q(finished_at__isnull=True)),
                name="run_ended_exactly_when_finished",
            ),
            models.CheckConstraint(condition=~Q(state=RunState.FAILED) | ~Q(reason=""), name="run_failed_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.plan}"

    @property
    def ended(self) -> bool:
        """Whether the run has reached its one end."""
        return self.state in ENDED


class RunEvent(models.Model):
    """What happened to a run, in order. Appended, never changed."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    attempt = models.PositiveIntegerField()
    kind = models.CharField(max_length=24)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class Block(models.Model):
    """A block that was measured to its end; `attempt` says whose trials count."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="blocks")
    number = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    finished_at = models.DateTimeField()

    class Meta:
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="block_finishes_once")]

    def __str__(self) -> str:
        return f"block {self.number} of run {self.run_id}"


class TrialRecord(models.Model):
    """One stack under one workload in one block: a fresh process, measured or failed."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="trials")
    attempt = models.PositiveIntegerField()
    block = models.PositiveIntegerField()
    stack = models.ForeignKey(Stack, on_delete=models.PROTECT)
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT)
    finished = models.BooleanField(default=False)
    failure = models.TextField(blank=True, help_text="Why this stack gets no cost.")
    warnings = models.JSONField(default=list)
    cold_start_s = models.FloatField("cold start (s)", null=True)
    idle_memory_mib = models.FloatField("idle memory (MiB)", null=True)
    versions = models.JSONField(default=dict)
    settings = models.JSONField(default=dict, help_text="The server's set-up as it ran; the stack's own may change.")

    class Meta:
        verbose_name = "trial"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "attempt", "block", "stack", "workload"], name="trial_once_per_attempt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stack} {self.workload} in block {self.block} of run {self.run_id}"


class HostLease(models.Model):
    """Who measures on a host now: one benchmark per host."""

    host = models.OneToOneField(HardwareProfile, on_delete=models.CASCADE, related_name="lease")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    fence = models.UUIDField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.host} is measuring run {self.run_id}"
