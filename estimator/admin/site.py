"""The admin under our own name."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from estimator.admin.audited import audited

# The order of work: what is asked, what is measured, what came out, what it is priced with.
_ORDER = (
    "TrafficTarget",
    "TrafficProfile",
    "BenchmarkPlan",
    "Journey",
    "Run",
    "Estimate",
    "ClaimSet",
    "Claim",
    "MigrationCase",
    "DeveloperRate",
    "HardwareProfile",
    "Price",
    "ContainerPrice",
    "FunctionPrice",
    "LinePrice",
    "ExchangeRate",
    "Stack",
    "Workload",
    "TrialRecord",
    "WindowRecord",
    "RunEvent",
    "ApiKey",
    "AuditEntry",
)
# The package's own key model, which ours replaces.
_NOT_SHOWN = ("rest_framework_api_key",)


class EstimatorAdminSite(AdminSite):
    """Data entry: hardware, prices, targets, plans, runs, keys."""

    site_header = "Traffic cost estimator"
    site_title = "Traffic cost estimator"
    index_title = "Data"

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one door for passwords, the site's, with its limit on failed tries."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("Your account may not use these pages; ask an administrator for staff status.")
        target = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index", current_app=self.name)
        return redirect_to_login(target, resolve_url(settings.LOGIN_URL))

    def register(
        self, model_or_iterable: Any, admin_class: "type[ModelAdmin[Any]] | None" = None, **options: Any
    ) -> None:
        """Without models that only a package of ours needs."""
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [model_or_iterable]
        shown = [model for model in models if model._meta.app_label not in _NOT_SHOWN]
        super().register(shown, audited(admin_class or ModelAdmin), **options)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Ours first, its nouns in the order of work."""
        apps = sorted(super().get_app_list(request, app_label), key=lambda app: app["app_label"] != "estimator")
        for app in apps:
            app["models"].sort(key=lambda model: _rank(model["object_name"]))
        return apps


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
