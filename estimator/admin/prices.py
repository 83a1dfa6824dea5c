"""All prices in one list; they are entered on the page of their hardware profile, or imported from a file."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from estimator.admin.base import HistoryAdmin, link
from estimator.admin.sheet_imports import SheetImportAdmin
from estimator.catalogue.sheet_import import PRICES
from estimator.models import Price
from estimator.models.hardware import CrossCheck


@admin.register(Price)
class PriceAdmin(SheetImportAdmin, HistoryAdmin):
    """To find prices: by provider, region, term, and by whether their sources agree."""

    import_noun = PRICES
    list_display = (
        "profile",
        "region",
        "term",
        "hourly_price",
        "upfront_price",
        "currency",
        "as_of",
        "source",
        "agreement",
    )
    list_display_links = ("hourly_price",)
    list_filter = ("cross_check", "hardware__provider", "region", "term", "currency")
    search_fields = ("hardware__name", "region", "source")
    search_help_text = "Search by machine type, region or source."
    list_select_related = ("hardware",)
    list_per_page = 50
    date_hierarchy = "as_of"

    @admin.display(description="profile", ordering="hardware__name")
    def profile(self, row: Price) -> SafeString:
        """Where the price is entered and corrected."""
        return link(reverse("admin:estimator_hardwareprofile_change", args=[row.hardware_id]), row.hardware)

    @admin.display(description="price per hour", ordering="hourly")
    def hourly_price(self, row: Price) -> str:
        """Exactly as entered."""
        return f"{row.hourly.normalize():f}"

    @admin.display(description="upfront (once)", ordering="upfront")
    def upfront_price(self, row: Price) -> str:
        """Exactly as entered."""
        return f"{row.upfront.normalize():f}"

    @admin.display(description="cross-check", ordering="cross_check")
    def agreement(self, row: Price) -> str:
        """With the dispute itself where there is one."""
        told = row.get_cross_check_display()
        return f"{told}: {row.cross_check_note}" if row.cross_check == CrossCheck.DISAGREES else told

    def has_add_permission(self, request: HttpRequest) -> bool:
        """On the profile's page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        """On the profile's page."""
        return False
