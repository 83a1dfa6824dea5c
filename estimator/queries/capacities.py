"""Capacities, fitted on reading: one for each run, stack and workload that was measured to the end."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from estimator.models import Block, RunState, TrialRecord
from estimator.queries.capacity_json import capacity_json
from estimator.queries.measurements import measured_in


def capacity_trials() -> QuerySet[TrialRecord]:
    """The first counted trial of each run, stack and workload: its id stands for the capacity."""
    block = Block.objects.filter(run=OuterRef("run"), number=OuterRef("block"), attempt=OuterRef("attempt"))
    counted = TrialRecord.objects.filter(Exists(block), run__state=RunState.SUCCEEDED)
    same = {name: OuterRef(name) for name in ("run", "stack", "workload")}
    first = counted.filter(**same).order_by("pk").values("pk")[:1]
    return counted.filter(pk=Subquery(first)).select_related("stack", "workload")


def capacities_of(trials: Iterable[TrialRecord]) -> list[dict[str, Any]]:
    """The capacity, or the refusal, that each trial stands for, in the same order."""
    asked = list(trials)
    measured = measured_in(runs={trial.run_id for trial in asked}, workloads={trial.workload.slug for trial in asked})
    found = {(one.run, one.workload, one.stack.slug): one for one in measured}
    return [
        {"id": trial.pk, **capacity_json(found[trial.run_id, trial.workload.slug, trial.stack.slug])} for trial in asked
    ]
