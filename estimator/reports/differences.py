"""An estimate against another one and at other prices: pages that only read, and the button that freezes the latter."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from estimator.models import Estimate
from estimator.queries.estimate_versions import comparable_estimates
from estimator.reports.sheet import sheet_of
from estimator.services.errors import Refused
from estimator.services.estimate_differences import difference_between, difference_of
from estimator.services.estimates import Tampered, frozen_content
from estimator.services.repricing import freeze_repriced, repriced_content

_MOST_DIGITS = 18  # of an id that the database can hold


@require_safe
def difference(request: HttpRequest, estimate_id: int) -> HttpResponse:
    """What changed from the estimate chosen to this one, split into price, performance and traffic."""
    estimate = _estimate(estimate_id)
    others = comparable_estimates(estimate)
    base = _chosen(request, "base") or next(iter(others), None)
    context: dict[str, Any] = {"estimate": estimate, "others": others, "base": base}
    try:
        frozen_content(estimate)  # refused even where there is nothing to hold it against
        context |= {} if base is None else {"difference": difference_of(base=base, estimate=estimate)}
    except (Refused, Tampered) as reason:
        context["refusal"] = str(reason)
    return render(request, "estimates/difference.html", context)


@require_safe
def repriced(request: HttpRequest, estimate_id: int) -> HttpResponse:
    """The estimate's own fleets at the newest prices, or at those of the estimate chosen."""
    estimate = _estimate(estimate_id)
    prices_of = _chosen(request, "prices_of")
    context: dict[str, Any] = {
        "estimate": estimate,
        "others": comparable_estimates(estimate),
        "prices_of": prices_of,
    }
    try:
        content = repriced_content(estimate=estimate, prices_of=prices_of)
        context["difference"] = difference_between(frozen_content(estimate), content)
        context["sheet"] = sheet_of(content)
    except (Refused, Tampered) as reason:
        context["refusal"] = str(reason)
    return render(request, "estimates/repriced.html", context)


@require_POST
@permission_required("estimator.add_estimate", raise_exception=True)
def freeze_at_prices(request: HttpRequest, estimate_id: int) -> HttpResponse:
    """Freeze what the page of other prices shows as the next version, and go there."""
    estimate = _estimate(estimate_id)
    try:
        made = freeze_repriced(estimate=estimate, prices_of=_chosen(request, "prices_of"), by=cast(User, request.user))
    except (Refused, Tampered) as reason:
        messages.error(request, str(reason))
        return redirect("repriced", estimate_id)
    return redirect("estimate", made.pk)


def _estimate(estimate_id: int) -> Estimate:
    return get_object_or_404(Estimate.objects.select_related("created_by"), pk=estimate_id)


def _chosen(request: HttpRequest, name: str) -> Estimate | None:
    """The estimate that the address names; None where it names none. Raises Http404 where there is no such one."""
    asked = (request.GET.get(name) or request.POST.get(name) or "").strip()
    if not asked:
        return None
    whole = asked.isascii() and asked.isdigit() and len(asked) <= _MOST_DIGITS
    return get_object_or_404(Estimate, pk=int(asked) if whole else -1)
