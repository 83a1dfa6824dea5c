"""Who is cheapest by the hour: the same paired rule as for fixed fleets, on each draw's bill of the week."""

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.domain.cost.cheapest import CheapestShare, cheapest_shares, same_bill_share
from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.hourly import HourlyFleet, PolicyCost
from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import FleetPolicy
from estimator.domain.performance.comparison import compare_all
from estimator.domain.reporting.verdict import Comparison, Outcome, compare_bills, names_of, outcome_of

_JUDGED = {FleetPolicy.AUTOSCALED: "Autoscaled by the hour", FleetPolicy.COMMITTED: "With a committed base"}


@dataclass(frozen=True, kw_only=True)
class PolicyBill:
    """One stack's fleet under a policy, in its cheapest term."""

    row: CostRow
    cost: PolicyCost

    @property
    def p50(self) -> Money:
        """The middle of the bill of month 1."""
        return self.cost.monthly_cost.p50


@dataclass(frozen=True, kw_only=True)
class PolicyVerdict:
    """The answer under one policy, of month 1 on each stack's cheapest machine. Bills stand cheapest first."""

    policy: FleetPolicy
    asked: bool  # the target's own policy
    outcome: Outcome
    bills: tuple[PolicyBill, ...]
    cheapest_shares: tuple[CheapestShare, ...]
    same_bill: float
    comparisons: tuple[Comparison, ...]

    @property
    def cheapest(self) -> str | None:
        """The stack that can be named; None where nothing can be said."""
        return self.bills[0].row.stack if self.outcome is Outcome.CHEAPEST else None

    @property
    def probability(self) -> float:
        """Share of the draws in which the first of `bills` is strictly cheaper than every other stack."""
        return self.cheapest_shares[0].alone

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return f"{_JUDGED[self.policy]}: {_told(self)}"


def judge_hours(fleets: Sequence[HourlyFleet]) -> tuple[PolicyVerdict, ...]:
    """A verdict for each policy by the hour that every stack has a price for; none where there is but one stack."""
    found = [_judged(policy, fleets) for policy in _JUDGED] if len(fleets) > 1 else []
    return tuple(verdict for verdict in found if verdict is not None)


def _judged(policy: FleetPolicy, fleets: Sequence[HourlyFleet]) -> PolicyVerdict | None:
    bills = [bill for fleet in fleets if (bill := _bill(policy, fleet)) is not None]
    if len(bills) < len(fleets):
        return None
    bills.sort(key=lambda bill: bill.p50.amount)
    drawn = {bill.row.stack: bill.cost.drawn for bill in bills}
    target = bills[0].row.fleet.target
    capacities = compare_all([bill.row.fleet.capacity for bill in bills], target.objective_ms)
    comparisons = compare_bills(bills, drawn, capacities)
    return PolicyVerdict(
        policy=policy,
        asked=policy is target.policy,
        outcome=outcome_of(bills, comparisons),
        bills=tuple(bills),
        cheapest_shares=cheapest_shares(drawn),
        same_bill=same_bill_share(drawn),
        comparisons=comparisons,
    )


def _bill(policy: FleetPolicy, fleet: HourlyFleet) -> PolicyBill | None:
    own = [cost for cost in fleet.costs if cost.policy is policy]
    cost = min(own, key=lambda cost: cost.expected_year.amount, default=None)
    return None if cost is None else PolicyBill(row=fleet.row, cost=cost)


def _told(verdict: PolicyVerdict) -> str:
    first, dearer = verdict.bills[0], {one.other for one in verdict.comparisons if one.decided}
    if verdict.outcome is Outcome.SAME_COST:
        return f"{_names(verdict.bills)} cost the same, {first.p50} a month."
    if verdict.outcome is Outcome.CHEAPEST:
        return (
            f"{first.row.label} is cheapest in {verdict.probability:.0%} of draws, {first.p50} a month,"
            f" against {_bills(verdict.bills[1:])}."
        )
    tied = [bill for bill in verdict.bills if bill.row.stack not in dearer]
    more = [bill for bill in verdict.bills if bill.row.stack in dearer]
    apart = f" Surely dearer: {_bills(more)}." if more else ""
    return f"the bills of {_names(tied)} are too close to call: {_bills(tied)} a month.{apart}"


def _names(bills: Sequence[PolicyBill]) -> str:
    return names_of([bill.row.label for bill in bills])


def _bills(bills: Sequence[PolicyBill]) -> str:
    return names_of([f"{bill.row.label} {bill.p50}" for bill in bills])
