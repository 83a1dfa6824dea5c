"""Claims about money: bills, the traffic from which they differ, and what one machine costs."""

from collections.abc import Iterable

from estimator.domain.claims.arithmetic import contradicted_bill, proportional_if
from estimator.domain.claims.case import Case, agrees
from estimator.domain.claims.values import Bill, ClaimCheck, ClaimVerdict, Finding
from estimator.domain.cost.traffic import format_traffic
from estimator.domain.statistics import Interval

HEADLINE = "user_lookup"  # the workload that bills are projected for


def monthly_cost(case: Case) -> ClaimCheck:
    """The bill of our projection at the same traffic; and whether the set's own throughputs allow its bills."""
    claim, target = case.claim, case.evidence.target
    contradiction = _first(contradicted_bill(claim, peer, case.claims, target) for peer in case.peers)
    assumed = _first(proportional_if(claim, peer, case.claims, target) for peer in case.peers)
    bill = case.evidence.bills.get((claim.stack, claim.requests_per_day)) if claim.requests_per_day else None
    found = _finding(case, bill)
    if contradiction:
        return case.answer(ClaimVerdict.INCONSISTENT, contradiction, holds_if=assumed, finding=found)
    if bill is None or found is None:
        return case.missing(_remedy(case))
    why = (
        f"{case.name} costs {bill.cheapest} a month at the least ({bill.fleet}) and {bill.high} on the dearest"
        f" reference type; {bill.constraint} decides the number of instances."
    )
    return case.judged(agrees(found.claimed, found.ours), why, assumed, finding=found)


def same_cost_below(case: Case) -> ClaimCheck:
    """The traffic at which the bills of our projection first differ."""
    known, limit = case.evidence.same_cost, case.claim.requests_per_day
    if known is None or limit is None:
        return case.missing(f"run a plan that measures two stacks or more under {HEADLINE!r}")
    names = ", ".join(case.evidence.title(stack) for stack in known.stacks)
    ours = Interval.exact(float("inf") if known.per_day is None else float(known.per_day))
    found = Finding(claimed=Interval.exact(float(limit)), ours=ours, unit="requests/day", runs=known.runs)
    if known.per_day is None:
        return case.judged(True, f"The bills of {names} differ at no traffic that was searched.", "", finding=found)
    why = f"The bills of {names} first differ at {format_traffic(known.per_day)}; up to there they are equal."
    holds_if = "a difference of one instance were negligible."
    return case.judged(known.per_day >= limit, why, holds_if, finding=found)


def entry_price(case: Case) -> ClaimCheck:
    """The cheapest listed machine, burstable ones included, into which the stack fits."""
    entry = case.evidence.entries.get(case.claim.stack)
    found = _finding(case, entry)
    if entry is None or found is None:
        return case.missing(_remedy(case))
    why = f"The cheapest listed machine with room for {case.name} is {entry.fleet}, {entry.cheapest} a month for one."
    dear = found.ours.low > found.claimed.high
    offer = "of a cheaper host than those of the catalogue" if dear else "a larger machine than the least that fits"
    return case.judged(agrees(found.claimed, found.ours), why, f"the offer meant were {offer}.", finding=found)


def _finding(case: Case, bill: Bill | None) -> Finding | None:
    if bill is None or case.claim.claimed is None:
        return None
    return Finding(claimed=case.claim.claimed, ours=bill.interval, unit="USD/month", runs=(bill.run,))


def _remedy(case: Case) -> str:
    return f"{case.evidence.remedy(case.claim.stack, HEADLINE)}, and see that prices in USD are listed"


def _first(texts: Iterable[str]) -> str:
    """The first that says anything."""
    return next(filter(None, texts), "")
