"""Does the choice matter: who is cheapest, how surely, and from which traffic on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

import numpy as np

from estimator.domain.cost.cheapest import CheapestShare, cheapest_shares, same_bill_share
from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.loads import StackLoad
from estimator.domain.cost.options import PricedFleet, StackOptions
from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import MAXIMUM_PER_DAY, TrafficTarget, format_traffic
from estimator.domain.performance.comparison import Basis, CapacityComparison, compare_all
from estimator.domain.statistics import Floats, interval_of

_STEPS = 200  # of the cost curve that are searched for a difference
_LEVEL = 0.95
_MOST_NAMED = 3  # more names than that are no sentence any more


class Outcome(StrEnum):
    """What can be said of the stacks' costs."""

    SAME_COST = "same cost"
    CHEAPEST = "cheapest"
    TOO_CLOSE = "too close to call"
    ONE_STACK = "one stack"
    NO_STACK = "no stack"


class Billed(Protocol):
    """A stack's fleet with its bill."""

    @property
    def row(self) -> CostRow:
        """The stack on its machine."""

    @property
    def p50(self) -> Money:
        """The middle of its monthly bill."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The cheapest stack against another, draw by draw."""

    stack: str
    other: str
    saving: Money  # per month, P50 against P50
    probability: float  # share of draws in which the first is strictly cheaper
    decided: bool  # the two-sided 95 % interval over draws excludes equality, and the capacities' does not object


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer and its parts."""

    outcome: Outcome
    costs: tuple[PricedFleet, ...] = ()  # each stack's cheapest fleet, cheapest first
    cheapest: str | None = None
    probability: float | None = None  # that the first of `costs` is strictly cheaper than every other stack
    cheapest_shares: tuple[CheapestShare, ...] = ()  # how often each stack is cheapest, in the order of `costs`
    same_bill: float | None = None  # share of draws in which all stacks have the same bill
    comparisons: tuple[Comparison, ...] = ()
    capacity_comparisons: tuple[CapacityComparison, ...] = ()  # each pair of stacks, on the measured host
    indifference_per_day: Decimal | None = None  # the traffic at which stacks first differ in cost; 0: always
    first_to_grow: tuple[str, ...] = ()  # the stacks that then cost more
    at_ten_times: tuple[PricedFleet, ...] = ()
    difference_at_ten_times: Money | None = None

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return _sentence(self)

    @property
    def same_cost(self) -> bool:
        """Whether the choice does not change the bill at this traffic."""
        return self.outcome is Outcome.SAME_COST


def judge_costs(options: Sequence[StackOptions], loads: Mapping[str, StackLoad], target: TrafficTarget) -> Verdict:
    """Compare the cheapest fleets of all stacks that can be costed."""
    if not options:
        return Verdict(outcome=Outcome.NO_STACK)
    costs = _by_cost(options, target.requests_per_day)
    ten_times = _by_cost(options, target.requests_per_day * 10)
    threshold, growing = indifference(options)
    capacities = compare_all([fleet.row.fleet.capacity for fleet in costs], target.objective_ms)
    drawn = {fleet.row.stack: _drawn_costs(fleet, loads[fleet.row.stack]) for fleet in costs}
    comparisons, shares = compare_bills(costs, drawn, capacities), cheapest_shares(drawn) if len(costs) > 1 else ()
    outcome = outcome_of(costs, comparisons)
    return Verdict(
        outcome=outcome,
        costs=costs,
        cheapest=costs[0].row.stack if outcome in (Outcome.CHEAPEST, Outcome.ONE_STACK) else None,
        probability=shares[0].alone if shares else None,
        cheapest_shares=shares,
        same_bill=same_bill_share(drawn) if shares else None,
        comparisons=comparisons,
        capacity_comparisons=capacities,
        indifference_per_day=threshold,
        first_to_grow=growing,
        at_ten_times=ten_times,
        difference_at_ten_times=ten_times[-1].p50 - ten_times[0].p50,
    )


def _by_cost(options: Sequence[StackOptions], requests_per_day: Decimal) -> tuple[PricedFleet, ...]:
    return tuple(sorted((stack.cheapest(requests_per_day) for stack in options), key=lambda fleet: fleet.p50.amount))


def indifference(options: Sequence[StackOptions]) -> tuple[Decimal | None, tuple[str, ...]]:
    """The traffic per day at which the stacks' P50 costs first differ, and the stacks that then cost more.

    Cost climbs in steps, so the search goes from step to step: the greatest traffic each stack carries for the
    common cost. None where they do not differ within the steps searched.
    """
    traffic = 0.0
    for _ in range(_STEPS if len(options) > 1 else 0):
        fleets = [stack.cheapest(max(traffic * (1 + 1e-9), 1e-6)) for stack in options]
        least = min((fleet.p50 for fleet in fleets), key=lambda money: money.amount)
        if any(fleet.p50 != least for fleet in fleets):
            return Decimal(round(traffic)), tuple(fleet.row.stack for fleet in fleets if fleet.p50 != least)
        traffic = min(stack.greatest_traffic(least) for stack in options)
        if traffic > MAXIMUM_PER_DAY:
            break
    return None, ()


def compare_bills(
    costs: Sequence[Billed], drawn: Mapping[str, Floats], capacities: Sequence[CapacityComparison]
) -> tuple[Comparison, ...]:
    """The first of `costs`, the cheapest, against each other stack; `drawn` holds each stack's bill in every draw."""
    first, bills = costs[0], drawn[costs[0].row.stack]
    return tuple(
        Comparison(
            stack=first.row.stack,
            other=other.row.stack,
            saving=other.p50 - first.p50,
            probability=float((bills < drawn[other.row.stack]).mean()),
            decided=_excludes_equality(bills, drawn[other.row.stack]) and _may_rank(first.row, other.row, capacities),
        )
        for other in costs[1:]
    )


