"""Plans, runs and their raw windows."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from estimator.api.examples import PLAN, RUN, shown_with
from estimator.api.serializers.base import RowField, RowSerializer, SlugField, StrictSerializer
from estimator.models import BenchmarkPlan, Run, RunEvent, Stack, WindowRecord, Workload
from estimator.models.benchmarks import TRY_FIELDS
from estimator.queries.window_rows import window_row


@shown_with(PLAN)
class PlanSerializer(RowSerializer):
    """Stacks x workloads x profile."""

    stacks = SlugField[Stack](many=True, queryset=Stack.objects.all(), allow_empty=False, help_text="By their slugs.")
    workloads = SlugField[Workload](
        many=True, queryset=Workload.objects.all(), allow_empty=False, help_text="By their slugs."
    )

    class Meta:
        model = BenchmarkPlan
        fields = [
            "id",
            "name",
            "stacks",
            "workloads",
            "profile",
            "objective_ms",
            "confirm_with_locust",
            *TRY_FIELDS.values(),
        ]
        read_only_fields = ["id"]


@shown_with(RUN)
class RunRequestSerializer(StrictSerializer):
    """What starts a run."""

    plan = RowField[BenchmarkPlan](queryset=BenchmarkPlan.objects.all(), help_text="The plan's id.")


class RunSerializer(RowSerializer):
    """One execution of a plan. It reaches exactly one end: succeeded, failed with a reason, cancelled."""

    plan_name = serializers.CharField(source="plan.name", read_only=True)
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True, read_only=True)
    host = serializers.CharField(source="host.name", default=None, allow_null=True, read_only=True)
    status_url = serializers.SerializerMethodField(help_text="Ask here until `state` is one of the three ends.")

    class Meta:
        model = Run
        fields = [
            "id",
            "status_url",
            "plan",
            "plan_name",
            "requested_by",
            "state",
            "reason",
            "spec",
            "host",
            "host_facts",
            "attempt",
            "created_at",
            "started_at",
            "finished_at",
            "progress_message",
            "progress_share",
            "expected_end_at",
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_status_url(self, run: Run) -> str:
        """The absolute address of this run."""
        return reverse("api:run", args=[run.pk], request=self.context["request"])


class RunEventSerializer(RowSerializer):
    """What happened to a run."""

    class Meta:
        model = RunEvent
        fields = ["at", "attempt", "kind", "message"]
        read_only_fields = fields


class RunDetailSerializer(RunSerializer):
    """A run with its event log, in order."""

    events = RunEventSerializer(many=True, read_only=True)

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "events"]
        read_only_fields = fields


def _shown(name: str, help_text: str, **options: Any) -> serializers.FloatField:
    """A figure of the window as pages show it."""
    return serializers.FloatField(source=f"shown.{name}", read_only=True, help_text=help_text, **options)


class WindowSerializer(RowSerializer):
    """One stretch of constant offered rate. Rates in requests/s; latencies from the intended start, in ms."""

    run = serializers.IntegerField(source="trial.run_id", read_only=True)
    attempt = serializers.IntegerField(source="trial.attempt", read_only=True)
    block = serializers.IntegerField(source="trial.block", read_only=True)
    stack = serializers.CharField(source="trial.stack.slug", read_only=True)
    workload = serializers.CharField(source="trial.workload.slug", read_only=True)
    repeat = serializers.IntegerField(
        source="shown.repeat", read_only=True, help_text="0, or which repeat of a void window this is."
    )
    p50_ms = _shown("p50_ms", "Null when nothing was answered.", allow_null=True)
    p99_ms = _shown("p99_ms", "Null when nothing was answered.", allow_null=True)
    p999_ms = _shown("p999_ms", "Null when nothing was answered.", allow_null=True)
    utilisation = _shown("utilisation", "CPU-seconds and steal over seconds and cores of the app.")
    app_cpu_ms = _shown("app_cpu_ms", "App CPU per request.", allow_null=True)
    error_share = _shown("error_share", "Failed, wrong and never sent, of what fell due.")
    memory_mib = _shown("memory_mib", "Of the app's process tree at the end.", allow_null=True)
    app_steal = _shown("app_steal", "Share of the app's cores that the hypervisor took.")
    foreign_cores = _shown("foreign_cores", "Cores kept busy by processes that are not ours.")
    canary_speed = _shown(
        "canary_speed",
        "Of fixed work on the app's cores, as a share of its calm speed; null when untold.",
        allow_null=True,
    )
    canary_slowest = _shown(
        "canary_slowest", "The same in the window's slowest half second; null when untold.", allow_null=True
    )
    generator_share = _shown("generator_share", "The generator's own work, as a share of its core.")
    lateness_p99_ms = _shown(
        "lateness_p99_ms", "Due to sent while a connection was idle; null when none was sent.", allow_null=True
    )
    void_reasons = serializers.ListField(
        source="shown.void", child=serializers.CharField(), read_only=True, help_text="Why it decides nothing."
    )
    notes = serializers.ListField(
        source="shown.notes", child=serializers.CharField(), read_only=True, help_text="Such as the first error."
    )

    class Meta:
        model = WindowRecord
        fields = [
            "id",
            "run",
            "attempt",
            "block",
            "stack",
            "workload",
            "sequence",
            "kind",
            "offered_rate",
            "achieved_rate",
            "duration_s",
            "completed",
            "failed",
            "repeat",
            "p50_ms",
            "p99_ms",
            "p999_ms",
            "utilisation",
            "app_cpu_ms",
            "error_share",
            "memory_mib",
            "app_steal",
            "foreign_cores",
            "canary_speed",
            "canary_slowest",
            "generator_share",
            "lateness_p99_ms",
            "void",
            "void_reasons",
            "notes",
        ]
        read_only_fields = fields

    def to_representation(self, instance: WindowRecord) -> Any:
        """The row with its window as pages show it, read from the histograms once."""
        instance.shown = window_row(instance.to_domain())  # type: ignore[attr-defined]
        return super().to_representation(instance)


class WindowDetailSerializer(WindowSerializer):
    """A window with all that was recorded: exact histograms, resource use, notes."""

    data: Any = serializers.JSONField(read_only=True)

    class Meta(WindowSerializer.Meta):
        fields = [*WindowSerializer.Meta.fields, "data"]
        read_only_fields = fields
