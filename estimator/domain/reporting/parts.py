"""The twelve months of a row, part by part: exact amounts that add up to the year without a remainder."""

from dataclasses import dataclass
from decimal import Decimal

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.pricing import HOURS_PER_MONTH, MoneyQuantiles
from estimator.domain.statistics import Quantiles


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthCost:
    """One month of a fleet; `cost` is exact."""

    month: int  # 1 is the month for which the traffic was stated
    requests_per_day: Decimal
    instances: Quantiles[int]
    cost: MoneyQuantiles


def month_costs(row: CostRow) -> tuple[MonthCost, ...]:
    """Months 1 to 12, their traffic at the usual growth. With growth known they add up to the row's year exactly."""
    return tuple(_month(row, month, counts) for month, counts in enumerate(row.fleet.year.months, start=1))


def _month(row: CostRow, month: int, counts: Quantiles[int]) -> MonthCost:
    target, cost = row.fleet.target, row.price.monthly_cost
    return MonthCost(
        month=month,
        requests_per_day=target.requests_per_day * Decimal(str(target.growth_factor(month))),
        instances=counts,
        cost=Quantiles(p10=cost(counts.p10), p50=cost(counts.p50), p90=cost(counts.p90)),
    )


def upfront_share(row: CostRow) -> Decimal:
    """What one instance adds to a month beside its hours: its upfront payment spread over the term."""
    return row.price.monthly - row.price.hourly * HOURS_PER_MONTH
