"""Traffic targets."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from estimator.admin.base import HistoryAdmin, link, page
from estimator.models import TrafficTarget


@admin.register(TrafficTarget)
class TrafficTargetAdmin(HistoryAdmin):
    """What is to be priced."""

    list_display = (
        "name",
        "per_day",
        "mean_rate",
        "peak_to_mean",
        "p99_objective",
        "minimum_instances",
        "region_or_reference",
        "currency",
        "cost_centre",
        "standing",
        "report",
    )
    list_filter = ("standing", "shape", "fleet_policy", "currency", "region", "cost_centre")
    list_select_related = ("shape",)
    search_fields = ("name", "cost_centre", "region")
    fieldsets = (
        (None, {"fields": ("name", "standing")}),
        (
            "Traffic",
            {
                "fields": (
                    "requests_per_day",
                    ("peak_to_mean_low", "peak_to_mean", "peak_to_mean_high"),
                    ("shape", "burst"),
                    ("growth_per_month_low", "growth_per_month", "growth_per_month_high"),
                ),
                "description": "A fleet is sized for the busiest hour, never for requests / 86,400. The three ratios "
                "say how much busier than the mean that hour is: unlikely low, middle, unlikely high. With a shape, "
                "its own busiest hour counts instead. Growth may have three values too: it then widens the bills of "
                "later months and of the year, and leaves month 1 as it is.",
            },
        ),
        (
            "Objective",
            {"fields": ("slo_p99_ms", "error_rate"), "description": "Capacity is what a stack carries within these."},
        ),
        (
            "Redundancy",
            {
                "fields": ("headroom", "minimum_instances", "zones", "survive_zone_loss", "spares"),
                "description": "At little traffic this, not the framework, sets the bill.",
            },
        ),
        (
            "Hours",
            {
                "fields": ("fleet_policy", "boot_s", "allow_spot"),
                "description": "With a shape, the report shows what each policy costs hour by hour.",
            },
        ),
        (
            "Limits beside the CPU",
            {
                "fields": (
                    "payload_bytes",
                    ("database_connections", "database_connections_reserved"),
                    "database_rtt_ms",
                ),
                "description": "Large answers fill the network, many workers the database's connections.",
            },
        ),
        ("Price", {"fields": ("region", "currency", "cost_centre", ("monthly_budget", "budget_thresholds"))}),
    )

    @admin.display(description="requests per day", ordering="requests_per_day")
    def per_day(self, row: TrafficTarget) -> str:
        """With separators."""
        return f"{row.requests_per_day.normalize():,f}"

    @admin.display(description="mean (requests/s)", ordering="requests_per_day")
    def mean_rate(self, row: TrafficTarget) -> str:
        """To compare with measured rates; a fleet is sized for the peak."""
        return f"{float(row.requests_per_day) / 86_400:,.4g}"

    @admin.display(description="p99 objective (ms)", ordering="slo_p99_ms")
    def p99_objective(self, row: TrafficTarget) -> str:
        """Without trailing zeros."""
        return f"{row.slo_p99_ms:g}"

    @admin.display(description="region", ordering="region")
    def region_or_reference(self, row: TrafficTarget) -> str:
        """What an empty region means."""
        return row.region or "each provider's reference"

    @admin.display(description="report")
    def report(self, row: TrafficTarget) -> SafeString:
        """What this traffic costs."""
        return link(_report_page(row.pk), "view cost report")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the way to the report."""
        context = {"report_page": _report_page(object_id), **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


def _report_page(target_id: int | str) -> str:
    return page(f"reports/{target_id}/")
