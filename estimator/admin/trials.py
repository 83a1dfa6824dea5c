"""What was measured, raw: trials and their windows, to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from estimator.admin.base import ReadOnlyAdmin, list_of
from estimator.models import TrialRecord, WindowRecord


@admin.register(TrialRecord)
class TrialAdmin(ReadOnlyAdmin):
    """One stack under one workload in one block: a fresh process."""

    list_display = (
        "id",
        "run",
        "attempt",
        "block",
        "stack",
        "workload",
        "finished",
        "failure",
        "cold_start_s",
        "idle_memory_mib",
        "windows",
    )
    list_filter = ("finished", "stack", "workload")
    search_fields = ("=run__id", "failure")
    search_help_text = "Search by the number of a run, or in reasons of failure."
    list_select_related = ("run__plan", "stack", "workload")
    ordering = ("-id",)
    empty_value_display = "not measured"

    @admin.display(description="windows")
    def windows(self, row: TrialRecord) -> SafeString:
        """The way to its windows."""
        return list_of(WindowRecord, "show", trial__id__exact=row.pk)


@admin.register(WindowRecord)
class WindowAdmin(ReadOnlyAdmin):
    """One stretch of constant offered rate."""

    list_display = (
        "sequence",
        "trial",
        "kind",
        "offered",
        "achieved",
        "duration",
        "completed",
        "failed",
        "void",
    )
    list_filter = ("kind", "void", "trial__stack", "trial__workload")
    search_fields = ("=trial__run__id",)
    search_help_text = "Search by the number of a run."
    list_select_related = ("trial__run", "trial__stack", "trial__workload")
    ordering = ("-trial_id", "sequence")
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("trial", "sequence", "kind", "void")}),
        ("Rates", {"fields": ("offered", "achieved", "duration", "completed", "failed")}),
        ("Latency from the intended start", {"fields": ("latency",)}),
        ("Everything, as recorded", {"fields": ("data",), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[WindowRecord]:
        """The list needs no histograms; the page of one window loads its own."""
        windows: QuerySet[WindowRecord] = super().get_queryset(request)
        return windows.defer("data")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Also those of one run: the links from its page. Not a filter beside the list, which would name all runs."""
        return lookup == "trial__run__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="offered (requests/s)", ordering="offered_rate", empty_value="closed loop")
    def offered(self, row: WindowRecord) -> str | None:
        """What we tried to send."""
        return None if row.offered_rate is None else f"{row.offered_rate:,.1f}"

    @admin.display(description="achieved (answers/s)", ordering="achieved_rate")
    def achieved(self, row: WindowRecord) -> str:
        """Right answers."""
        return f"{row.achieved_rate:,.1f}"

    @admin.display(description="duration (s)", ordering="duration_s")
    def duration(self, row: WindowRecord) -> str:
        """Without what was discarded at its start."""
        return f"{row.duration_s:.2f}"

    @admin.display(description="p50, p95, p99, max (ms)", empty_value="nothing was answered")
    def latency(self, row: WindowRecord) -> str | None:
        """From the exact histogram."""
        found = [row.to_domain().latency.percentile_ms(percent) for percent in (50, 95, 99, 100)]
        return None if None in found else ", ".join(f"{value:,.2f}" for value in found)
