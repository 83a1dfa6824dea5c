"""Figures that depend on hardware: judged as ratios between the stacks of a set, and within a factor per core."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from estimator.domain.claims.arithmetic import ratio_claimed
from estimator.domain.claims.case import Case, agrees, ends, scaled
from estimator.domain.claims.values import (
    Claim,
    ClaimCheck,
    Finding,
    Observed,
    Quantity,
    figure,
    range_text,
    ratio_of,
)

HARDWARE_FACTOR = 2.0  # between cores of servers of the last ten years; more is not the hardware's doing


@dataclass(frozen=True, kw_only=True)
class _Wording:
    """How a quantity is spoken of."""

    unit: str
    blame: str  # what would have been so many times as much
    more_is_better: bool = False


_WORDS: Mapping[Quantity, _Wording] = {
    Quantity.THROUGHPUT: _Wording(unit="req/s", blame="the CPU time of a request on", more_is_better=True),
    Quantity.COLD_START: _Wording(unit="s", blame="the start-up work of"),
    Quantity.CROWD_P99: _Wording(unit="ms", blame="the time in the queue of"),
}


def judge_relative(case: Case, quantity: Quantity, *, workload: str, remedy: str) -> ClaimCheck:
    """Reproduced where every ratio to the set's other stacks is, and where hardware can explain the figure itself.

    The ratio shown is the one that is furthest off.
    """
    own = case.evidence.find(quantity, case.claim.stack, workload)
    if own is None or case.claim.claimed is None:
        return case.missing(remedy)
    absolute = _absolute(case.claim, own, _WORDS[quantity])
    near = agrees(absolute.claimed, absolute.ours, factor=HARDWARE_FACTOR)
    told = f"Ours is {absolute.text}, the claim {ends(absolute.claimed)} on other hardware."
    ratios = _ratios(case, quantity, own, workload)
    if not ratios:
        why = f"{told} No other stack of the set was measured, so there is no ratio."
        return case.judged(near, why, _if_hardware(absolute, quantity), finding=absolute)
    stack, worst = max(ratios.items(), key=lambda pair: abs(math.log(pair[1].off_by)))
    same = all(agrees(one.claimed, one.ours) for one in ratios.values())
    holds_if = _if_hardware(absolute, quantity) if same else if_ratio(case, quantity, stack, worst)
    why = f"{ratio_told(case, quantity, worst)} {told}"
    return case.judged(same and near, why, holds_if, finding=worst, absolute=absolute)


def ratio_told(case: Case, quantity: Quantity, found: Finding) -> str:
    """A ratio in words."""
    ours, claimed = range_text(found.ours), ends(found.claimed)
    if quantity is Quantity.THROUGHPUT:
        return f"{case.name} carries {ours} times what {found.against} does; claimed are {claimed} times."
    return f"The {quantity} of {case.name} is {ours} times that of {found.against}; claimed are {claimed} times."


def if_ratio(case: Case, quantity: Quantity, other: str, found: Finding) -> str:
    """What would make a ratio true: the stack that looks worse in the claim had needed so many times as much."""
    words, factor = _WORDS[quantity], found.off_by
    own_is_worse = (factor < 1) == words.more_is_better
    name = case.name if own_is_worse else case.evidence.title(other)
    return f"{words.blame} {name} were {figure(max(factor, 1 / factor))} times what it was here."


def _absolute(claim: Claim, own: Observed, words: _Wording) -> Finding:
    """Throughput grows with the cores, so it is told for one; where a claim tells no cores, it is taken for ours."""
    assert claim.claimed is not None  # noqa: S101 - only such claims get here
    cores = (claim.cores or own.cores, own.cores) if words.more_is_better else (1, 1)
    return Finding(
        claimed=scaled(claim.claimed, 1 / cores[0]),
        ours=scaled(own.interval, 1 / cores[1]),
        unit=f"{words.unit} per core" if words.more_is_better else words.unit,
        runs=(own.run,),
    )


def _ratios(case: Case, quantity: Quantity, own: Observed, workload: str) -> dict[str, Finding]:
    """By the other stack's slug."""
    found = {}
    for peer in case.peers:
        other, claimed = case.evidence.find(quantity, peer.stack, workload), ratio_claimed(case.claim, peer)
        if other and claimed:
            title, runs = case.evidence.title(peer.stack), (own.run, other.run)
            ours = ratio_of(own, other)
            found[peer.stack] = Finding(claimed=claimed, ours=ours, unit="ratio", against=title, runs=runs)
    return found


def _if_hardware(absolute: Finding, quantity: Quantity) -> str:
    factor = absolute.off_by if _WORDS[quantity].more_is_better else 1 / absolute.off_by
    return f"a core of the source's machine did {figure(factor)} times the work of one of ours."
