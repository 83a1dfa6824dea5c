"""Two runs held against each other for a pipeline: did the bill of a stack change, how surely, and is it allowed?

Each stack of the two runs is projected as if it were two stacks, so that both meet the same traffic and machines draw
by draw, and the verdict on stacks is the verdict on runs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.pricing import Candidate
from estimator.domain.cost.sizing import NO_RESIDUALS, OwnSigmas
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.capacity import Capacity, RefusedStack
from estimator.domain.performance.comparison import CapacityComparison
from estimator.domain.reporting.projection import Projection, project
from estimator.domain.reporting.verdict import Outcome

BASE, HEAD = "base", "head"
Measured = Capacity | RefusedStack


class Change(StrEnum):
    """What became of a stack's bill."""

    CHEAPER = "cheaper"
    DEARER = "dearer"
    SAME = "same cost"
    TOO_CLOSE = "too close to call"
    NO_COST = "no cost"


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What a pipeline lets pass. Without either limit no stack may be dearer."""

    max_increase_percent: Decimal | None = None
    max_cost_per_million: Decimal | None = None  # in the target's currency

    @property
    def increase_percent(self) -> Decimal | None:
        """The increase that is allowed; None where only the cost itself is bounded."""
        if self.max_increase_percent is None and self.max_cost_per_million is None:
            return Decimal(0)
        return self.max_increase_percent


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """One stack in both runs, each with its cheapest fleet; None where a run gives it no cost."""

    stack: str
    title: str
    base: CostRow | None
    head: CostRow | None
    change: Change
    capacity: CapacityComparison | None  # of the head over the base, on the measured host
    probability_dearer: float | None  # share of draws in which the head's bill is the higher one
    reasons: tuple[str, ...] = ()  # why the head, or else the base, has no cost

    @property
    def increase_percent(self) -> Decimal | None:
        """Of the cost per million requests, P50; below 0 where it fell."""
        if self.base is None or self.head is None:
            return None
        before, after = (row.cost_per_million_requests.amount for row in (self.base, self.head))
        return (after / before - 1) * 100

    @property
    def told(self) -> str:
        """`Flask on Gunicorn dearer (+12.3 %)`."""
        increase = self.increase_percent
        return f"{self.title} {self.change}" + ("" if increase is None or not increase else f" ({increase:+.1f} %)")


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Whether a pipeline may go on, and why in one sentence."""

    passed: bool
    reason: str


def compare_stack(
    base: Measured,
    head: Measured,
    *,
    target: TrafficTarget,
    candidates: Iterable[Candidate],
    term: str,
    allow_burstable: bool = False,
    sigmas: OwnSigmas = NO_RESIDUALS,
) -> StackChange:
    """One stack of two runs, costed on the same candidates."""
    projection = project(
        target=target,
        capacities=[replace(base, stack=BASE), replace(head, stack=HEAD)],
        candidates=candidates,
        term=term,
        allow_burstable=allow_burstable,
        sigmas=sigmas,
    )
    rows = {row.stack: row for row in projection.cheapest}
    refused = {one.stack: one.reasons for one in projection.refused}
    return StackChange(
        stack=head.stack,
        title=head.label,
        base=rows.get(BASE),
        head=rows.get(HEAD),
        change=_change(projection),
        capacity=_head_over_base(projection, head.stack),
        probability_dearer=_probability_dearer(projection),
        reasons=refused.get(HEAD) or refused.get(BASE, ()),
    )


def _change(projection: Projection) -> Change:
    verdict = projection.verdict
    if len(verdict.costs) < 2:
        return Change.NO_COST
    if verdict.outcome is Outcome.SAME_COST:
        return Change.SAME
    if verdict.outcome is Outcome.TOO_CLOSE:
        return Change.TOO_CLOSE
    return Change.CHEAPER if verdict.cheapest == HEAD else Change.DEARER


def _head_over_base(projection: Projection, stack: str) -> CapacityComparison | None:
    found = next(iter(projection.verdict.capacity_comparisons), None)
    if found is None:
        return None
    return replace(found if found.first == HEAD else found.turned, first=stack, second=stack)


def _probability_dearer(projection: Projection) -> float | None:
    """The base is cheapest alone exactly where the head is dearer."""
    return next((one.alone for one in projection.verdict.cheapest_shares if one.stack == BASE), None)


def judge(changes: Sequence[StackChange], allowance: Allowance) -> Judgement:
    """A stack that surely costs too much, or lost its cost, stops a pipeline; what is too close to call does not."""
    complaints = [text for change in changes if (text := _complaint(change, allowance))]
    if complaints:
        return Judgement(passed=False, reason=f"{'; '.join(complaints)}.")
    return Judgement(passed=True, reason=f"No stack exceeds {_limits(allowance)}: {_told(changes)}.")


def _complaint(change: StackChange, allowance: Allowance) -> str:
    if change.head is None:
        lost = change.base is not None
        reasons = "; ".join(change.reasons).rstrip(".")
        return f"{change.title} has no cost in the head run: {reasons}" if lost else ""
    cost, most = change.head.cost_per_million_requests, allowance.max_cost_per_million
    if most is not None and cost.amount > most:
        return f"{change.title} costs {cost.currency} {cost.amount:.4f} per million requests, more than {_short(most)}"
    increase, allowed = change.increase_percent, allowance.increase_percent
    if change.change is Change.DEARER and allowed is not None and increase is not None and increase > allowed:
        return f"{change.title} is {increase:.1f} % dearer, more than {_short(allowed)} %"
    return ""


def _limits(allowance: Allowance) -> str:
    named = []
    if allowance.increase_percent is not None:
        named.append(f"an increase of {_short(allowance.increase_percent)} %")
    if allowance.max_cost_per_million is not None:
        named.append(f"{_short(allowance.max_cost_per_million)} per million requests")
    return " or ".join(named)


def _short(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _told(changes: Sequence[StackChange]) -> str:
    return ", ".join(change.told for change in changes)
