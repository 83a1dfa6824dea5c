"""The start page: the newest answer, what is being measured, and what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from estimator.queries import run_progress


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The standing target's projection, and runs that wait or measure."""
    return render(request, "start.html", {"open_runs": run_progress.open_runs(now=timezone.now())})
