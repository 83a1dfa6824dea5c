"""Every page of the admin writes its changes into the audit, in their transaction."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse

from estimator.models.audit import Verb
from estimator.services.audit import record


class Audited:
    """Mixed into each page's class when the site registers it."""

    removals_are_recorded = False  # by the service that removes

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        """The framework calls this inside the transaction of the form."""
        entry: LogEntry = super().log_addition(request, obj, message)  # type: ignore[misc]
        record(Verb.ADDED, obj)
        return entry

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        """With the fields that changed."""
        entry: LogEntry = super().log_change(request, obj, message)  # type: ignore[misc]
        record(Verb.CHANGED, obj, detail=entry.get_change_message())
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Iterable[models.Model]) -> list[LogEntry]:
        """Before the rows are gone."""
        entries: list[LogEntry] = super().log_deletions(request, queryset)  # type: ignore[misc]
        for row in () if self.removals_are_recorded else queryset:
            record(Verb.REMOVED, row)
        return entries

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list's actions have no transaction of their own."""
        with transaction.atomic():
            response: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        return response


def audited(admin_class: type[Any]) -> type[Any]:
    """The class with the audit mixed in; each class once."""
    if issubclass(admin_class, Audited):
        return admin_class
    return type(admin_class.__name__, (Audited, admin_class), {"__module__": admin_class.__module__})
