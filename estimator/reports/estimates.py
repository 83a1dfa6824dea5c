"""Frozen estimates: the list, and one as it was when it was frozen."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from estimator.models import Estimate
from estimator.queries.estimates import estimate_rows, open_shares
from estimator.reports.sheet import sheet_of
from estimator.services.estimates import Tampered, frozen_content


@require_safe
def estimates(request: HttpRequest) -> HttpResponse:
    """All estimates, newest first."""
    return render(request, "estimates/list.html", {"estimates": estimate_rows()})


@require_safe
def estimate(request: HttpRequest, estimate_id: int) -> HttpResponse:
    """One estimate. Figures of a row that was edited are not shown, only that it was."""
    row = get_object_or_404(Estimate.objects.select_related("created_by"), pk=estimate_id)
    context: dict[str, Any] = {"estimate": row, "shares": open_shares(row)}
    try:
        context["sheet"] = sheet_of(frozen_content(row))
    except Tampered as tampered:
        context["tampered"] = str(tampered)
    return render(request, "estimates/estimate.html", context)
