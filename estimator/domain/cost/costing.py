"""A stack's fleet on a kind of machine, and the rows of cost made from the quantiles of its load.

For a fixed machine, instances and cost never fall when the load rises. So a quantile of the cost is the cost at the
same quantile of the load: the draws are sorted out once per kind of machine, and every price and traffic follows
from three numbers, exactly as if each draw had been priced.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.loads import StackLoad
from estimator.domain.cost.months import Year, drawn_year, known_year, mapped
from estimator.domain.cost.pricing import Money, MoneyQuantiles, Price
from estimator.domain.cost.sizing import Carrying, InstanceCapacity, Packing, instance_capacity, pooler_warning
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import HardwareProfile
from estimator.domain.performance.capacity import Capacity
from estimator.domain.statistics import Quantiles, quantiles

DRAWS = 10_000


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """One stack on one kind of machine: all that does not depend on the price."""

    capacity: Capacity
    target: TrafficTarget
    rule: FleetRule
    carrying: Carrying
    packing: Packing
    load: Quantiles[float]  # instances' worth of load per request/s of mean rate
    instances: Quantiles[int]
    stack: StackLoad = field(repr=False, compare=False)  # the draws, for what is only worked out where it is shown

    @cached_property
    def middle(self) -> InstanceCapacity:
        """One instance, with every uncertain input at its middle."""
        return instance_capacity(self.capacity, self.carrying, self.packing, self.target)

    @cached_property
    def year(self) -> Year:
        """Twelve months; with growth in doubt each draw has its own, and month 1 is the same."""
        growth = self.stack.shared.growth
        if growth is None:
            return known_year(self.rule, self.target, self.load)
        return drawn_year(self.rule, self.target, self.stack.loads(self.carrying, self.packing), growth)

    @property
    def instances_month_12(self) -> Quantiles[int]:
        """Instances in the last month."""
        return self.year.months[-1]

    @property
    def instance_months(self) -> Quantiles[int]:
        """Over the year."""
        return self.year.total

    def instances_at(self, mean_rate: float) -> Quantiles[int]:
        """The same fleet at another mean rate (requests/s)."""
        return mapped(self.rule, self.load, mean_rate)

    @property
    def binding_constraint(self) -> str:
        """What decides the number of instances."""
        return self.floor_name or self.middle.binding_constraint

    @property
    def floor_name(self) -> str | None:
        """The redundancy rule that decides it; None where the load does."""
        return self.rule.floor_name(self.load.p50 * self.target.mean_rate)

    @property
    def headroom(self) -> float:
        """By which factor the traffic may grow before the fleet does."""
        return self.rule.greatest_load(self.instances.p50) / (self.load.p50 * self.target.mean_rate)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What stands beside the cost because nobody measured it."""
        return (self.carrying.assumption,)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Labels of the measurement, and of this fleet."""
        pooler = pooler_warning(self.capacity, self.packing, self.instances.p50, self.target)
        beyond = []
        if self.capacity.curve.is_beyond(self.middle.objective_host_ms):
            beyond.append("the objective is looser than every p99 measured: utilisation taken as measured, or 0.95")
        return (*self.capacity.warnings, *beyond, *([pooler] if pooler else []))


def size_fleet(stack: StackLoad, rule: FleetRule, carrying: Carrying, packing: Packing) -> Fleet:
    """Quantiles of the fleet for one kind of machine. Raises ObjectiveTooStrict where it cannot meet the objective."""
    target = stack.target
    stack.refuse_too_slow(carrying)
    load = quantiles(stack.loads(carrying, packing))
    return Fleet(
        capacity=stack.capacity,
        target=target,
        rule=rule,
        carrying=carrying,
        packing=packing,
        load=load,
        instances=mapped(rule, load, target.mean_rate),
        stack=stack,
    )


class CostRow(NamedTuple):
    """What one stack costs on one machine at one price. Everything shown of it is a property; nothing is rounded.

    A tuple, because a projection makes one for each of thousands of prices and shows a few.
    """

    fleet: Fleet
    hardware: HardwareProfile
    price: Price

    @property
    def stack(self) -> str:
        """The stack's slug."""
        return self.fleet.capacity.stack

    @property
    def label(self) -> str:
        """What people call the stack."""
        return self.fleet.capacity.label

    @property
    def run(self) -> str:
        """The run it was measured in."""
        return self.fleet.capacity.run

    @property
    def instances(self) -> Quantiles[int]:
        """Instances in month 1."""
        return self.fleet.instances

    @property
    def monthly_cost(self) -> MoneyQuantiles:
        """The bill of month 1."""
        return self._cost_of(self.fleet.instances)

    @property
    def year_cost(self) -> MoneyQuantiles:
        """The bill of twelve months, with growth."""
        return self._cost_of(self.fleet.instance_months)

    @property
    def cost_per_million_requests(self) -> Money:
        """The P50 bill of month 1 over its requests."""
        millions = self.fleet.target.requests_per_month / 1_000_000
        return Money(amount=self.price.monthly * self.instances.p50 / millions, currency=self.price.currency)

    @property
    def binding_constraint(self) -> str:
        """What decides the number of instances."""
        return self.fleet.binding_constraint

    @property
    def headroom(self) -> float:
        """By which factor the traffic may grow before the fleet does."""
        return self.fleet.headroom

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What stands beside the cost because nobody measured it."""
        return self.fleet.assumptions

    @property
    def warnings(self) -> tuple[str, ...]:
        """Labels that stand beside the cost on every surface."""
        disputed = (f"disputed price: {self.price.disputed}",) if self.price.disputed else ()
        return (*self.fleet.warnings, *disputed)

    @property
    def sort_key(self) -> tuple[Decimal, str, str]:
        """Cheapest first, then by name: the same order on every surface."""
        return self.price.monthly * self.instances.p50, self.hardware.label, self.price.region

    def _cost_of(self, counts: Quantiles[int]) -> MoneyQuantiles:
        cost = self.price.monthly_cost
        return Quantiles(p10=cost(counts.p10), p50=cost(counts.p50), p90=cost(counts.p90))
