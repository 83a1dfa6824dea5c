"""Reports: what a traffic target costs, asked again with other figures, and frozen as an estimate."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from estimator.models import Estimate, TrafficTarget, Workload
from estimator.queries.evidence import evidence_of
from estimator.queries.exchange import currencies, problem_with
from estimator.queries.matrix import unmeasured
from estimator.queries.measurements import HEADLINE_WORKLOAD, measured_workloads, newest_measurements
from estimator.queries.orm_cost import OTHER_LOOKUP, OrmCost, orm_costs
from estimator.queries.plans import first_plans
from estimator.queries.projections import CostReport, NotMeasured, cost_report, frozen_json, target_value
from estimator.queries.targets import priced_regions, target_rows, traffic_shapes
from estimator.reports.latency_panels import latency_panels
from estimator.reports.sections import all_open, report_sections
from estimator.reports.sheet import sheet_of
from estimator.reports.what_if import Question, WhatIfForm
from estimator.services.estimates import freeze_estimate


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A stored target, the form above its report, and the question that the form makes of it."""

    target: TrafficTarget
    form: WhatIfForm
    question: Question
    currencies: tuple[str, ...]  # those that prices can be told in

    def answer(self) -> CostReport:
        """The projection. Raises NotMeasured."""
        asked = self.question
        workload = asked.workload or HEADLINE_WORKLOAD
        return cost_report(
            target=asked.target,
            term=asked.term,
            workload=workload,
            allow_burstable=asked.allow_burstable,
            asked=asked.lines,
        )


@require_safe
def targets(request: HttpRequest) -> HttpResponse:
    """All targets with their answers in short."""
    return render(request, "reports/list.html", {"targets": target_rows()})


@require_safe
def report(request: HttpRequest, target_id: int) -> HttpResponse:
    """One target's report; the query may change some of its figures."""
    asked = _asked(request, target_id)
    currency = asked.question.target.currency
    if currency not in asked.currencies and (problem := problem_with(currency)):
        messages.error(request, problem)
    try:
        answer = asked.answer()
    except NotMeasured:
        return render(request, "reports/not_measured.html", {"target": asked.target, "plans": first_plans()})
    return render(request, "reports/report.html", _context(asked, answer, everything=all_open(request)))


def _asked(request: HttpRequest, target_id: int) -> Asked:
    stored = get_object_or_404(TrafficTarget, pk=target_id)
    target, told_in = target_value(stored), tuple(currencies())
    form = WhatIfForm(
        request.GET or None,
        target=target,
        regions=priced_regions(currency=target.currency),
        currencies=told_in,
        workloads=_workload_titles(),
        shapes=traffic_shapes(),
    )
    return Asked(target=stored, form=form, question=form.question(), currencies=told_in)


def _workload_titles() -> dict[str, str]:
    """What was measured, the headline workload first: it is what a report shows unless another is asked for."""
    workloads = sorted(measured_workloads(), key=lambda workload: workload.slug != HEADLINE_WORKLOAD)
    return {workload.slug: workload.title for workload in workloads}


def _context(asked: Asked, answer: CostReport, *, everything: bool) -> dict[str, Any]:
    sheet = sheet_of(frozen_json(answer))
    workload = Workload.objects.get(slug=answer.workload)
    shown = _shown(answer)
    return {
        "workload": workload,
        "capacities": sheet.data["capacities"],
        "unmeasured": unmeasured(workload=workload, measured=answer.measured),
        "target": asked.target,
        "form": asked.form,
        "question": asked.question,
        "sheet": sheet,
        **shown,
        "sections": report_sections(sheet, everything=everything, **shown),
        "estimate_title": f"{asked.question.target.name}, {timezone.now():%Y-%m-%d}",
    }


def _shown(answer: CostReport) -> dict[str, Any]:
    """What stands on measurements beside those that an estimate keeps."""
    return {
        "orm_costs": _orm_costs(answer),
        "latency": latency_panels(answer.measured, objective_ms=answer.projection.target.objective_ms),
        "evidence": evidence_of(answer.measured),
    }


def _orm_costs(answer: CostReport) -> tuple[OrmCost, ...]:
    """Beside either of the two lookups: the other one."""
    other = OTHER_LOOKUP.get(answer.workload)
    return orm_costs([*answer.measured, *newest_measurements(workload=other)]) if other else ()


@require_POST
@permission_required("estimator.add_estimate", raise_exception=True)
def freeze(request: HttpRequest, target_id: int) -> HttpResponse:
    """Freeze what the page shows, the query's changes included, and go to the estimate."""
    asked = _asked(request, target_id)
    title = request.POST.get("title", "").strip()
    longest = Estimate._meta.get_field("title").max_length or 0
    if not 0 < len(title) <= longest:
        messages.error(request, f"title: enter between 1 and {longest} characters, so that others find the estimate.")
        return redirect("report", target_id)
    try:
        answer = asked.answer()
    except NotMeasured as nothing:
        messages.error(request, str(nothing))
        return redirect("report", target_id)
    estimate = freeze_estimate(
        title=title,
        target_name=asked.question.target.name,
        cost_centre=asked.target.cost_centre,
        content=frozen_json(answer),
        created_by=cast(User, request.user),
    )
    return redirect("estimate", estimate.pk)
