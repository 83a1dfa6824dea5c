"""All machines one stack could be rented on: the cheapest at any traffic, and the traffic a budget carries."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.pricing import Money, MoneyQuantiles
from estimator.domain.cost.traffic import SECONDS_PER_DAY
from estimator.domain.statistics import Floats, Quantiles


@dataclass(frozen=True, kw_only=True, slots=True)
class PricedFleet:
    """The fleet to rent at some traffic."""

    row: CostRow
    requests_per_day: Decimal
    instances: Quantiles[int]

    @property
    def monthly_cost(self) -> MoneyQuantiles:
        """The bill at that traffic."""
        cost = self.row.price.monthly_cost
        return Quantiles(p10=cost(self.instances.p10), p50=cost(self.instances.p50), p90=cost(self.instances.p90))

    @property
    def p50(self) -> Money:
        """The middle of the bill."""
        return self.row.price.monthly_cost(self.instances.p50)


class StackOptions:
    """The rows of one stack in one term, as arrays: float prices only choose, the choice is priced in Decimal."""

    def __init__(self, rows: Iterable[CostRow]) -> None:
        """At least one row."""
        self.rows = list(rows)
        self.rule: FleetRule = self.rows[0].fleet.rule
        self.stack, self.label = self.rows[0].stack, self.rows[0].label
        self._loads: Floats = np.array([row.fleet.load.p50 for row in self.rows])
        self._prices: Floats = np.array([row.price.monthly_to_choose for row in self.rows])

    def cheapest(self, requests_per_day: Decimal | float) -> PricedFleet:
        """The row with the lowest P50 bill at a traffic, of equal ones the first by price and name; its fleet there."""
        mean_rate = float(requests_per_day) / SECONDS_PER_DAY
        costs = self.rule.instances_of(mean_rate * self._loads) * self._prices
        lowest = np.flatnonzero(costs == costs.min())  # cheaper than to sort thousands of rows beforehand
        row = min((self.rows[index] for index in lowest), key=_by_price_and_name)
        return PricedFleet(
            row=row, requests_per_day=Decimal(requests_per_day), instances=row.fleet.instances_at(mean_rate)
        )

    def greatest_traffic(self, budget: Money) -> float:
        """The most requests per day that a monthly budget carries (P50)."""
        affordable = np.floor(float(budget.amount) / self._prices + 1e-9).astype(np.int64)
        loads = np.where(
            affordable >= self.rule.floor,
            (affordable - self.rule.spares) // self.rule.step * self.rule.share,
            0,
        )
        return float((loads / self._loads).max()) * SECONDS_PER_DAY


def _by_price_and_name(row: CostRow) -> tuple[Decimal, str, str]:
    return row.price.monthly, row.hardware.label, row.price.region
