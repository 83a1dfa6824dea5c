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


class WindowSerializer(RowSerializer):
    """One stretch of constant offered rate. Rates in requests/s; latencies from the intended start, in ms."""

    run = serializers.IntegerField(source="trial.run_id", read_only=True)
    attempt = serializers.IntegerField(source="trial.attempt", read_only=True)
    block = serializers.IntegerField(source="trial.block", read_only=True)
    stack = serializers.CharField(source="trial.stack.slug", read_only=True)
    workload = serializers.CharField(source="trial.workload.slug", read_only=True)
    p50_ms = serializers.SerializerMethodField()
    p99_ms = serializers.SerializerMethodField()

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
            "p50_ms",
            "p99_ms",
            "void",
        ]
        read_only_fields = fields

    def get_p50_ms(self, record: WindowRecord) -> float | None:
        """None when nothing was answered."""
        return record.to_domain().latency.percentile_ms(50)

    def get_p99_ms(self, record: WindowRecord) -> float | None:
        """None when nothing was answered."""
        return record.to_domain().latency.percentile_ms(99)


class WindowDetailSerializer(WindowSerializer):
    """A window with all that was recorded: exact histograms, resource use, notes."""

    data: Any = serializers.JSONField(read_only=True)

    class Meta(WindowSerializer.Meta):
        fields = [*WindowSerializer.Meta.fields, "data"]
        read_only_fields = fields
