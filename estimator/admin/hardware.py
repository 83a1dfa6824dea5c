"""Hardware profiles with their prices."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from estimator.admin.base import PLAIN_NUMBERS, HistoryAdmin, list_of
from estimator.admin.sheet_imports import SheetImportAdmin
from estimator.catalogue.sheet_import import PROFILES
from estimator.models import HardwareProfile, Price, Term
from estimator.services.hardware import mark_entered


class PriceInline(admin.TabularInline):  # type: ignore[type-arg]
    """The prices of one profile, newest first. Where sources disagree, entering the right price settles it."""

    model = Price
    extra = 0
    ordering = ("region", "term", "-as_of")
    fields = ("region", "term", "hourly", "upfront", "currency", "as_of", "source", "source_version", "cross_check")
    readonly_fields = ("cross_check",)
    show_change_link = True
    formfield_overrides = PLAIN_NUMBERS
    verbose_name_plural = "Prices (per instance and hour)"


class HardwareForm(forms.ModelForm):  # type: ignore[type-arg]
    """Choices instead of free text where only these mean anything."""

    architecture = forms.ChoiceField(
        choices=[("x86_64", "x86_64"), ("arm64", "arm64")],
        initial="x86_64",
        help_text="Instruction set of the CPU; the apps are measured on the same or translated by published speed.",
    )


@admin.register(HardwareProfile)
class HardwareProfileAdmin(SheetImportAdmin, HistoryAdmin):
    """Entered by hand, imported, shipped with the catalogue, or registered by a benchmark host."""

    import_noun = PROFILES
    form = HardwareForm
    inlines = (PriceInline,)
    list_display = (
        "name",
        "provider",
        "vcpus",
        "memory_gib",
        "on_demand_price",
        "architecture",
        "burstable",
        "reference",
        "as_of",
        "source",
    )
    list_filter = ("provider", "architecture", "burstable", "reference", "vcpu_kind", "vcpus")
    search_fields = ("name", "provider", "family", "cpu_model")
    list_per_page = 50
    readonly_fields = ("canary_score", "facts")
    fieldsets = (
        (None, {"fields": ("provider", "name", "family", "architecture", "reference", "burstable")}),
        ("Size", {"fields": ("vcpus", "vcpu_kind", "sustained_share", "memory_mib", "network_mbps")}),
        (
            "Speed",
            {
                "fields": ("cpu_vendor", "cpu_model", "clock_ghz", "single_thread_score", "canary_score"),
                "description": "Translates a measured throughput to this machine. Leave empty what is not published: "
                "one vCPU is then taken to equal one of the benchmark host, and every cost says so.",
            },
        ),
        (
            "Source",
            {
                "fields": ("source", "source_version", "as_of", "licence"),
                "description": "Change a figure without naming another source, and your name is entered as the source. "
                "The shipped catalogue never overwrites what a person entered.",
            },
        ),
        ("Measured on the host itself", {"fields": ("facts",), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[HardwareProfile]:
        """With the newest on-demand price, by which the list can be sorted."""
        newest = Price.objects.filter(hardware=OuterRef("pk"), term=Term.ON_DEMAND).order_by("-as_of", "hourly")[:1]
        columns = {
            f"newest_{name}": Subquery(newest.values(name)) for name in ("hourly", "currency", "region", "cross_check")
        }
        queryset: QuerySet[HardwareProfile] = super().get_queryset(request).annotate(**columns)
        return queryset

    @admin.display(description="memory (GiB)", ordering="memory_mib")
    def memory_gib(self, row: HardwareProfile) -> str:
        """As providers tell it."""
        return f"{row.memory_mib / 1024:g}"

    @admin.display(description="on demand (per hour)", ordering="newest_hourly", empty_value="not listed")
    def on_demand_price(self, row: Any) -> str | None:
        """The newest one; a price that is not listed is never shown as zero."""
        if row.newest_hourly is None:
            return None
        disputed = ", disputed" if row.newest_cross_check == "disagrees" else ""
        price = f"{row.newest_hourly.normalize():f} {row.newest_currency} ({row.newest_region}{disputed})"
        return list_of(Price, price, hardware__id__exact=row.pk)

    def save_model(self, request: HttpRequest, obj: HardwareProfile, form: Any, change: bool) -> None:
        """A changed figure is no longer the catalogue's."""
        mark_entered(obj, changed=form.changed_data, by=request.user.get_username())
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The same for each price."""
        for price_form in formset.forms:
            mark_entered(price_form.instance, changed=price_form.changed_data, by=request.user.get_username())
        super().save_formset(request, form, formset, change)
