"""Targets with a shape, fleets planned through its hours, and the prices of one machine."""

import math
from collections.abc import Sequence
from decimal import Decimal

from estimator.domain.cost.costing import CostRow, size_fleet
from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.hourly import HourlyFleet, PolicyCost, plan_hours
from estimator.domain.cost.loads import SharedDraws, StackLoad
from estimator.domain.cost.pricing import Price
from estimator.domain.cost.shape import TrafficShape
from estimator.domain.cost.sizing import carry, pack
from estimator.domain.cost.traffic import FleetPolicy, Redundancy, TrafficTarget
from estimator.domain.statistics import Interval
from tests.domain.cases import candidate, capacity_of, price

DRAWS, SEED = 60, 5
EVENINGS = TrafficShape.of([1 + 0.8 * math.sin(hour / 24 * math.tau) for hour in range(168)], name="evenings")
FLAT = TrafficShape.of([1.0] * 168, name="flat")
ON_DEMAND, ONE_YEAR, SPOT = price("0.05"), price("0.03", term="reserved_1y"), price("0.015", term="spot")
PRICES = (ON_DEMAND, ONE_YEAR)


def shaped(
    shape: TrafficShape = EVENINGS,
    *,
    per_day: float = 3e8,
    growth: Interval | float = 0.0,
    redundancy: Redundancy | None = None,
    **fields: object,
) -> TrafficTarget:
    """A target that several instances carry."""
    grows = growth if isinstance(growth, Interval) else Interval.exact(growth)
    return TrafficTarget(
        requests_per_day=Decimal(per_day),
        shape=shape,
        growth_per_month=grows,
        redundancy=redundancy or Redundancy(),
        **fields,  # type: ignore[arg-type]
    )


def load_and_row(target: TrafficTarget, asked: Price = ON_DEMAND, *, draws: int = DRAWS) -> tuple[StackLoad, CostRow]:
    """The draws of one stack, and its row on one machine at the price asked for."""
    capacity, machine = capacity_of(blocks=5), candidate().hardware
    stack = StackLoad(capacity, target, SharedDraws.of(target, count=draws, seed=SEED), seed=SEED)
    kind = carry(capacity.host, machine.speed), pack(capacity, machine, target.payload_bytes)
    fleet = size_fleet(stack, FleetRule.of(target.redundancy), *kind)
    return stack, CostRow(fleet=fleet, hardware=machine, price=asked)


def planned(
    target: TrafficTarget, prices: Sequence[Price] = PRICES, asked: Price = ON_DEMAND, *, draws: int = DRAWS
) -> HourlyFleet:
    """The fleet of one stack on one machine through the week."""
    return plan_hours(*load_and_row(target, asked, draws=draws), prices)


def cost_of(fleet: HourlyFleet, policy: FleetPolicy) -> PolicyCost:
    """The first of that policy."""
    return next(cost for cost in fleet.costs if cost.policy is policy)
