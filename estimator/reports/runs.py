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

from estimator.models import RunState
from estimator.queries import run_progress
from estimator.queries.capacity_json import capacity_json
from estimator.queries.evidence import evidence_of
from estimator.queries.measurements import MeasuredStack, measured_stacks, workloads_of
from estimator.queries.orm_cost import OTHER_LOOKUP, OrmCost, orm_costs
from estimator.queries.projections import standing_target, target_value
from estimator.queries.run_progress import RunRow
from estimator.queries.setups import setup_search
from estimator.reports.latency_panels import latency_panels
from estimator.reports.sections import all_open, run_sections
from estimator.reports.setup_front import setup_front
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
    row = run_progress.run_row(run_id=run_id, now=timezone.now())
    if row is None:
        raise Http404(f"There is no run {run_id}.")
    context = {"run": row, "events": run_progress.run_events(run_id=run_id)}
    if request.headers.get("HX-Request") != "true":
        return render(request, "runs/run.html", {**context, **_content(row, request)})
    if row.ended:  # the page asked for the last time: load all of it once more
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "runs/_progress.html", {**context, **_content(row, request)})


def _content(row: RunRow, request: HttpRequest) -> dict[str, Any]:
    """What was recorded so far, pair by pair; of a run that succeeded, what it amounts to."""
    results = _results(row, request) if row.state == RunState.SUCCEEDED else {}
    return results or {"stacks": run_progress.stacks_of_run(run_id=row.id)}


def _results(row: RunRow, request: HttpRequest) -> dict[str, Any]:
    """One workload of the run: the first that it measured, unless another is asked for. Empty when none was."""
    workloads, asked = workloads_of(run_id=row.id), request.GET.get("workload")
    workload = next((one for one in workloads if one.slug == asked), workloads[0] if workloads else None)
    if workload is None:
        return {}
    measured = measured_stacks(run_id=row.id, workload=workload.slug)
    shown: dict[str, Any] = {
        "capacities": [capacity_json(one) for one in measured],
        "evidence": evidence_of(measured),
        "latency": latency_panels(measured, objective_ms=row.objective_ms),
        "orm_costs": _orm_costs(row.id, workload.slug, measured),
    }
    return {
        "workloads": workloads,
        "workload": workload,
        **shown,
        "sections": run_sections(title=workload.title, everything=all_open(request), **shown),
        **_search(row.id, workload.slug),
    }


def _search(run_id: int, workload: str) -> dict[str, Any]:
    """Of a set-up search, what it found, and what that saves at the standing example's traffic."""
    target = standing_target()
    found = setup_search(run_id=run_id, workload=workload, target=target_value(target) if target else None)
    if found is None:
        return {}
    return {"search": found, "front": setup_front([row.result for row in found.rows]), "target": target}


def _orm_costs(run_id: int, workload: str, measured: list[MeasuredStack]) -> tuple[OrmCost, ...]:
    other = OTHER_LOOKUP.get(workload)
    return orm_costs([*measured, *measured_stacks(run_id=run_id, workload=other)]) if other else ()


@require_POST
@permission_required("estimator.add_run", raise_exception=True)
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """End a run that waits or measures."""
    if not cancel_run(run_id, by=request.user.get_username()):
        messages.info(request, "The run had ended already; nothing was changed.")
    return redirect("run", run_id)