def _drawn_costs(fleet: PricedFleet, load: StackLoad) -> Floats:
    """The bill of each draw, only to be compared: money that is shown is Decimal."""
    row = fleet.row
    loads = load.loads(row.fleet.carrying, row.fleet.packing) * row.fleet.target.mean_rate
    return row.fleet.rule.instances_of(loads).astype(np.float64) * float(row.price.monthly)


def _excludes_equality(ours: Floats, theirs: Floats) -> bool:
    low, high = interval_of(theirs - ours, _LEVEL)
    return low > 0 or high < 0


def _may_rank(first: CostRow, other: CostRow, capacities: Sequence[CapacityComparison]) -> bool:
    """Bills that follow from CPU alone part only where the capacities do; a stated prior binds every bill."""
    found = _between(first, other, capacities)
    by_cpu = all(row.fleet.middle.binding_constraint in ("cpu", "sustained CPU") for row in (first, other))
    return found is None or found.differs or not (by_cpu or found.basis is Basis.PRIOR)


def _between(first: CostRow, other: CostRow, capacities: Sequence[CapacityComparison]) -> CapacityComparison | None:
    pair = {first.stack, other.stack}
    return next((one for one in capacities if {one.first, one.second} == pair), None)


def outcome_of(costs: Sequence[Billed], comparisons: Sequence[Comparison]) -> Outcome:
    """What can be said of bills, cheapest first, and their comparisons."""
    if len(costs) == 1:
        return Outcome.ONE_STACK
    if all(fleet.p50 == costs[0].p50 for fleet in costs):
        return Outcome.SAME_COST
    return Outcome.CHEAPEST if all(comparison.decided for comparison in comparisons) else Outcome.TOO_CLOSE


def _sentence(verdict: Verdict) -> str:
    if not verdict.costs:
        return "No stack can be costed; see the reasons."
    at = f"At {format_traffic(verdict.costs[0].requests_per_day).replace('/', ' requests/')}"
    return f"{at} {_WORDING[verdict.outcome](verdict)}"


def _one_stack(verdict: Verdict) -> str:
    return f"{verdict.costs[0].row.label} costs {_bill(verdict.costs[0])}."


def _same_cost(verdict: Verdict) -> str:
    first = verdict.costs[0]
    few = len(verdict.costs) <= _MOST_NAMED
    names = names_of([fleet.row.label for fleet in verdict.costs]) if few else f"all {len(verdict.costs)} stacks"
    rule = first.row.fleet.floor_name
    why = f"the {rule} sets the bill, not the framework" if rule else "they need as many instances"
    return f"{names} cost the same, {_bill(first)}: {why}. {_from_then(verdict)}"


def _cheapest(verdict: Verdict) -> str:
    first, others = verdict.costs[0], names_of([_short(fleet) for fleet in verdict.costs[1:]])
    return f"{first.row.label} is cheapest in {verdict.probability:.0%} of draws, {_bill(first)}, against {others}."


def _too_close(verdict: Verdict) -> str:
    """Only those the draws cannot tell from the cheapest are too close; the others are named apart."""
    dearer = {comparison.other for comparison in verdict.comparisons if comparison.decided}
    tied = [fleet for fleet in verdict.costs if fleet.row.stack not in dearer]
    more = [fleet for fleet in verdict.costs if fleet.row.stack in dearer]
    bills = ", ".join([f"{tied[0].row.label} {_bill(tied[0])}", *map(_short, tied[1:])])
    apart = f" Surely dearer: {names_of(list(map(_short, more)))}." if more else ""
    names = names_of([fleet.row.label for fleet in tied])
    return f"the bills of {names} are too close to call: {bills}.{apart}{_carried(tied, verdict.capacity_comparisons)}"


def _carried(tied: Sequence[PricedFleet], capacities: Sequence[CapacityComparison]) -> str:
    """Capacities that do differ between stacks whose bills do not, so that nobody takes them for equal."""
    labels = {fleet.row.stack: fleet.row.label for fleet in tied}
    told = [_upright(one) for one in capacities if one.differs and {one.first, one.second} <= labels.keys()]
    return "".join(
        f" {labels[one.first]} carries {one.ratio:.2f} ({one.low:.2f}-{one.high:.2f}) times what {labels[one.second]}"
        " does, too little to settle the bill."
        for one in told
    )


def _upright(found: CapacityComparison) -> CapacityComparison:
    """With the stack that carries more first."""
    return found if found.ratio > 1 else found.turned


_WORDING: Mapping[Outcome, Callable[[Verdict], str]] = {
    Outcome.ONE_STACK: _one_stack,
    Outcome.SAME_COST: _same_cost,
    Outcome.CHEAPEST: _cheapest,
    Outcome.TOO_CLOSE: _too_close,
}


def _bill(fleet: PricedFleet) -> str:
    return f"{fleet.p50} a month ({fleet.instances.p50:,} x {fleet.row.hardware.label})"


def _short(fleet: PricedFleet) -> str:
    return f"{fleet.row.label} {fleet.p50}"


def _from_then(verdict: Verdict) -> str:
    if verdict.indifference_per_day is None:
        return "The choice does not change the bill at any traffic searched."
    names = names_of([fleet.row.label for fleet in verdict.costs if fleet.row.stack in verdict.first_to_grow])
    traffic = format_traffic(verdict.indifference_per_day)
    return f"The choice first changes the bill at {traffic}, where {names} costs more."


def names_of(names: Sequence[str]) -> str:
    """`A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
