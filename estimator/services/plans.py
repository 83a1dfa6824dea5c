"""Benchmark plans: written with their stacks and workloads in one piece."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from estimator.models import BenchmarkPlan, Stack
from estimator.models.audit import Verb
from estimator.services.audit import record
from estimator.services.errors import Refused
from estimator.services.setups import refuse_unsearchable

_MANY = ("stacks", "workloads")


def save_plan(plan: BenchmarkPlan, *, changes: Mapping[str, Any]) -> BenchmarkPlan:
    """Write a new or changed plan. Raises ValidationError per field, or Refused; runs keep the plan as it was."""
    for name in changes.keys() - set(_MANY):
        setattr(plan, name, changes[name])
    plan.full_clean()
    refuse_unsearchable(tries=plan.tries, stacks=_stacks(plan, changes))
    verb = Verb.CHANGED if plan.pk else Verb.ADDED
    with transaction.atomic():
        plan.save()
        for name in changes.keys() & set(_MANY):
            getattr(plan, name).set(changes[name])
        record(verb, plan, detail=", ".join(changes))
    return plan


def _stacks(plan: BenchmarkPlan, changes: Mapping[str, Any]) -> list[Stack]:
    if "stacks" in changes:
        return list(changes["stacks"])
    return list(plan.stacks.all()) if plan.pk else []


def delete_plan(plan: BenchmarkPlan) -> None:
    """Raises Refused when runs refer to the plan: what was measured keeps saying by which plan."""
    try:
        with transaction.atomic():
            record(Verb.REMOVED, plan)
            plan.delete()
    except ProtectedError:
        raise Refused(f"plan {plan.name!r} has runs, which refer to it; leave it, or make another plan.") from None
