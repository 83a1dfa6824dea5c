"""API keys: hashed, shown once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from estimator.models import ApiKey
from estimator.models.access import EXPORT_ALONE, Scope, default_scopes


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Scopes as tick boxes, an expiry that lies ahead."""

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        initial=default_scopes,
        widget=forms.CheckboxSelectMultiple,
        help_text="What the key may do, within its owner's role; tick as little as its user needs.",
    )

    def clean_scopes(self) -> list[str]:
        """What an export-only key may do stands in addresses, so it may do nothing else."""
        scopes: list[str] = self.cleaned_data["scopes"]
        if Scope.EXPORT in scopes and len(scopes) > 1:
            raise forms.ValidationError(EXPORT_ALONE)
        return scopes

    def clean_expiry_date(self) -> Any:
        """A key that is born expired helps nobody."""
        expires = self.cleaned_data["expiry_date"]
        if "expiry_date" in self.changed_data and expires and expires <= timezone.now():
            raise forms.ValidationError("This lies in the past; enter a later time (UTC), or leave it empty.")
        return expires


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Created, restricted and revoked here; the key itself is stored as a hash."""

    form = ApiKeyForm
    list_display = ("name", "owner", "prefix", "scope_list", "created", "expiry_date", "expired", "revoked")
    list_filter = ("revoked", ("owner", admin.RelatedOnlyFieldListFilter), "created")
    search_fields = ("name", "prefix", "owner__username")
    list_select_related = ("owner",)
    fields = ("name", "owner", "scopes", "expiry_date", "revoked", "prefix")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """A new key is neither revoked nor named by a prefix."""
        return self.fields if obj else self.fields[:-2]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """A key keeps its owner; a revoked one stays revoked."""
        if obj is None:
            return ()
        return ("prefix", "owner", "revoked") if obj.revoked else ("prefix", "owner")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A key for oneself is the usual case."""
        return {"owner": request.user.pk, "scopes": default_scopes(), **super().get_changeform_initial_data(request)}

    @admin.display(description="scopes")
    def scope_list(self, row: ApiKey) -> str:
        """What it may do."""
        return ", ".join(row.scopes)

    @admin.display(description="expired", boolean=True)
    def expired(self, row: ApiKey) -> bool:
        """Whether its time is over."""
        return bool(row.has_expired)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """A new key is made here; only its hash is stored."""
        if not change:
            obj.plain_key = ApiKey.objects.assign_key(obj)
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """The one answer that holds the key: not kept in a message, a session or any cache."""
        context = {**self.admin_site.each_context(request), "title": "API key created", "key": obj, "opts": self.opts}
        response = TemplateResponse(request, "admin/estimator/apikey/created.html", context)
        response["Cache-Control"] = "no-store"
        return response
