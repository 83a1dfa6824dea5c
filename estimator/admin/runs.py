"""Runs and what happened to them, to read; a run can be cancelled."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from estimator.admin.base import ReadOnlyAdmin, ReadOnlyInline, link, list_of, page
from estimator.admin.plans import run_page
from estimator.models import Run, RunEvent, TrialRecord, WindowRecord
from estimator.services import runs


class TrialInline(ReadOnlyInline):
    """Each stack under each workload, block by block."""

    model = TrialRecord
    fields = ("attempt", "block", "stack", "workload", "finished", "failure", "cold_start_s", "idle_memory_mib")


class EventInline(ReadOnlyInline):
    """What happened, in order."""

    model = RunEvent
    fields = ("at", "attempt", "kind", "message")
    show_change_link = False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Written by the bench alone."""

    inlines = (TrialInline, EventInline)
    list_display = (
        "number",
        "plan",
        "state",
        "progress",
        "reason",
        "requested_by",
        "host",
        "created_at",
        "finished_at",
        "attempt",
        "live_page",
    )
    list_filter = (
        "state",
        ("plan", admin.RelatedOnlyFieldListFilter),
        ("host", admin.RelatedOnlyFieldListFilter),
        "created_at",
    )
    search_fields = ("=id", "plan__name", "reason")
    list_select_related = ("plan", "requested_by", "host")
    date_hierarchy = "created_at"
    actions = ("cancel",)
    fieldsets = (
        (None, {"fields": ("plan", "state", "reason", "progress", "live_page", "windows")}),
        ("Who and when (UTC)", {"fields": ("requested_by", "created_at", "started_at", "finished_at")}),
        ("Where", {"fields": ("host", "attempt", "lease_expires_at", "host_facts"), "classes": ("collapse",)}),
        ("As it was asked for", {"fields": ("spec",), "classes": ("collapse",)}),
    )

    @admin.display(description="run", ordering="id")
    def number(self, row: Run) -> str:
        """Its number."""
        return f"run {row.pk}"

    @admin.display(description="progress")
    def progress(self, row: Run) -> str:
        """How far it is, in words."""
        return row.progress_message if row.ended else f"{row.progress_share:.0%} {row.progress_message}"

    @admin.display(description="live page")
    def live_page(self, row: Run) -> SafeString:
        """Progress, log and result as they come."""
        return link(run_page(row.pk), "open")

    @admin.display(description="raw windows")
    def windows(self, row: Run) -> SafeString:
        """Everything that was measured in this run."""
        return list_of(WindowRecord, "show all", trial__run__id__exact=row.pk)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Who may run may cancel."""
        return request.user.has_perm("estimator.add_run")

    @admin.action(description="Cancel selected runs", permissions=["cancel"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Run]) -> None:
        """Waiting and measuring ones end within seconds; ended ones stay as they are."""
        outcomes = [runs.cancel_run(run.pk, by=request.user.get_username()) for run in chosen]
        if any(outcomes):
            self.message_user(request, f"Cancelled: {sum(outcomes)}.", messages.SUCCESS)
        if not all(outcomes):
            late = len(outcomes) - sum(outcomes)
            self.message_user(request, f"Had ended already, nothing was changed: {late}.", messages.WARNING)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the way to the live page."""
        context = {"live_page": page(f"runs/{object_id}/"), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)


@admin.register(RunEvent)
class RunEventAdmin(ReadOnlyAdmin):
    """The log of all runs."""

    list_display = ("at", "run", "attempt", "kind", "message")
    list_filter = ("kind", "at")
    search_fields = ("=run__id", "message")
    search_help_text = "Search by the number of a run, or in messages."
    list_select_related = ("run__plan",)
    ordering = ("-id",)
