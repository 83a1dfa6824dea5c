"""Fleets over the 8,760 hours of a year: fixed at the peak, autoscaled, or a committed base and the rest by the hour.

A week of 168 hours stands for the year: each of its hours comes 730 / 168 times a month. Draws are instance-hours of
that week; money appears once per quantile.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from estimator.domain.cost.commitment import best_base
from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.loads import StackLoad
from estimator.domain.cost.months import MONTHS, count_quantiles
from estimator.domain.cost.pricing import TERM_MONTHS, Money, MoneyQuantiles, Price, Term
from estimator.domain.cost.shape import HOURS_PER_WEEK
from estimator.domain.cost.traffic import FleetPolicy, TrafficTarget
from estimator.domain.statistics import Floats, Ints, Quantiles

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class PolicyCost:
    """What one policy costs: `base` instances at the committed price, what stands above it at `price`."""

    policy: FleetPolicy
    price: Price
    committed: Price | None = None
    base: int = 0
    week_hours: Quantiles[int]  # instance-hours above the base in a week of month 1
    monthly_cost: MoneyQuantiles
    year_cost: MoneyQuantiles
    expected_year: Money  # the mean of the draws: what policies and bases are compared by
    drawn: Floats = field(repr=False, compare=False)  # each draw's bill of month 1, only to be compared


@dataclass(frozen=True, kw_only=True)
class HourlyFleet:
    """One stack on one machine through a week, and what each policy makes of it. Tuples of 168 hours are month 1's."""

    row: CostRow
    lag_h: int  # hours that an instance is asked for before it is needed
    demand: tuple[float, ...]  # requests/s, mean of each hour
    load: tuple[float, ...]  # instances' worth of load with burst and headroom, P50 of the draws
    instances: tuple[int, ...]  # autoscaled
    fixed: int
    costs: tuple[PolicyCost, ...]
    missing: tuple[str, ...]  # policies without a price, and the remedy

    @property
    def cheapest(self) -> PolicyCost:
        """By the expected cost of the year; the simplest of equals."""
        return min(self.costs, key=lambda cost: cost.expected_year.amount)

    @property
    def asked(self) -> PolicyCost | None:
        """The target's own policy, in its cheapest term; None where it has no price."""
        own = [cost for cost in self.costs if cost.policy is self.row.fleet.target.policy]
        return min(own, key=lambda cost: cost.expected_year.amount, default=None)


def plan_hours(stack: StackLoad, row: CostRow, prices: Sequence[Price]) -> HourlyFleet:
    """The fleet of a row through the hours of its target's shape; `prices`: all terms of its machine in its region."""
    target = stack.target
    if target.shape is None:
        raise ValueError(f"{target.name} has no shape; a fleet by the hour needs one.")
    lag_h = lag_hours(target, stack.capacity.cold_start_s)
    hours = _Hours(stack, row, target.shape.shares_ahead(lag_h))
    own = [price for price in prices if not price.disputed and price.currency == row.price.currency]
    costs, missing = _policy_costs(hours, row, own)
    busiest = row.fleet.load.p50 * target.mean_rate
    return HourlyFleet(
        row=row,
        lag_h=lag_h,
        demand=tuple(target.mean_rate * factor for factor in target.shape.factors),
        load=tuple(busiest * share for share in target.shape.shares_ahead(0)),
        instances=tuple(row.fleet.rule.instances(busiest * share) for share in target.shape.shares_ahead(lag_h)),
        fixed=row.instances.p50,
        costs=costs,
        missing=missing,
    )


def lag_hours(target: TrafficTarget, cold_start_s: float | None) -> int:
    """Whole hours ahead, since a fleet is sized once an hour: boot of the instance and cold start of the app."""
    return math.ceil((target.boot_s + (cold_start_s or 0.0)) / SECONDS_PER_HOUR)


def _policy_costs(
    hours: "_Hours", row: CostRow, prices: Sequence[Price]
) -> tuple[tuple[PolicyCost, ...], tuple[str, ...]]:
    fixed = hours.fixed_cost(row)
    by_the_hour = _paid_by_the_hour(row, prices)
    where = f"{row.hardware.label} in {row.price.region}"
    if by_the_hour is None:
        return (fixed,), (f"autoscaled and committed: no on-demand price is listed for {where}; import one.",)
    terms = [price for price in prices if price.term in TERM_MONTHS]
    missing = () if terms else (f"committed base: no 1- or 3-year price is listed for {where}; import one.",)
    seen = hours.seen() if terms else {}
    bases = [(price, best_base(seen, committed=price, by_the_hour=by_the_hour)) for price in terms]
    paid = hours.paid({0, *(base for _, base in bases)})
    costs = [fixed, _cost(FleetPolicy.AUTOSCALED, paid[0], by_the_hour)]
    costs += [
        _cost(FleetPolicy.COMMITTED, paid[base], by_the_hour, committed=price, base=base) for price, base in bases
    ]
    return tuple(costs), missing


