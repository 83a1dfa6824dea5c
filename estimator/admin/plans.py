"""Benchmark plans, and the button that runs one."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Max, QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from estimator.admin.base import HistoryAdmin, link, page
from estimator.models import BenchmarkPlan, Run, Stack
from estimator.models.benchmarks import TRY_FIELDS
from estimator.services import runs
from estimator.services.errors import Refused
from estimator.services.setups import refuse_unsearchable


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses a plan that would measure nothing."""

    def clean(self) -> dict[str, Any]:
        """Each workload needs a stack that serves it, and each stack a workload."""
        chosen: dict[str, Any] = super().clean() or self.cleaned_data
        if chosen.get("stacks") and chosen.get("workloads"):
            for field, problem in _mismatches(chosen["stacks"], set(chosen["workloads"])).items():
                self.add_error(field, problem)
        if chosen.get("stacks"):
            self._check_search(chosen)
        return chosen

    def _check_search(self, chosen: dict[str, Any]) -> None:
        tries = {name: chosen[field] for name, field in TRY_FIELDS.items() if chosen.get(field)}
        try:
            refuse_unsearchable(tries=tries, stacks=list(chosen["stacks"]))
        except Refused as refusal:
            self.add_error(refusal.field, str(refusal))


def _mismatches(stacks: QuerySet[Stack], workloads: set[Any]) -> dict[str, str]:
    served = {stack: set(stack.workloads.all()) for stack in stacks.prefetch_related("workloads")}
    idle = [stack.title for stack, serves in served.items() if not serves & workloads]
    unserved = [workload.title for workload in workloads if not any(workload in serves for serves in served.values())]
    problems = {}
    if idle:
        problems["stacks"] = f"{', '.join(idle)} serves none of the chosen workloads; untick it, or add a workload."
    if unserved:
        problems["workloads"] = f"No chosen stack serves {', '.join(unserved)}; untick it, or add a stack."
    return problems


@admin.register(BenchmarkPlan)
class BenchmarkPlanAdmin(HistoryAdmin):
    """Which stacks are measured, how, and how thoroughly."""

    form = PlanForm
    list_display = ("name", "profile", "stack_titles", "workload_titles", "objective", "newest_run")
    list_filter = ("profile", "stacks", "workloads")
    search_fields = ("name", "stacks__title", "workloads__title")
    actions = ("run_now",)
    fieldsets = (
        (None, {"fields": ("name",)}),
        ("What is measured", {"fields": ("stacks", "workloads")}),
        ("How", {"fields": ("profile", "objective_ms", "confirm_with_locust")}),
        ("Set-up search", {"fields": tuple(TRY_FIELDS.values()), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[BenchmarkPlan]:
        """With the newest run."""
        plans: QuerySet[BenchmarkPlan] = super().get_queryset(request)
        return plans.annotate(newest_run_id=Max("runs")).prefetch_related("stacks", "workloads")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """A handful of each: tick boxes. Stacks whose folder is gone cannot be measured."""
        options["widget"] = CheckboxSelectMultiple
        if db_field.name == "stacks":
            options["queryset"] = Stack.objects.filter(active=True)
        return super().formfield_for_manytomany(db_field, request, **options)

    @admin.display(description="stacks")
    def stack_titles(self, row: BenchmarkPlan) -> str:
        """All of them."""
        return ", ".join(stack.title for stack in row.stacks.all())

    @admin.display(description="workloads")
    def workload_titles(self, row: BenchmarkPlan) -> str:
        """All of them."""
        return ", ".join(workload.title for workload in row.workloads.all())

    @admin.display(description="p99 objective (ms)", ordering="objective_ms")
    def objective(self, row: BenchmarkPlan) -> str:
        """Without trailing zeros."""
        return f"{row.objective_ms:g}"

    @admin.display(description="newest run", ordering="newest_run_id", empty_value="none yet")
    def newest_run(self, row: Any) -> SafeString | None:
        """The way to its live page."""
        return link(run_page(row.newest_run_id), f"run {row.newest_run_id}") if row.newest_run_id else None

    def has_run_permission(self, request: HttpRequest) -> bool:
        """Operators and administrators."""
        return request.user.has_perm("estimator.add_run")

    @admin.action(description="Run now", permissions=["run"])
    def run_now(self, request: HttpRequest, plans: QuerySet[BenchmarkPlan]) -> HttpResponse | None:
        """Ask for a run of each; one plan leads to its live page, several to the list of runs."""
        asked = [run for plan in plans if (run := self._ask(request, plan))]
        if len(asked) == 1 and len(plans) == 1:
            return redirect(run_page(asked[0].pk))
        return redirect("admin:estimator_run_changelist") if asked else None

    def get_urls(self) -> list[URLPattern]:
        """And the button's."""
        view = self.admin_site.admin_view(require_POST(self.run_view))
        button = path("<path:object_id>/run/", view, name="estimator_benchmarkplan_run")
        return [button, *super().get_urls()]

    def run_view(self, request: HttpRequest, object_id: str) -> HttpResponseRedirect:
        """Ask for a run of the plan and go to its live page; a refusal is told on the plan's page."""
        if not self.has_run_permission(request):
            raise PermissionDenied("Your role may not run benchmarks; ask an administrator for the role operator.")
        plan = self.get_object(request, unquote(object_id))
        if plan is None:
            raise Http404("This plan is gone.")
        run = self._ask(request, plan)
        return HttpResponseRedirect(run_page(run.pk) if run else _plan_page(plan))

    def _ask(self, request: HttpRequest, plan: BenchmarkPlan) -> Run | None:
        try:
            return runs.request_run(plan=plan, requested_by=cast(User, request.user))
        except Refused as refusal:
            self.message_user(request, f"{plan}: {refusal}", messages.ERROR)
            return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the button for those who may press it, and the newest run."""
        newest = Run.objects.filter(plan__pk=unquote(object_id)).first() if unquote(object_id).isdecimal() else None
        context = {
            "may_run": self.has_run_permission(request),
            "newest_run": newest,
            "newest_run_page": run_page(newest.pk) if newest else "",
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context | (extra_context or {}))
        return response


def run_page(run_id: int) -> str:
    """The live page of a run."""
    return page(f"runs/{run_id}/")


def _plan_page(plan: BenchmarkPlan) -> str:
    return reverse("admin:estimator_benchmarkplan_change", args=[plan.pk])
