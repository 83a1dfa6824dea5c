"""How many instances to commit to: the base with the least expected cost, the rest paid by the hour."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from estimator.domain.cost.pricing import CurrencyMismatch, Price
from estimator.domain.statistics import Floats, Ints

_NEAR = 1e-9  # bases whose costs differ by less in float are compared again in Decimal


def best_base(seen: Mapping[int, int], *, committed: Price, by_the_hour: Price) -> int:
    """The base for a fleet that was seen at so many instances (key) so often (value); the smallest of equals.

    The expected cost is piecewise linear in the base and bends only where a count was seen, so those and 0 are all
    that can be cheapest. Floats sort them out; what they cannot tell apart is priced exactly.
    """
    if committed.currency != by_the_hour.currency:
        raise CurrencyMismatch(f"{committed.currency} and {by_the_hour.currency} do not add up; use prices in one.")
    bases = np.array(sorted({0, *seen}), dtype=np.int64)
    times = np.array([seen.get(int(base), 0) for base in bases], dtype=np.float64)
    costs = bases * float(committed.monthly) * times.sum() + _hours_beyond(bases, times) * float(by_the_hour.monthly)
    near = bases[costs <= costs.min() * (1 + _NEAR)]
    return min(map(int, near), key=lambda base: (cost_of_base(base, seen, committed, by_the_hour), base))


def _hours_beyond(bases: Ints, times: Floats) -> Floats:
    """Instance-hours above each base: the sum of (count - base)+ over all that was seen."""
    hours, seen = (bases * times)[::-1].cumsum()[::-1], times[::-1].cumsum()[::-1]
    beyond: Floats = hours - bases * seen
    return beyond


def cost_of_base(base: int, seen: Mapping[int, int], committed: Price, by_the_hour: Price) -> Decimal:
    """What a base costs in a month, times how often anything was seen; exact."""
    beyond = sum((count - base) * times for count, times in seen.items() if count > base)
    return committed.monthly * base * sum(seen.values()) + by_the_hour.monthly * beyond
