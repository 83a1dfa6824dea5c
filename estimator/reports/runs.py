"""Runs: the list, and one run as it happens."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from estimator.queries import run_progress
from estimator.services.runs import cancel_run


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """The newest runs."""
    return render(request, "runs/list.html", {"runs": run_progress.run_rows(now=timezone.now())})


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: the whole page, or, asked by htmx, the part that changes while the run goes on."""
    context = _context(run_id)
    if request.headers.get("HX-Request") != "true":
        return render(request, "runs/run.html", context)
    if context["run"].ended:  # the page asked for the last time: load all of it once more
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "runs/_progress.html", context)


def _context(run_id: int) -> dict[str, Any]:
    row = run_progress.run_row(run_id=run_id, now=timezone.now())
    if row is None:
        raise Http404(f"There is no run {run_id}.")
    return {
        "run": row,
        "stacks": run_progress.stacks_of_run(run_id=run_id),
        "events": run_progress.run_events(run_id=run_id),
    }


@require_POST
@permission_required("estimator.add_run", raise_exception=True)
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """End a run that waits or measures."""
    if not cancel_run(run_id, by=request.user.get_username()):
        messages.info(request, "The run had ended already; nothing was changed.")
    return redirect("run", run_id)
