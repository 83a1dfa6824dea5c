"""Journeys with their parts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from estimator.admin.base import HistoryAdmin
from estimator.models import Journey, JourneyStep
from estimator.services.journeys import delete_journey, follow_parts, save_journey


class PartsForm(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """A journey without parts measures nothing."""

    def clean(self) -> None:
        """At least one part stays."""
        super().clean()
        kept = [
            form for form in self.forms if form.cleaned_data.get("workload") and not form.cleaned_data.get("DELETE")
        ]
        if not any(self.errors) and not kept:
            raise forms.ValidationError("A journey needs at least one part; choose a workload and its weight.")


class PartInline(admin.TabularInline):  # type: ignore[type-arg]
    """Workloads by weight."""

    model = JourneyStep
    formset = PartsForm
    extra = 1


@admin.register(Journey)
class JourneyAdmin(HistoryAdmin):
    """Measured like any workload: tick it in a benchmark plan."""

    removals_are_recorded = True

    inlines = (PartInline,)
    list_display = ("name", "slug", "parts", "pauses", "locustfile")
    search_fields = ("name", "slug")

    def has_change_permission(self, request: HttpRequest, obj: Journey | None = None) -> bool:
        """What comes from a folder is changed there."""
        return super().has_change_permission(request, obj) and not (obj and obj.locustfile)

    def has_delete_permission(self, request: HttpRequest, obj: Journey | None = None) -> bool:
        """And removed there."""
        return super().has_delete_permission(request, obj) and not (obj and obj.locustfile)

    def get_readonly_fields(self, request: HttpRequest, obj: Journey | None = None) -> tuple[str, ...]:
        """Runs are called by the slug, so it stays."""
        return ("slug",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Journey, form: Any, change: bool) -> None:
        """With the workload that it is measured as."""
        save_journey(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """And the stacks that serve all its parts."""
        super().save_related(request, form, formsets, change)
        follow_parts()

    def delete_model(self, request: HttpRequest, obj: Journey) -> None:
        """Stacks serve it no more."""
        delete_journey(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Journey]) -> None:
        """Each as if it were alone."""
        for journey in queryset:
            delete_journey(journey)

    @admin.display(description="parts")
    def parts(self, row: Journey) -> str:
        """By weight."""
        return ", ".join(f"{weight} x {slug}" for slug, weight in row.mix)

    @admin.display(description="pauses (s)")
    def pauses(self, row: Journey) -> str:
        """From and to."""
        return f"{row.think_from_s:g} to {row.think_to_s:g}"
