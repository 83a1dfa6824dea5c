"""Estimates shown to whoever holds a link, and the buttons that make, revoke and approve."""

from datetime import timedelta
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, permission_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from estimator.exports.csv_text import csv_lines
from estimator.exports.estimate_rows import HEADER, estimate_rows
from estimator.models import Estimate, EstimateShare
from estimator.reports.sections import frozen_context
from estimator.services.approvals import approve_estimate
from estimator.services.audit import record_export
from estimator.services.errors import Refused
from estimator.services.estimates import Tampered, frozen_content
from estimator.services.shares import NoSuchShare, TooManyTries, name_of, opened_share, revoke_share, share_estimate
from estimator.services.sign_in import address_of

_LONGEST_DAYS = 3650


def _by_link(view: Any) -> Any:
    """Public: the link is the permission. Nobody keeps, indexes or passes on the address."""

    @login_not_required
    @require_safe
    @wraps(view)
    def shown(request: HttpRequest, token: str) -> HttpResponseBase:
        try:
            response: HttpResponseBase = view(request, opened_share(token, address=address_of(request)), token)
        except NoSuchShare as nothing:
            raise Http404(str(nothing)) from None
        except TooManyTries as refusal:
            response = HttpResponse(str(refusal), status=429, content_type="text/plain", headers={"Retry-After": "60"})
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        patch_cache_control(response, private=True, no_store=True)
        return response

    return shown


@_by_link
def shared(request: HttpRequest, share: EstimateShare, token: str) -> HttpResponse:
    """The frozen figures and nothing else of the service."""
    estimate = share.estimate
    context: dict[str, Any] = {"estimate": estimate, "token": token, "unlinked": True}
    try:
        context |= frozen_context(frozen_content(estimate), request)
    except Tampered as tampered:
        context["tampered"] = str(tampered)
    else:
        record_export("page behind a link", estimate, through=name_of(share))
    return render(request, "estimates/shared.html", context)


@_by_link
def shared_csv(request: HttpRequest, share: EstimateShare, token: str) -> HttpResponseBase:
    """The same rows as the API's CSV."""
    estimate = share.estimate
    try:
        frozen_content(estimate)
    except Tampered as tampered:
        return HttpResponse(str(tampered), status=500, content_type="text/plain")
    name = f"estimate-{estimate.pk}.csv"
    record_export(name, estimate, through=name_of(share))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    rows = csv_lines(HEADER, estimate_rows(estimate))
    return StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@permission_required("estimator.add_estimateshare", raise_exception=True)
def share(request: HttpRequest, estimate_id: int) -> HttpResponse:
    """Make a link and tell it once."""
    estimate = get_object_or_404(Estimate, pk=estimate_id)
    days = request.POST.get("days", "").strip()
    if days and not (days.isascii() and days.isdigit() and len(days) < 5 and 1 <= int(days) <= _LONGEST_DAYS):
        messages.error(request, f"days: enter a whole number from 1 to {_LONGEST_DAYS}, or nothing for no end.")
        return redirect("estimate", estimate_id)
    expires_at = timezone.now() + timedelta(days=int(days)) if days else None
    try:
        made = share_estimate(estimate=estimate, by=cast(User, request.user), expires_at=expires_at)
    except (Refused, Tampered) as refusal:
        messages.error(request, str(refusal))
    else:
        address = request.build_absolute_uri(f"/shared/{made.plain_token}/")
        messages.success(request, f"Copy this link now, it is not shown again: {address}")
    return redirect("estimate", estimate_id)


@require_POST
@permission_required("estimator.delete_estimateshare", raise_exception=True)
def revoke(request: HttpRequest, share_id: int) -> HttpResponse:
    """End a link."""
    row = get_object_or_404(EstimateShare, pk=share_id)
    revoke_share(share=row, by=cast(User, request.user))
    messages.success(request, "The link shows nothing any more.")
    return redirect("estimate", row.estimate_id)


@require_POST
@permission_required("estimator.add_estimateapproval", raise_exception=True)
def approve(request: HttpRequest, estimate_id: int) -> HttpResponse:
    """Stand for an estimate that somebody else froze."""
    try:
        approve_estimate(estimate=get_object_or_404(Estimate, pk=estimate_id), by=cast(User, request.user))
    except (Refused, Tampered) as refusal:
        messages.error(request, str(refusal))
    return redirect("estimate", estimate_id)
