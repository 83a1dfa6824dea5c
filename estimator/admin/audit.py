"""The audit, to read."""

from django.contrib import admin

from estimator.admin.base import ReadOnlyAdmin
from estimator.models.audit import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what, when, by what right and from where. Nobody changes it, the database least of all."""

    list_display = ("at", "actor", "through", "verb", "noun", "object_id", "label", "detail", "address")
    list_filter = ("verb", "noun", "at")
    search_fields = ("actor", "through", "label", "detail", "object_id")
    search_help_text = "Search by person, key, link, name or number of the object."
    date_hierarchy = "at"
    list_per_page = 100
