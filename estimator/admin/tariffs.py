"""Prices of containers, functions and lines beside compute, entered and corrected like any other price."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from estimator.admin.base import HistoryAdmin
from estimator.models import ContainerPrice, FunctionPrice, LinePrice
from estimator.models.hardware import CrossCheck
from estimator.models.tariffs import Tariff
from estimator.services.hardware import mark_entered

_ORIGIN = (
    "Source",
    {
        "fields": ("source", "source_version", "as_of", "licence", "cross_check", "cross_check_note"),
        "description": "Change a figure without naming another source, and your name is entered as the source. "
        "The shipped catalogue never overwrites what a person entered.",
    },
)


class TariffAdmin(HistoryAdmin):
    """What the three lists share."""

    list_filter: tuple[str, ...] = ("cross_check", "provider", "region", "currency")
    search_fields = ("name", "provider", "region", "source")
    search_help_text = "Search by service, provider, region or source."
    readonly_fields = ("cross_check", "cross_check_note")
    list_per_page = 50

    @admin.display(description="cross-check", ordering="cross_check")
    def agreement(self, row: Tariff) -> str:
        """With the dispute itself where there is one."""
        told = row.get_cross_check_display()
        return f"{told}: {row.cross_check_note}" if row.cross_check == CrossCheck.DISAGREES else told

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A changed figure is no longer the catalogue's."""
        mark_entered(obj, changed=form.changed_data, by=request.user.get_username())
        super().save_model(request, obj, form, change)


@admin.register(ContainerPrice)
class ContainerPriceAdmin(TariffAdmin):
    """Containers by vCPU-hour and GiB-hour."""

    list_display = ("name", "provider", "region", "vcpu", "gib", "currency", "as_of", "source", "agreement")
    fieldsets = (
        (None, {"fields": ("provider", "name", "region", "currency")}),
        ("Price", {"fields": ("vcpu_hour", "gib_hour", "per_million_requests", "free_tier")}),
        ("Sizes", {"fields": ("sizes",)}),
        _ORIGIN,
    )

    @admin.display(description="per vCPU-hour", ordering="vcpu_hour")
    def vcpu(self, row: ContainerPrice) -> str:
        """Exactly as entered."""
        return f"{row.vcpu_hour.normalize():f}"

    @admin.display(description="per GiB-hour", ordering="gib_hour")
    def gib(self, row: ContainerPrice) -> str:
        """Exactly as entered."""
        return f"{row.gib_hour.normalize():f}"


@admin.register(FunctionPrice)
class FunctionPriceAdmin(TariffAdmin):
    """Functions by request and by GiB-second."""

    list_display = ("name", "provider", "region", "million", "gib", "currency", "as_of", "source", "agreement")
    fieldsets = (
        (None, {"fields": ("provider", "name", "region", "currency")}),
        ("Price", {"fields": ("per_million_requests", "gib_second", "vcpu_second", "free_tier")}),
        ("What is billed", {"fields": ("granularity_ms", "minimum_ms", "concurrency", "sizes")}),
        _ORIGIN,
    )

    @admin.display(description="per million requests", ordering="per_million_requests")
    def million(self, row: FunctionPrice) -> str:
        """Exactly as entered."""
        return f"{row.per_million_requests.normalize():f}"

    @admin.display(description="per GiB-second", ordering="gib_second")
    def gib(self, row: FunctionPrice) -> str:
        """Exactly as entered."""
        return f"{row.gib_second.normalize():f}"


@admin.register(LinePrice)
class LinePriceAdmin(TariffAdmin):
    """Databases, load balancers, egress and disks."""

    list_display = ("name", "line", "provider", "region", "price", "unit", "above", "currency", "as_of", "agreement")
    list_filter = ("line", *TariffAdmin.list_filter)
    fieldsets = (
        (None, {"fields": ("line", "provider", "name", "region", "currency")}),
        ("Price", {"fields": ("unit_price", "unit", "above", "servers")}),
        _ORIGIN,
    )

    @admin.display(description="per unit", ordering="unit_price")
    def price(self, row: LinePrice) -> str:
        """Exactly as entered."""
        return f"{row.unit_price.normalize():f}"
