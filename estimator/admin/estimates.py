"""Estimates, to read: frozen projections never change."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from estimator.admin.base import ReadOnlyAdmin
from estimator.models import Estimate
from estimator.services.estimates import Tampered, frozen_content


@admin.register(Estimate)
class EstimateAdmin(ReadOnlyAdmin):
    """Who froze what, when, and whether it is still that."""

    list_display = ("title", "target_name", "cost_centre", "created_at", "created_by", "short_hash")
    list_filter = ("cost_centre", "created_at", ("created_by", admin.RelatedOnlyFieldListFilter))
    search_fields = ("title", "target_name", "cost_centre", "content_hash")
    list_select_related = ("created_by",)
    date_hierarchy = "created_at"
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("title", "target_name", "cost_centre", "created_at", "created_by")}),
        ("Proof", {"fields": ("integrity", "content_hash")}),
        ("Content", {"fields": ("content",), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Estimate]:
        """Without the contents, which a list does not show; one that is opened loads its own."""
        return super().get_queryset(request).defer("content")

    @admin.display(description="hash", ordering="content_hash")
    def short_hash(self, row: Estimate) -> str:
        """Enough to compare by eye."""
        return row.content_hash[:12]

    @admin.display(description="integrity")
    def integrity(self, row: Estimate) -> str:
        """Hashed again at each look."""
        try:
            frozen_content(row)
        except Tampered as tampered:
            return str(tampered)
        return "as it was frozen: the hash of title, target, time and content matches"
