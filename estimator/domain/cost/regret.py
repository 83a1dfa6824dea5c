"""What a commitment loses where traffic falls, and what it is worth today: month 1's week at the P50 of the load.

The month that was committed to is compared with the same fleet paid by the hour all along, until the term ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from estimator.domain.cost.hourly import HourlyFleet, PolicyCost, week_cost
from estimator.domain.cost.pricing import TERM_MONTHS, Money, Price, Term

FALLS = (0.25, 0.5, 0.75)  # shares of the traffic that go
DISCOUNT = Decimal("0.08")  # a year: an assumption, said wherever it counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Regret:
    """Traffic falls by a share at the end of a month. Amounts are over the term; below 0 nothing was saved or lost."""

    fall: float
    after_months: int
    term_months: int
    saved: Money  # until then, against paying by the hour
    lost: Money  # from then on

    @property
    def net(self) -> Money:
        """What the commitment has brought when its term ends; below 0 it was a mistake."""
        return self.saved - self.lost


def commitment_regret(fleet: HourlyFleet, cost: PolicyCost, *, fall: float, after_months: int) -> Regret:
    """Of one committed policy of a fleet. Raises ValueError where nothing is committed, or nothing can fall."""
    committed = _committed(cost)
    months = TERM_MONTHS[Term(committed.term)]
    if not (0 <= fall <= 1 and 0 <= after_months <= months):
        raise ValueError(f"Traffic falls by 0 to 1 after 0 to {months} months, not by {fall:g} after {after_months}.")
    return Regret(
        fall=fall,
        after_months=after_months,
        term_months=months,
        saved=_saving(fleet, cost, committed, 1.0) * after_months,
        lost=_saving(fleet, cost, committed, 1.0 - fall) * (after_months - months),
    )


def present_saving(fleet: HourlyFleet, cost: PolicyCost, *, discount: Decimal = DISCOUNT) -> Money:
    """What the commitment saves over its term in today's money: upfront now, all else at the end of each month."""
    committed = _committed(cost)
    months = TERM_MONTHS[Term(committed.term)]
    upfront = Money(amount=committed.upfront * cost.base, currency=committed.currency)
    spread = Money(amount=upfront.amount / months, currency=upfront.currency)
    saved = _saving(fleet, cost, committed, 1.0) + spread  # its upfront part is paid at the start
    return present_value([saved] * months, discount=discount) - upfront


def present_value(payments: Sequence[Money], *, discount: Decimal) -> Money:
    """Payments at the end of month 1, 2, ... in money of today, at a yearly rate. Raises CurrencyMismatch."""
    total = Money(amount=Decimal(0), currency=payments[0].currency)
    for month, payment in enumerate(payments, start=1):
        total += Money(amount=payment.amount / (1 + discount) ** (Decimal(month) / 12), currency=payment.currency)
    return total


def _committed(cost: PolicyCost) -> Price:
    if cost.committed is None:
        raise ValueError(f"The policy {cost.policy} commits to nothing; ask of a committed base.")
    return cost.committed


def _saving(fleet: HourlyFleet, cost: PolicyCost, committed: Price, traffic: float) -> Money:
    """Of a month at a share of the traffic, against paying by the hour; below 0 where the base stands idle."""
    counts = _week(fleet, traffic)
    by_the_hour = week_cost(sum(min(count, cost.base) for count in counts), cost.price)
    return by_the_hour - Money(amount=committed.monthly * cost.base, currency=committed.currency)


def _week(fleet: HourlyFleet, traffic: float) -> list[int]:
    """Instances in each hour at the P50 of the load, as `HourlyFleet.instances` at the whole traffic."""
    row = fleet.row.fleet
    target = row.target
    shares = target.shape.shares_ahead(fleet.lag_h) if target.shape else (1.0,)
    busiest = row.load.p50 * target.mean_rate * traffic
    return [row.rule.instances(busiest * share) for share in shares]
