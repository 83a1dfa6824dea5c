"""Claim sets with their claims, entered row by row or as a CSV file."""

import io
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from estimator.admin.base import HistoryAdmin, link, page
from estimator.models import Claim, ClaimSet
from estimator.services.claims import COLUMNS, import_claims, read_claims
from estimator.services.errors import Refused

_MOST_BYTES = 1_000_000


class ClaimSetForm(forms.ModelForm):  # type: ignore[type-arg]
    """The set, and its claims as a file where there is one."""

    file = forms.FileField(
        required=False,
        label="claims as CSV",
        help_text=f"Replaces all claims of the set, or changes nothing. UTF-8 with the columns {', '.join(COLUMNS)}.",
    )

    class Meta:
        model = ClaimSet
        fields = ("name", "source", "note")

    def clean_file(self) -> str:
        """The file as text whose every row can be stored; each refusal names line and column."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > _MOST_BYTES:
            raise forms.ValidationError("The file is larger than 1 MB; divide it into several sets.")
        try:
            text = file.read().decode("utf-8-sig")
            read_claims(io.StringIO(text, newline=""))
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The file is not UTF-8 text; save it as CSV UTF-8.") from error
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return str(text)


@admin.register(ClaimSet)
class ClaimSetAdmin(HistoryAdmin):
    """What one source claims."""

    form = ClaimSetForm
    list_display = ("name", "source", "claims", "checked")
    search_fields = ("name", "source")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClaimSet]:
        """With the number of claims."""
        found: QuerySet[ClaimSet] = super().get_queryset(request).annotate(count=Count("claims"))
        return found

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """And the claims of the file, in the same transaction."""
        super().save_related(request, form, formsets, change)
        if form.cleaned_data.get("file"):
            import_claims(form.instance, io.StringIO(form.cleaned_data["file"], newline=""))

    @admin.display(description="claims")
    def claims(self, row: Any) -> int:
        """How many."""
        return int(row.count)

    @admin.display(description="verdicts")
    def checked(self, row: ClaimSet) -> str:
        """The page that holds them against measurements."""
        return link(page("claims/"), "view verdicts")


@admin.register(Claim)
class ClaimAdmin(HistoryAdmin):
    """One published figure, and the rule by which it is checked."""

    list_display = ("claim_id", "claim_set", "topic", "subject", "metric", "figure", "check_by")
    list_filter = ("claim_set", "topic", "check_by")
    search_fields = ("claim_id", "subject", "metric")
    list_select_related = ("claim_set",)
    fieldsets = (
        (None, {"fields": ("claim_set", "claim_id", "topic", "subject", "metric")}),
        ("Figure", {"fields": (("low", "high"), "unit", "conditions", "contradiction")}),
        (
            "Check",
            {
                "fields": (
                    "check_by",
                    ("stack", "other_stack"),
                    "workload",
                    "connections",
                    "cores",
                    "requests_per_day",
                ),
                "description": "What the claim is held against. A figure of other hardware is judged as a ratio to the "
                "set's other stacks, so enter these too.",
            },
        ),
    )

    @admin.display(description="claimed")
    def figure(self, row: Claim) -> str:
        """With its unit."""
        return row.to_domain().value_text or "in words"
