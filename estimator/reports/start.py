"""The start page: the newest answer, what is being measured, and what to do next."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from estimator.queries import run_progress
from estimator.queries.estimates import estimate_rows
from estimator.queries.plans import first_plans
from estimator.queries.projections import NotMeasured, cost_report, report_json, standing_target, target_value
from estimator.reports.sheet import sheet_of


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The standing target's projection, runs that wait or measure, and the newest estimates."""
    context = {
        "open_runs": run_progress.open_runs(now=timezone.now()),
        "estimates": estimate_rows(limit=5),
        **_answer(),
    }
    return render(request, "start.html", context)


def _answer() -> dict[str, Any]:
    """The standing target's figures; or the plans, one of which would make some."""
    target = standing_target()
    if target is None:
        return {"plans": first_plans()}
    try:
        report = cost_report(target=target_value(target))
    except NotMeasured:
        return {"target": target, "plans": first_plans()}
    return {"target": target, "sheet": sheet_of(report_json(report))}
