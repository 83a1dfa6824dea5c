"""What the plans page shows: each plan, and how its newest run ended."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

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
    last_run: int | None
    last_state: str
    last_state_label: str
    last_at: datetime | None


def plan_rows() -> tuple[PlanRow, ...]:
    """All plans in the order of their names."""
    newest = Run.objects.filter(plan=OuterRef("pk")).order_by("-id").values("pk")[:1]
    plans = list(BenchmarkPlan.objects.annotate(newest=Subquery(newest)).prefetch_related("stacks", "workloads"))
    runs = Run.objects.in_bulk([plan.newest for plan in plans if plan.newest])
    return tuple(_row(plan, runs.get(plan.newest)) for plan in plans)


def _row(plan: BenchmarkPlan, run: Run | None) -> PlanRow:
    return PlanRow(
        id=plan.pk,
        name=plan.name,
        profile=plan.profile,
        stacks=tuple(stack.title for stack in plan.stacks.all()),
        workloads=tuple(workload.title for workload in plan.workloads.all()),
        objective_ms=plan.objective_ms,
        confirm_with_locust=plan.confirm_with_locust,
        last_run=run.pk if run else None,
        last_state=run.state if run else "",
        last_state_label=str(RunState(run.state).label) if run else "",
        last_at=(run.finished_at or run.created_at) if run else None,
    )
