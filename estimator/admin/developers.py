"""What developers cost, and which migrations are weighed against the bill."""

from django.contrib import admin

from estimator.admin.base import HistoryAdmin
from estimator.models import DeveloperRate, MigrationCase


@admin.register(DeveloperRate)
class DeveloperRateAdmin(HistoryAdmin):
    """Ranges, not points: the payback month is drawn from them."""

    list_display = ("name", "hourly", "currency", "source")
    list_filter = ("currency",)
    search_fields = ("name", "source")
    fieldsets = (
        (None, {"fields": ("name", ("hourly_low", "hourly_high"), "currency")}),
        ("Source", {"fields": ("source",), "description": "Shipped rows are an article's figures, not measured."}),
    )

    @admin.display(description="per hour", ordering="hourly_low")
    def hourly(self, row: DeveloperRate) -> str:
        """From lowest to highest."""
        return f"{row.hourly_low:g} to {row.hourly_high:g}"


@admin.register(MigrationCase)
class MigrationCaseAdmin(HistoryAdmin):
    """Every report says in which month each of them pays back."""

    list_display = ("name", "from_stack", "to_stack", "hours", "rate", "source")
    list_filter = ("from_stack", "to_stack")
    list_select_related = ("from_stack", "to_stack", "rate")
    search_fields = ("name", "source")
    fieldsets = (
        (None, {"fields": ("name", ("from_stack", "to_stack"))}),
        ("Work", {"fields": (("hours_low", "hours_high"), "rate"), "description": "Hours x rate, drawn from both."}),
        ("Source", {"fields": ("source",), "description": "Shipped rows are an article's figures, not measured."}),
    )

    @admin.display(description="hours", ordering="hours_low")
    def hours(self, row: MigrationCase) -> str:
        """From fewest to most."""
        return f"{row.hours_low:g} to {row.hours_high:g}"
