"""The rules by which a published claim is checked: one for each kind, explicit, and silent where nothing was measured.

In this order: figures that contradict each other by arithmetic are inconsistent, whatever was measured; what was
measured decides next; words that contradict each other decide where nothing was measured; the rest is unsupported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from estimator.domain.claims.arithmetic import contradicted_ratio, impossible_p99, most_connections
from estimator.domain.claims.case import Case, agrees, scaled
from estimator.domain.claims.costs import entry_price, monthly_cost, same_cost_below
from estimator.domain.claims.gaps import cpu_gap
from estimator.domain.claims.relative import if_ratio, judge_relative, ratio_told
from estimator.domain.claims.values import (
    Check,
    Claim,
    ClaimCheck,
    ClaimVerdict,
    Evidence,
    Finding,
    Quantity,
    figure,
    ratio_of,
)

MB_PER_MIB = 2**20 / 1e6


def check_claims(claims: Sequence[Claim], evidence: Evidence) -> tuple[ClaimCheck, ...]:
    """A verdict on every claim of one set, in their order."""
    return tuple(_RULES[claim.check](Case(claim=claim, claims=claims, evidence=evidence)) for claim in claims)


def _throughput(case: Case) -> ClaimCheck:
    remedy = case.evidence.remedy(case.claim.stack, case.claim.workload)
    return judge_relative(case, Quantity.THROUGHPUT, workload=case.claim.workload, remedy=remedy)


def _cold_start(case: Case) -> ClaimCheck:
    remedy = case.evidence.remedy(case.claim.stack, "")
    return judge_relative(case, Quantity.COLD_START, workload="", remedy=remedy)


def _crowd_p99(case: Case) -> ClaimCheck:
    """By Little's law from the set's own rates first; then as a ratio between stacks."""
    claim, remedy = case.claim, case.evidence.remedy(case.claim.stack, case.claim.workload, crowd=True)
    measured = judge_relative(case, Quantity.CROWD_P99, workload=claim.workload, remedy=remedy)
    impossible, most = impossible_p99(claim, case.claims), most_connections(claim, case.claims)
    if not impossible:
        return measured
    holds_if = f"at most {most:,} connections were busy, not {claim.connections:,}."
    return replace(measured, verdict=ClaimVerdict.INCONSISTENT, why=impossible, holds_if=holds_if)


def _throughput_ratio(case: Case) -> ClaimCheck:
    claim, evidence = case.claim, case.evidence
    contradiction = contradicted_ratio(claim, case.claims)
    own, other = (
        evidence.find(Quantity.THROUGHPUT, stack, claim.workload) for stack in (claim.stack, claim.other_stack)
    )
    if own is None or other is None or claim.claimed is None:
        absent = claim.other_stack if own else claim.stack
        answer = case.missing(evidence.remedy(absent, claim.workload))
        return replace(answer, verdict=ClaimVerdict.INCONSISTENT, why=contradiction) if contradiction else answer
    against, runs = evidence.title(claim.other_stack), (own.run, other.run)
    found = Finding(claimed=claim.claimed, ours=ratio_of(own, other), unit="ratio", against=against, runs=runs)
    told = ratio_told(case, Quantity.THROUGHPUT, found)
    holds_if = if_ratio(case, Quantity.THROUGHPUT, claim.other_stack, found)
    if contradiction:
        return case.answer(ClaimVerdict.INCONSISTENT, f"{contradiction} {told}", holds_if=holds_if, finding=found)
    return case.judged(agrees(claim.claimed, found.ours), told, holds_if, finding=found)


def _memory(case: Case) -> ClaimCheck:
    """Memory does not follow the hardware's speed: the figure itself, idle, in megabytes."""
    own = case.evidence.find(Quantity.MEMORY, case.claim.stack, "")
    if own is None or case.claim.claimed is None:
        return case.missing(case.evidence.remedy(case.claim.stack, ""))
    found = Finding(claimed=case.claim.claimed, ours=scaled(own.interval, MB_PER_MIB), unit="MB", runs=(own.run,))
    why = (
        f"All processes of {case.name} together hold {found.text} before any load; claimed are {case.claim.value_text}."
    )
    holds_if = f"they held {figure(found.off_by)} times as much: other packages, or another number of workers."
    return case.judged(agrees(found.claimed, found.ours), why, holds_if, finding=found)


def _cold_start_below(case: Case) -> ClaimCheck:
    own, limit = case.evidence.find(Quantity.COLD_START, case.claim.stack, ""), case.claim.claimed
    if own is None or limit is None:
        return case.missing(case.evidence.remedy(case.claim.stack, ""))
    found = Finding(claimed=limit, ours=own.interval, unit="s", runs=(own.run,))
    told = f"From spawn to the first right answer {case.name} takes {found.text}; the limit is {case.claim.value_text}."
    if found.ours.low <= limit.high < found.ours.high:
        why = f"{told} The limit lies within our interval: too close to call."
        return case.answer(ClaimVerdict.UNSUPPORTED, why, holds_if="more blocks narrowed the interval.", finding=found)
    why = f"{told} Whether that suits depends on the share of requests that meet a cold instance."
    holds_if = f"the start took {figure(limit.high / found.ours.mid)} of the time that it took here."
    return case.judged(found.ours.high <= limit.high, why, holds_if, finding=found)


def _none(case: Case) -> ClaimCheck:
    why = "Wages and project times are no measurement: such figures can be entered as inputs, never confirmed here."
    return case.answer(ClaimVerdict.UNSUPPORTED, why, holds_if="your own rates and hours were those of the source.")


_RULES: Mapping[Check, Callable[[Case], ClaimCheck]] = {
    Check.THROUGHPUT: _throughput,
    Check.THROUGHPUT_RATIO: _throughput_ratio,
    Check.CROWD_P99: _crowd_p99,
    Check.MEMORY: _memory,
    Check.COLD_START: _cold_start,
    Check.COLD_START_BELOW: _cold_start_below,
    Check.CPU_GAP: cpu_gap,
    Check.MONTHLY_COST: monthly_cost,
    Check.SAME_COST_BELOW: same_cost_below,
    Check.ENTRY_PRICE: entry_price,
    Check.NONE: _none,
}
