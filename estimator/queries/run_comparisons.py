"""Two runs held against each other at some traffic: what a pipeline asks before it goes on. Nothing is stored."""

from dataclasses import dataclass, replace
from typing import Any

from estimator.domain.cost.pricing import Term
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.measuring.workload import SMOKE
from estimator.domain.reporting.gate import Allowance, Judgement, Measured, StackChange, compare_stack, judge
from estimator.domain.reporting.gate_json import gate_json
from estimator.domain.reporting.rendering import traffic_json
from estimator.models import Run, RunState
from estimator.queries.measurements import HEADLINE_WORKLOAD, measured_stacks
from estimator.queries.prices import price_candidates
from estimator.queries.projections import REFERENCE_REGIONS
from estimator.queries.residuals import speed_sigmas


class NotComparable(LookupError):
    """Two runs that say nothing about each other; `field` is the one to mend."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class RunComparison:
    """The answer. `apart` are the stacks that only one of the runs measured."""

    base: int
    head: int
    target: TrafficTarget
    workload: str
    term: str
    changes: tuple[StackChange, ...]
    apart: tuple[str, ...]
    judgement: Judgement


def compare_runs(
    *,
    base: Run,
    head: Run,
    target: TrafficTarget,
    allowance: Allowance,
    workload: str = HEADLINE_WORKLOAD,
    term: str = Term.ON_DEMAND,
    allow_burstable: bool = False,
) -> RunComparison:
    """Each stack of both runs, in display order, costed on today's prices. Raises NotComparable."""
    if base.pk == head.pk:
        raise NotComparable("A run does not differ from itself; give another one.", field="head")
    if base.host_id != head.host_id:  # how fast one is beside the other would be in doubt for each, and cancel for both
        raise NotComparable(
            f"Runs {base.pk} and {head.pk} were measured on two hosts; measure both on one.", field="head"
        )
    before, after = _outcomes(base, workload, "base"), _outcomes(head, workload, "head")
    both = [stack for stack in after if stack in before]
    if not both:
        raise NotComparable(f"Runs {base.pk} and {head.pk} have no stack in common; give two that do.", field="head")
    regional = target if target.regions else replace(target, regions=REFERENCE_REGIONS)
    candidates = price_candidates(regions=regional.regions, terms=(term,), currency=regional.currency)
    asked: dict[str, Any] = {"target": regional, "candidates": candidates, "term": term, "sigmas": speed_sigmas()}
    changes = tuple(
        compare_stack(before[stack], after[stack], allow_burstable=allow_burstable, **asked) for stack in both
    )
    return RunComparison(
        base=base.pk,
        head=head.pk,
        target=regional,
        workload=workload,
        term=term,
        changes=changes,
        apart=tuple(stack for stack in dict.fromkeys((*before, *after)) if stack not in both),
        judgement=judge(changes, allowance),
    )


def _outcomes(run: Run, workload: str, field: str) -> dict[str, Measured]:
    """What the run says of each stack, by slug."""
    if run.state != RunState.SUCCEEDED:
        raise NotComparable(f"Run {run.pk} is {run.state}; give one that has succeeded.", field=field)
    if run.spec["profile"] == SMOKE.name:
        raise NotComparable(f"Run {run.pk} is a smoke test, whose figures mean nothing; give another.", field=field)
    measured = measured_stacks(run_id=run.pk, workload=workload)
    if not measured:
        raise NotComparable(f"Run {run.pk} tried no stack under {workload!r}; give another run.", field=field)
    return {one.stack.slug: one.outcome for one in measured}


def comparison_json(found: RunComparison) -> dict[str, Any]:
    """What the API serves and the command prints."""
    return {
        "base": found.base,
        "head": found.head,
        "workload": found.workload,
        "term": str(found.term),
        "traffic": traffic_json(found.target),
        **gate_json(found.changes, found.judgement),
        "not_compared": list(found.apart),
    }