def _paid_by_the_hour(row: CostRow, prices: Sequence[Price]) -> Price | None:
    """The cheapest on demand, or spot where the target or the question allows it."""
    spot = row.fleet.target.allow_spot or row.price.term == Term.SPOT
    allowed = (Term.ON_DEMAND, Term.SPOT) if spot else (Term.ON_DEMAND,)
    return min((price for price in prices if price.term in allowed), key=lambda price: price.monthly, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Paid:
    """Instance-hours of a week for each draw, in month 1 and summed over the months."""

    month: Ints
    year: Ints


class _Hours:
    """Draws of a fleet in each hour of the week. Hours that need the same are drawn once."""

    def __init__(self, stack: StackLoad, row: CostRow, shares: Sequence[float]) -> None:
        """`stack` holds the draws, `row` the machine, `shares` of the peak what stands ready in each hour."""
        target, fleet = stack.target, row.fleet
        self._shares, self._times = np.unique(np.array(shares), return_counts=True)  # the last is 1
        self._loads = stack.loads(fleet.carrying, fleet.packing) * target.mean_rate
        self._rule, self._target, self._growth = fleet.rule, target, stack.shared.growth

    def _months(self) -> Iterator[tuple[Ints, int]]:
        """Instances (hours that differ x draws) in each month, and how many months are alike."""
        if self._growth is None and self._target.growth_per_month.mid == 0:
            yield self._counts(self._loads), MONTHS
            return
        for month in range(MONTHS):
            known = self._target.growth_factor(month + 1)
            yield self._counts(self._loads * (known if self._growth is None else self._drawn(self._growth, month))), 1

    @staticmethod
    def _drawn(growth: Floats, month: int) -> Floats:
        factor: Floats = np.maximum(1 + growth, 0.0) ** month
        return factor

    def _counts(self, loads: Floats) -> Ints:
        return self._rule.instances_of(np.outer(self._shares, loads))

    def seen(self) -> dict[int, int]:
        """How often each count of instances stood, over all draws, hours and months."""
        seen: dict[int, int] = {}
        for counts, months in self._months():
            for row, times in zip(counts, self._times.tolist(), strict=True):
                found = np.bincount(row)
                for count in np.flatnonzero(found).tolist():
                    seen[count] = seen.get(count, 0) + int(found[count]) * times * months
        return seen

    def paid(self, bases: Collection[int]) -> Mapping[int, _Paid]:
        """By base: the hours above it."""
        first: dict[int, Ints] = {}
        year: dict[int, Ints] = {}
        for counts, alike in self._months():
            for base in bases:
                week: Ints = self._times @ np.maximum(counts - base, 0)
                first.setdefault(base, week)
                year[base] = year.get(base, 0) + week * alike
        return {base: _Paid(month=first[base], year=year[base]) for base in bases}

    def fixed_cost(self, row: CostRow) -> PolicyCost:
        """As many as the peak of the month needs, in all its hours: the row as it is."""
        months = [counts[-1] for counts, alike in self._months() for _ in range(alike)]
        year = np.sum(months, axis=0)
        return PolicyCost(
            policy=FleetPolicy.FIXED,
            price=row.price,
            week_hours=_times(row.instances, HOURS_PER_WEEK),
            monthly_cost=row.monthly_cost,
            year_cost=row.year_cost,
            expected_year=_expected(year * HOURS_PER_WEEK, row.price),
            drawn=months[0] * float(row.price.monthly),
        )


def _times(counts: Quantiles[int], factor: int) -> Quantiles[int]:
    return Quantiles(p10=counts.p10 * factor, p50=counts.p50 * factor, p90=counts.p90 * factor)


def _cost(
    policy: FleetPolicy, paid: _Paid, by_the_hour: Price, *, committed: Price | None = None, base: int = 0
) -> PolicyCost:
    month, year = count_quantiles(paid.month), count_quantiles(paid.year)
    kept = Money(amount=committed.monthly * base if committed else Decimal(0), currency=by_the_hour.currency)
    drawn = paid.month.astype(np.float64) * (float(by_the_hour.monthly) / HOURS_PER_WEEK) + float(kept.amount)
    return PolicyCost(
        policy=policy,
        price=by_the_hour,
        committed=committed,
        base=base,
        week_hours=month,
        monthly_cost=_money(month, by_the_hour, kept),
        year_cost=_money(year, by_the_hour, kept * MONTHS),
        expected_year=kept * MONTHS + _expected(paid.year, by_the_hour),
        drawn=drawn,
    )


def _money(hours: Quantiles[int], price: Price, kept: Money) -> MoneyQuantiles:
    return Quantiles(
        p10=kept + week_cost(hours.p10, price),
        p50=kept + week_cost(hours.p50, price),
        p90=kept + week_cost(hours.p90, price),
    )


def week_cost(instance_hours: int, price: Price) -> Money:
    """What the instance-hours of a week cost in a month: each hour of the week comes 730 / 168 times."""
    return Money(amount=price.monthly * instance_hours / HOURS_PER_WEEK, currency=price.currency)


def _expected(hours: Ints, price: Price) -> Money:
    total = Money(amount=price.monthly * int(hours.sum()), currency=price.currency)
    return Money(amount=total.amount / (HOURS_PER_WEEK * hours.size), currency=total.currency)
