"""A journey: workloads mixed by weight, as one user meets them, with pauses to think."""

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.domain.measuring.workload import STATEMENTS

JOURNEY_PREFIX = "journey-"  # of the workload that it is measured as, before its slug
MOST_USERS = 500

Mix = Sequence[tuple[str, int]]  # workload slug, weight


@dataclass(frozen=True, kw_only=True)
class Users:
    """So many users, thinking this long between two requests. `shortened`: their pauses over those asked for."""

    count: int
    think_s: tuple[float, float]
    shortened: float = 1.0


def quotas(mix: Mix, size: int) -> dict[str, int]:
    """How many of `size` requests belong to each workload: by weight, the largest remainders rounded up.

    Raises ValueError for a mix without weight.
    """
    total = sum(weight for _, weight in mix)
    if total <= 0:
        raise ValueError("A journey needs at least one workload with a weight above 0.")
    shares = {slug: weight * size / total for slug, weight in mix}
    counts = {slug: int(share) for slug, share in shares.items()}
    by_remainder = sorted(shares, key=lambda slug: counts[slug] - shares[slug])
    for slug in by_remainder[: size - sum(counts.values())]:
        counts[slug] += 1
    return counts


def users_for(rate: float, *, think_s: tuple[float, float], response_s: float) -> Users:
    """Little's law: L = rate x (mean thinking + mean response), at least one user.

    More than MOST_USERS are not driven: each holds a connection. Their pauses are shortened instead, so the rate holds.
    """
    thinking_s = sum(think_s) / 2
    wanted = round(rate * (thinking_s + response_s))
    if wanted <= MOST_USERS or not thinking_s:
        return Users(count=max(1, min(wanted, MOST_USERS)), think_s=think_s)
    shortened = max(0.0, MOST_USERS / rate - response_s) / thinking_s
    return Users(count=MOST_USERS, think_s=(think_s[0] * shortened, think_s[1] * shortened), shortened=shortened)


def heaviest(mix: Mix) -> str:
    """The part that sends most statements: what bounds it bounds the journey."""
    return max((slug for slug, _ in mix), key=lambda slug: STATEMENTS.get(slug, 0))
