"""Frozen estimates: the list, and one as it was when it was frozen."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from estimator.models import Estimate
from estimator.queries.estimate_versions import comparable_estimates
from estimator.queries.estimates import EstimatePage, estimate_page, open_shares
from estimator.reports.estimate_search import EstimateSearchForm
from estimator.reports.sections import frozen_context
from estimator.services.estimates import Tampered, frozen_content


@require_safe
def estimates(request: HttpRequest) -> HttpResponse:
    """Estimates that the search leaves, newest first, a page at a time."""
    form = EstimateSearchForm(request.GET)
    page = EstimatePage(rows=(), older=None)
    if form.is_valid():
        page = estimate_page(form.search(), below=form.cleaned_data["below"])
    context = {"form": form, "estimates": page.rows, "older": _older(request, page), "asked": any(request.GET.values())}
    return render(request, "estimates/list.html", context)


def _older(request: HttpRequest, page: EstimatePage) -> str:
    """The query of the next page; empty on the last."""
    query = request.GET.copy()
    query["below"] = str(page.older)
    return query.urlencode() if page.older else ""


@require_safe
def estimate(request: HttpRequest, estimate_id: int) -> HttpResponse:
    """One estimate. Figures of a row that was edited are not shown, only that it was."""
    row = get_object_or_404(Estimate.objects.select_related("created_by"), pk=estimate_id)
    context: dict[str, Any] = {"estimate": row, "shares": open_shares(row), "others": comparable_estimates(row)}
    try:
        context |= frozen_context(frozen_content(row), request)
    except Tampered as tampered:
        context["tampered"] = str(tampered)
    return render(request, "estimates/estimate.html", context)
