"""Set-up searches: one stack, started in every way that its plan asks to try."""

from collections.abc import Sequence
from typing import Any

from estimator.domain.performance.setups import SEARCHABLE, NotSearchable, Setup, setups_to_try
from estimator.models import BenchmarkPlan, Stack, Workload
from estimator.models.benchmarks import TRY_FIELDS
from estimator.services.errors import Refused


def refuse_unsearchable(*, tries: dict[str, list[int]], stacks: Sequence[Stack]) -> None:
    """Raises Refused, naming the plan's field, for a search that cannot be made; without values there is none."""
    if not tries:
        return
    if len(stacks) != 1:
        raise Refused("A set-up search takes exactly one stack; tick one, or empty the values to try.", field="stacks")
    try:
        _setups(stacks[0], tries)
    except NotSearchable as problem:
        raise Refused(str(problem), field=TRY_FIELDS[problem.setting or next(iter(tries))]) from None


def setups_of(plan: BenchmarkPlan) -> tuple[Setup, ...]:
    """What the plan's search tries; nothing for a plan that searches nothing. Raises Refused."""
    stacks = list(plan.stacks.filter(active=True))
    refuse_unsearchable(tries=plan.tries, stacks=stacks)
    return _setups(stacks[0], plan.tries) if plan.tries else ()


def _setups(stack: Stack, tries: dict[str, list[int]]) -> tuple[Setup, ...]:
    shipped = {name: stack.settings[name] for name in SEARCHABLE if name in stack.tunable}
    return setups_to_try(shipped=shipped, tries=tries)


def search_trials(plan: BenchmarkPlan) -> list[dict[str, Any]]:
    """The trials of a search, one for each set-up and workload; a row is made for each variant. Raises Refused."""
    setups = setups_of(plan)
    stack = plan.stacks.get(active=True)
    workloads = list(stack.workloads.filter(pk__in=plan.workloads.all()))
    if not workloads:
        raise Refused(f"{stack} serves none of the workloads of plan {plan.name!r}; add one.", field="workloads")
    return [_trial(stack, setup, workload) for setup in setups for workload in workloads]


def _trial(stack: Stack, setup: Setup, workload: Workload) -> dict[str, Any]:
    variant = _variant(stack, setup)
    return {
        "stack": variant.slug,
        "workload": workload.slug,
        "base": stack.slug,
        "settings": [list(pair) for pair in setup.values],
    }


def _variant(stack: Stack, setup: Setup) -> Stack:
    """Kept like any stack for the runs that refer to it, but never active: no list, report or plan offers it."""
    copied = ("framework", "server", "folder", "position", "manifest_hash", "tunable")
    defaults = {name: getattr(stack, name) for name in copied}
    defaults |= {"settings": {**stack.settings, **dict(setup.values)}, "variant_of": stack, "active": False}
    defaults["title"] = f"{stack.title}: {setup.label}"[:120]
    return Stack.objects.update_or_create(slug=f"{stack.slug}--{setup.suffix}", defaults=defaults)[0]
