"""What a claim set says of itself: contradictions that arithmetic alone finds, without any measurement."""

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from estimator.domain.claims.values import Check, Claim
from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.traffic import SECONDS_PER_DAY, TrafficTarget, format_traffic
from estimator.domain.statistics import Interval

CLOSE = 0.9  # of the ratio of throughputs: the bills are as good as proportional to them
_GRID = np.geomspace(1e5, 1e13, 801)  # requests per day


def rates_of(claims: Sequence[Claim], stack: str, *, workload: str = "") -> list[float]:
    """The set's own requests/s of a stack, of one workload or of all."""
    return [
        claim.claimed.mid
        for claim in claims
        if claim.check is Check.THROUGHPUT
        and claim.claimed
        and claim.stack == stack
        and workload in ("", claim.workload)
    ]


def mean_latency_ms(*, connections: int, rate: float) -> float:
    """Little's law, L = lambda W: the mean time in the system when so many connections are always busy."""
    return connections / rate * 1000


def impossible_p99(claim: Claim, claims: Sequence[Claim]) -> str:
    """Why a p99 contradicts the set's own throughput; empty where it does not. The highest rate is the mildest test."""
    rates = rates_of(claims, claim.stack)
    if claim.claimed is None or claim.connections is None or not rates:
        return ""
    mean_ms = mean_latency_ms(connections=claim.connections, rate=max(rates))
    if claim.claimed.high >= mean_ms:
        return ""
    return (
        f"Little's law: {claim.connections:,} busy connections at {max(rates):,.0f} req/s have a mean latency of"
        f" {mean_ms:,.0f} ms, and a p99 of {claim.value_text} lies below that mean."
    )


def most_connections(claim: Claim, claims: Sequence[Claim]) -> int | None:
    """The connections up to which a p99 could hold at the set's own rate: even then every request takes that long."""
    rates = rates_of(claims, claim.stack)
    return int(claim.claimed.high / 1000 * max(rates)) if rates and claim.claimed else None


def own_ratio(claim: Claim, claims: Sequence[Claim]) -> float | None:
    """The ratio that the set's own throughputs give for the same two stacks and workload."""
    pair = [rates_of(claims, stack, workload=claim.workload) for stack in (claim.stack, claim.other_stack)]
    return pair[0][0] / pair[1][0] if all(pair) else None


def contradicted_ratio(claim: Claim, claims: Sequence[Claim]) -> str:
    """Why a ratio contradicts the set's own throughputs; empty where it does not."""
    own = own_ratio(claim, claims)
    if own is None or claim.claimed is None or claim.claimed.low <= round(own, 1) <= claim.claimed.high:
        return ""
    return f"The source's own figures give a ratio of {own:.1f}, outside of {claim.value_text.removesuffix(' ratio')}."


def peak_rate(requests_per_day: Decimal, target: TrafficTarget) -> float:
    """Requests/s in the busiest hour, at the usual peak factor."""
    return float(requests_per_day) / SECONDS_PER_DAY * target.peak_to_mean.mid


def contradicted_bill(claim: Claim, peer: Claim, claims: Sequence[Claim], target: TrafficTarget) -> str:
    """Why a bill contradicts a lower one of the same set; empty where it does not.

    By the set's own throughputs both stacks need as many servers at the peak, so the bills cannot differ.
    """
    rates = [rates_of(claims, one.stack) for one in (claim, peer)]
    if not all(rates) or claim.requests_per_day is None or claim.claimed is None or peer.claimed is None:
        return ""
    peak = peak_rate(claim.requests_per_day, target)
    shares = [peak / min(one) for one in rates]
    if math.ceil(shares[0]) != math.ceil(shares[1]) or claim.claimed.low <= peer.claimed.high:
        return ""
    servers = "one server" if shares[0] <= 1 else f"{math.ceil(shares[0])} servers"
    return (
        f"A peak of {peak:,.0f} req/s is {shares[0]:.0%} of one server at the source's own {min(rates[0]):,.0f} req/s,"
        f" and {shares[1]:.0%} of one at {min(rates[1]):,.0f} req/s: {servers} would do for either, so the bills cannot"
        f" differ {claim.claimed.mid / peer.claimed.mid:.3g} times."
    )


def proportional_from(*, fast: float, slow: float, target: TrafficTarget) -> Decimal | None:
    """The requests per day from which on the ratio of bills stays close to that of the throughputs (requests/s).

    Fleets of servers at one price by the target's own redundancy rule; None where it is never so.
    """
    rule, factor = FleetRule.of(target.redundancy), target.peak_to_mean.mid * (1 + target.headroom)
    rates = _GRID / SECONDS_PER_DAY * factor
    bills = rule.instances_of(rates / slow) / rule.instances_of(rates / fast)
    below = np.flatnonzero(bills < CLOSE * fast / slow)
    first = int(below[-1]) + 1 if below.size else 0
    return Decimal(round(float(_GRID[first]))) if first < _GRID.size else None


def proportional_if(claim: Claim, peer: Claim, claims: Sequence[Claim], target: TrafficTarget) -> str:
    """The assumption under which a ratio of bills would be that of the throughputs."""
    rates = [rates_of(claims, one.stack) for one in (claim, peer)]
    if not all(rates):
        return ""
    slow, fast = sorted((min(rates[0]), min(rates[1])))
    start = proportional_from(fast=fast, slow=slow, target=target)
    rest = f"only from about {format_traffic(start)} on" if start else "at no traffic that was searched"
    return (
        f"cost were proportional to throughput, without a floor: by the source's own {fast:,.0f} and {slow:,.0f} req/s"
        f" a server and our redundancy rule the ratio of the bills comes close to {fast / slow:.1f} {rest}."
    )


def ratio_claimed(first: Claim, second: Claim) -> Interval | None:
    """What two claims of one set say of each other."""
    if first.claimed is None or second.claimed is None or second.claimed.low <= 0:
        return None
    low, high = first.claimed.low / second.claimed.high, first.claimed.high / second.claimed.low
    return Interval(low=low, mid=first.claimed.mid / second.claimed.mid, high=high)
