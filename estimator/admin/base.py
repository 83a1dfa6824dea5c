"""What several pages share: reading without changing, history, links into the reports."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import DecimalField, Field, Model
from django.http import HttpRequest, HttpResponseBase
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from simple_history.admin import SimpleHistoryAdmin


class _Unchangeable:
    """Rows that nobody enters by hand: what was measured or frozen stays as it is."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False


class ReadOnlyAdmin(_Unchangeable, admin.ModelAdmin):  # type: ignore[type-arg]
    """A list and a page to read."""

    show_full_result_count = False


class ReadOnlyInline(_Unchangeable, admin.TabularInline):  # type: ignore[type-arg]
    """Rows below the one they belong to, to read."""

    extra = 0
    show_change_link = True


class PlainNumber(forms.NumberInput):
    """Exact decimals without the trailing zeros that the column keeps."""

    def format_value(self, value: Any) -> str | None:
        """0.1008, not 0.10080000; never 1E+7."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else super().format_value(value)


PLAIN_NUMBERS: "Mapping[type[Field[Any, Any]], Mapping[str, Any]]" = {DecimalField: {"widget": PlainNumber}}


class HistoryAdmin(SimpleHistoryAdmin):  # type: ignore[misc]
    """Who changed what, when, and back to it."""

    formfield_overrides = PLAIN_NUMBERS

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """The package lets everybody revert who may look."""
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied("Your role may look at this history, not revert to it.")
        response: HttpResponseBase = super().history_form_view(request, object_id, version_id, extra_context)
        return response


def page(path: str) -> str:
    """The address of a page of the reports, wherever the service is mounted."""
    return f"{get_script_prefix()}{path}"


def link(url: str, text: object) -> SafeString:
    """A link with its text escaped."""
    return format_html('<a href="{}">{}</a>', url, text)


def list_of(model: type[Model], text: str, **lookups: object) -> SafeString:
    """A link to the list of `model`, narrowed to `lookups`."""
    options = model._meta
    url = reverse(f"admin:{options.app_label}_{options.model_name}_changelist", query=lookups)
    return link(url, text)
