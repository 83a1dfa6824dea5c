"""The difference of two bills, split exactly into price, performance and traffic by the Shapley average.

Each cause is credited with what it changes on average over all orders in which the causes could have changed
(L. S. Shapley, A Value for n-Person Games, 1953). Sixths are never rounded: parts are kept in sixths and add up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations

from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.pricing import CurrencyMismatch, Money

PRICE, PERFORMANCE, TRAFFIC, FLEET = "price", "performance", "traffic", "performance and traffic"
CAUSES = (PRICE, PERFORMANCE, TRAFFIC)
NOT_KEPT = (
    "Performance and traffic are told together: an estimate was frozen before the capacity of an instance at the P50 of"
    " the draws was kept, so its fleet cannot be sized for other traffic."
)
NOT_REPEATED = (
    "Performance and traffic are told together: what was frozen of an instance's capacity does not give the frozen"
    " fleets again, as where the growth is in doubt, so no fleet is sized for other traffic."
)
_Changed = frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What a fleet has to carry: requests/s at the peak with headroom, month by month, and the redundancy."""

    rates: tuple[float, ...]
    rule: FleetRule

    def instances(self, performance: float) -> int:
        """Instance-months, where each instance carries so many requests/s."""
        return sum(self.rule.instances(rate / performance) for rate in self.rates)


@dataclass(frozen=True, kw_only=True)
class Bill:
    """Some months of a fleet, as they were frozen."""

    price: Money  # of one instance for a month
    performance: float | None  # requests/s that one instance carries; None where it was not kept
    demand: Demand
    instances: int  # instance-months

    @property
    def cost(self) -> Money:
        """Exact."""
        return self.price * self.instances

    @property
    def repeats(self) -> bool:
        """Whether its inputs size the frozen fleet again."""
        return self.performance is not None and self.demand.instances(self.performance) == self.instances


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What each cause adds to the bill; `sixths` are six times an exact amount, by cause."""

    before: Money
    after: Money
    sixths: Mapping[str, Decimal]
    joint: str = ""  # why performance and traffic are one cause; empty where they are two

    @property
    def total(self) -> Money:
        """After less before, exact."""
        return self.after - self.before

    @property
    def shown_total(self) -> Decimal:
        """After less before as both are shown."""
        return self.after.rounded() - self.before.rounded()

    def shown(self) -> dict[str, Decimal]:
        """Parts in the currency's minor unit that add up to `shown_total`: the largest takes what rounding leaves."""
        currency = self.after.currency
        parts = {cause: Money(amount=sixths / 6, currency=currency).rounded() for cause, sixths in self.sixths.items()}
        largest = max(parts, key=lambda cause: abs(self.sixths[cause]))
        return {**parts, largest: parts[largest] + self.shown_total - sum(parts.values(), Decimal(0))}

    @property
    def sentence(self) -> str:
        """`USD 30.66 more a month: 12.10 price, 0 performance, 18.56 traffic.`"""
        parts = self.shown()
        told = ", ".join(f"{amount:,f} {cause}" if amount else f"0 {cause}" for cause, amount in parts.items())
        return f"{self._headline}: {told}." if any(parts.values()) else f"{self._headline}."

    @property
    def _headline(self) -> str:
        total, currency = self.shown_total, self.after.currency
        if not total:
            return f"The same bill, {self.after} a month"
        return f"{currency} {abs(total):,f} {'more' if total > 0 else 'less'} a month"


def split_difference(before: Bill, after: Bill) -> Difference:
    """Raises CurrencyMismatch: convert one of the two first, with a dated rate."""
    if before.price.currency != after.price.currency:
        both = f"One bill is in {before.price.currency}, the other in {after.price.currency}"
        raise CurrencyMismatch(f"{both}: convert one with a dated rate.")
    prices = {False: before.price.amount, True: after.price.amount}
    fleets, joint = _fleets(before, after)

    def cost(changed: _Changed) -> Decimal:
        key = (FLEET in changed, FLEET in changed) if joint else (PERFORMANCE in changed, TRAFFIC in changed)
        return prices[PRICE in changed] * fleets[key]

    sixths = _shapley((PRICE, FLEET) if joint else CAUSES, cost)
    return Difference(before=before.cost, after=after.cost, sixths=sixths, joint=joint)


def _fleets(before: Bill, after: Bill) -> tuple[Mapping[tuple[bool, bool], int], str]:
    """Instance-months by whether performance and traffic have changed, and why that is not known of each alone."""
    frozen = {(False, False): before.instances, (True, True): after.instances}
    if before.demand == after.demand:  # nothing is sized anew: only performance can have changed
        return {**frozen, (False, True): before.instances, (True, False): after.instances}, ""
    if before.performance is not None and before.performance == after.performance:
        return {**frozen, (False, True): after.instances, (True, False): before.instances}, ""
    if before.performance is None or after.performance is None:
        return frozen, NOT_KEPT
    if not (before.repeats and after.repeats):
        return frozen, NOT_REPEATED
    crossed = {
        (False, True): after.demand.instances(before.performance),
        (True, False): before.demand.instances(after.performance),
    }
    return {**frozen, **crossed}, ""


def _shapley(causes: Sequence[str], cost: Callable[[_Changed], Decimal]) -> dict[str, Decimal]:
    """Six times each cause's average; two or three causes have two or six orders, both divisors of six."""
    orders = list(permutations(causes))
    added = dict.fromkeys(causes, Decimal(0))
    for order in orders:
        for place, cause in enumerate(order):
            added[cause] += cost(frozenset(order[: place + 1])) - cost(frozenset(order[:place]))
    return {cause: amount * (6 // len(orders)) for cause, amount in added.items()}
