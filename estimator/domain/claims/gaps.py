"""The claim that CPU-bound work closes the gap between the stacks."""

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.domain.claims.case import Case, agrees
from estimator.domain.claims.values import Check, ClaimCheck, Evidence, Finding, Quantity, range_text, ratio_of
from estimator.domain.statistics import Interval

LIGHT = ("json", "user_lookup")  # where the gap is widest; the first that was measured stands beside


@dataclass(frozen=True, kw_only=True)
class _Gap:
    """Fastest over slowest of the stacks measured under one workload; the stacks fastest first."""

    workload: str
    stacks: tuple[str, ...]
    ratio: Interval
    runs: tuple[str, ...]


def cpu_gap(case: Case) -> ClaimCheck:
    """Reproduced where the fastest and the slowest stack of the set are alike under CPU-bound work."""
    stacks = tuple(dict.fromkeys(one.stack for one in case.claims if one.check is Check.THROUGHPUT))
    bound = _gap(case.evidence, stacks, case.claim.workload)
    if bound is None:
        return case.missing(case.evidence.remedy(stacks[0] if stacks else "", case.claim.workload))
    light = next((gap for workload in LIGHT if (gap := _gap(case.evidence, bound.stacks, workload))), None)
    told = [_text(case.evidence, gap) for gap in (bound, light) if gap]
    against = f"{case.evidence.title(bound.stacks[0])} over {case.evidence.title(bound.stacks[-1])}"
    even = Interval.exact(1.0)
    found = Finding(claimed=even, ours=bound.ratio, unit="ratio", against=against, runs=bound.runs)
    holds_if = "every stack did the work with the same code, and none of it in the framework."
    return case.judged(agrees(even, bound.ratio), " ".join(told), holds_if, finding=found)


def _gap(evidence: Evidence, stacks: Sequence[str], workload: str) -> _Gap | None:
    seen = {stack: one for stack in stacks if (one := evidence.find(Quantity.THROUGHPUT, stack, workload))}
    if len(seen) < 2:
        return None
    order = sorted(seen, key=lambda stack: -seen[stack].mid)
    runs = tuple(dict.fromkeys(seen[stack].run for stack in order))
    return _Gap(workload=workload, stacks=tuple(order), ratio=ratio_of(seen[order[0]], seen[order[-1]]), runs=runs)


def _text(evidence: Evidence, gap: _Gap) -> str:
    first, last = evidence.title(gap.stacks[0]), evidence.title(gap.stacks[-1])
    return f"Under {gap.workload!r} {first} carries {range_text(gap.ratio)} times what {last} does."
