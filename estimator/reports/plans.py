"""Benchmark plans, and the button that runs one."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from estimator.models import BenchmarkPlan
from estimator.queries.plans import plan_rows
from estimator.services import runs
from estimator.services.errors import Refused


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """All plans."""
    return render(request, "plans/list.html", {"plans": plan_rows()})


@require_POST
@permission_required("estimator.add_run", raise_exception=True)
def run_now(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Ask for a run of the plan and go to its page; a refusal is told on the plans page."""
    plan = get_object_or_404(BenchmarkPlan, pk=plan_id)
    try:
        run = runs.request_run(plan=plan, requested_by=cast(User, request.user))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("plans")
    return redirect("run", run.pk)
