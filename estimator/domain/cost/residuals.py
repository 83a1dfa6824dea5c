"""Our own residuals: by how much work on another host differed from what the speeds of both foretold.

They replace the stated sigmas of ln eps. All stacks share one eps, so what is compared is hosts: a pair of hosts is
one observation, the mean square over everything that was measured on both.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from estimator.domain.cost.sizing import SIGMA_EPS, Basis, OwnSigma, carry_by
from estimator.domain.hardware import CpuSpeed

FULL = 5  # comparisons from which on our own residuals stand alone
Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class HostDemand:
    """What a request costs on one registered host. Only the same `subject` (stack, workload, settings) is compared."""

    subject: str
    host: str
    speed: CpuSpeed
    service_demand_s: float


def own_sigmas(demands: Iterable[HostDemand]) -> dict[Basis, OwnSigma]:
    """The sigma of each basis that at least two hosts have; no entry keeps the stated one."""
    by_subject: dict[str, list[HostDemand]] = {}
    for one in demands:
        by_subject.setdefault(one.subject, []).append(one)
    found = {basis: _squares(basis, by_subject.values()) for basis in Basis}
    return {basis: _sigma(basis, squares) for basis, squares in found.items() if squares}


def _squares(basis: Basis, subjects: Iterable[Sequence[HostDemand]]) -> dict[Pair, list[float]]:
    """Squared residuals of each pair of hosts."""
    found: dict[Pair, list[float]] = {}
    for own in subjects:
        for one, other in combinations(sorted(own, key=lambda demand: demand.host), 2):
            residual = _residual(basis, one, other)
            if residual is not None and one.host != other.host:
                found.setdefault((one.host, other.host), []).append(residual**2)
    return found


def _residual(basis: Basis, one: HostDemand, other: HostDemand) -> float | None:
    """ln of D_B / D_A as measured over as foretold; the direction does not matter, as it is squared."""
    carrying = carry_by(basis, one.speed, other.speed)
    if carrying is None:
        return None
    return math.log(other.service_demand_s / one.service_demand_s) - math.log(carrying.middle_ratio)


def _sigma(basis: Basis, squares: Mapping[Pair, Sequence[float]]) -> OwnSigma:
    """sigma^2 = (n s^2 + (5 - n) prior^2) / 5 below five comparisons, else s^2.

    h hosts make h (h - 1) / 2 pairs but only h - 1 independent comparisons. That few tell little of a spread, so
    those missing to five are taken to have been as the prior says: the posterior scale of a variance whose conjugate
    (scaled inverse chi-square) prior has their weight (Gelman et al., Bayesian Data Analysis, 2.6).
    """
    many = min(len(squares), len({host for pair in squares for host in pair}) - 1)
    own = math.fsum(math.fsum(values) / len(values) for values in squares.values()) / len(squares)
    missing = max(0, FULL - many)
    variance = (many * own + missing * SIGMA_EPS[basis] ** 2) / (many + missing)
    return OwnSigma(sigma=math.sqrt(variance), comparisons=many)
