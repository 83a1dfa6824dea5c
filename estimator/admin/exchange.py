"""Exchange rates, entered and corrected like prices."""

from django.contrib import admin

from estimator.admin.base import HistoryAdmin
from estimator.models import ExchangeRate


@admin.register(ExchangeRate)
class ExchangeRateAdmin(HistoryAdmin):
    """Dated rates; frozen estimates keep the ones that they were made with."""

    list_display = ("pair", "rate_as_entered", "as_of", "source", "licence")
    list_filter = ("base", "quote", "source")
    search_fields = ("base", "quote", "source")
    date_hierarchy = "as_of"
    list_per_page = 50
    fieldsets = (
        (
            None,
            {
                "fields": (("base", "rate", "quote"),),
                "description": "1 EUR = 1.1298 USD: base EUR, rate 1.1298, quote USD. The other direction and pairs "
                "by way of a third currency are calculated. The newest day counts, so enter a new day as a new row.",
            },
        ),
        ("Source", {"fields": ("as_of", "source", "source_version", "licence")}),
    )

    @admin.display(description="pair", ordering="base")
    def pair(self, row: ExchangeRate) -> str:
        """As banks write it."""
        return f"{row.base}/{row.quote}"

    @admin.display(description="rate", ordering="rate")
    def rate_as_entered(self, row: ExchangeRate) -> str:
        """Exactly."""
        return f"{row.rate.normalize():f}"
