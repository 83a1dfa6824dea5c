"""What the plans page shows: each plan, how long it takes, and how its newest run ended."""

import math
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from estimator.domain.measuring.durations import expected_run
from estimator.domain.measuring.workload import PROFILES
from estimator.models import BenchmarkPlan, Run, RunState


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """One benchmark plan and its newest run."""

    id: int
    name: str
    profile: str
    stacks: tuple[str, ...]
    workloads: tuple[str, ...]
    objective_ms: float
    confirm_with_locust: bool
    expected_s: float | None  # at the least, without repeats; None where nothing would be measured
    last_run: int | None
    last_state: str
    last_state_label: str
    last_at: datetime | None


def plan_rows() -> tuple[PlanRow, ...]:
    """All plans in the order of their names."""
    newest = Run.objects.filter(plan=OuterRef("pk")).order_by("-id").values("pk")[:1]
    annotated = BenchmarkPlan.objects.annotate(newest=Subquery(newest))
    plans = list(annotated.prefetch_related("stacks__workloads", "workloads"))
    runs = Run.objects.in_bulk([plan.newest for plan in plans if plan.newest])
    return tuple(_row(plan, runs.get(plan.newest)) for plan in plans)


def first_plans() -> tuple[PlanRow, ...]:
    """Those that measure something, the quickest first: what one starts with."""
    plans = [(plan.expected_s, plan) for plan in plan_rows() if plan.expected_s is not None]
    return tuple(plan for _, plan in sorted(plans, key=lambda timed: timed[0]))


def _row(plan: BenchmarkPlan, run: Run | None) -> PlanRow:
    return PlanRow(
        id=plan.pk,
        name=plan.name,
        profile=plan.profile,
        stacks=tuple(stack.title for stack in plan.stacks.all()),
        workloads=tuple(workload.title for workload in plan.workloads.all()),
        objective_ms=plan.objective_ms,
        confirm_with_locust=plan.confirm_with_locust,
        expected_s=_expected_s(plan),
        last_run=run.pk if run else None,
        last_state=run.state if run else "",
        last_state_label=str(RunState(run.state).label) if run else "",
        last_at=(run.finished_at or run.created_at) if run else None,
    )


def _expected_s(plan: BenchmarkPlan) -> float | None:
    asked = set(plan.workloads.all())
    pairs = sum(len(asked.intersection(stack.workloads.all())) for stack in plan.stacks.all() if stack.active)
    trials = pairs * math.prod(map(len, plan.tries.values()))
    if not trials:
        return None
    return expected_run(PROFILES[plan.profile], trials=trials, with_locust=plan.confirm_with_locust).run_s
