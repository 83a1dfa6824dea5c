"""Draws of the load that traffic puts on a fleet, and the rows of cost made from their quantiles.

For a fixed machine, instances and cost never fall when the load rises. So a quantile of the cost is the cost at the
same quantile of the load: the draws are sorted out once per kind of machine, and every price and traffic follows
from three numbers, exactly as if each draw had been priced.
"""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import numpy as np

from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.months import Year, drawn_year, growth_of, known_year, mapped
from estimator.domain.cost.pricing import Money, MoneyQuantiles, Price
from estimator.domain.cost.sizing import (
    CONTENTION,
    NO_RESIDUALS,
    Carrying,
    InstanceCapacity,
    OwnSigmas,
    Packing,
    carry,
    fixed_wait_s,
    instance_capacity,
    objective_on_host_ms,
    pooler_warning,
)
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import SMT_YIELD, CpuSpeed, HardwareProfile
from estimator.domain.performance.capacity import SLOT_USE, Capacity, CapacityDraws
from estimator.domain.statistics import Floats, Quantiles, quantiles

DRAWS = 10_000


@dataclass(frozen=True, kw_only=True)
class SharedDraws:
    """What all stacks share in a draw, so that it cancels when they are compared; arrays of one length."""

    eps: Floats  # standard normals, of ln speed
    peak: Floats  # peak/mean, at least 1
    host_yield: Floats  # shares in 0..1 of the SMT yield's range
    hardware_yield: Floats
    contention: Floats
    growth: Floats | None  # share per month; None where it is not in doubt

    @classmethod
    def of(cls, target: TrafficTarget, *, count: int, seed: int) -> "SharedDraws":
        """The draws of a target; bit for bit the same for a seed."""
        rng = np.random.default_rng([seed, 0])
        eps, peak, growth = rng.standard_normal((3, count))
        host_yield, hardware_yield, contention = rng.random((3, count))
        ln_low, ln_high = math.log(CONTENTION.low), math.log(CONTENTION.high)
        return cls(
            eps=eps,
            peak=np.maximum(1.0, target.peak.lognormal(peak)),
            host_yield=host_yield,
            hardware_yield=hardware_yield,
            contention=np.exp(ln_low + contention * (ln_high - ln_low)),
            growth=growth_of(target, growth),
        )

    def ln_ratio(self, carrying: Carrying) -> Floats:
        """ln(D_B / D_A) of each draw."""
        host = np.log(SMT_YIELD[carrying.smt_host].uniform(self.host_yield))
        hardware = np.log(SMT_YIELD[carrying.smt_hardware].uniform(self.hardware_yield))
        return math.log(carrying.speed_ratio) + carrying.sigma * self.eps + host - hardware


class StackLoad:
    """One stack's load in instances per request/s of mean rate, drawn for any machine; remembers what it computed."""

    def __init__(
        self,
        capacity: Capacity,
        target: TrafficTarget,
        shared: SharedDraws,
        *,
        seed: int = 0,
        draws: CapacityDraws | None = None,
        own: OwnSigmas = NO_RESIDUALS,
    ) -> None:
        """Draw the capacity once, unless draws are given. `own` sigmas of speed take the place of the stated ones."""
        self.capacity, self.target, self.shared, self.own = capacity, target, shared, own
        self.draws = draws or capacity.draws(shared.eps.size, seed=seed)
        self._peak = shared.peak * (1 + target.headroom)
        self._work: dict[Carrying, tuple[Floats, Floats]] = {}
        self._crowding: dict[int, Floats] = {}
        self._carrying: dict[CpuSpeed, Carrying] = {}

    def carrying(self, hardware: HardwareProfile) -> Carrying:
        """From the measured host to a machine."""
        found = self._carrying.get(hardware.speed)
        if found is None:
            found = self._carrying[hardware.speed] = carry(self.capacity.host, hardware.speed, self.own)
        return found

    def loads(self, carrying: Carrying, packing: Packing) -> Floats:
        """Instances' worth of load per request/s of mean rate, at the peak and with headroom, for each draw."""
        demand_s, cores = self._work_on(carrying)
        if packing.sustained is not None:  # busier than that over the peak it would be slowed down
            cores = np.maximum(cores, self._peak * demand_s / packing.sustained)
        load = cores * (self._crowded(packing.workers) / packing.cores)
        if self.capacity.limits.workers > 1:
            load /= self._crowded(self.capacity.limits.workers)
        slots = self.capacity.limits.slots_per_worker
        if slots is not None:
            response_s = demand_s + fixed_wait_s(self.capacity, self.target)
            np.maximum(load, self._peak * response_s / (SLOT_USE * slots * packing.workers), out=load)
        if packing.network_rate is not None:
            np.maximum(load, self._peak / packing.network_rate, out=load)
        return load

    def demand_s(self, carrying: Carrying) -> Floats:
        """CPU-seconds per request there, of each draw."""
        return self._work_on(carrying)[0]

    def forget(self) -> None:
        """Drop what was computed for machines; the draws stay, so it can be computed again."""
        self._work.clear()
        self._crowding.clear()

    def _crowded(self, workers: int) -> Floats:
        """1 / s(w) of each draw: by how much more work each worker makes the others' longer."""
        if workers not in self._crowding:
            self._crowding[workers] = 1 + self.shared.contention * (workers - 1)
        return self._crowding[workers]

    def _work_on(self, carrying: Carrying) -> tuple[Floats, Floats]:
        """CPU-seconds per request there, and busy cores needed per request/s of mean rate at the knee."""
        if carrying not in self._work:
            ratio = np.exp(self.shared.ln_ratio(carrying))
            demand_s = self.draws.service_demand_s * ratio
            knee = self.draws.knee(np.log(objective_on_host_ms(self.capacity, self.target.objective_ms, ratio)))
            self._work[carrying] = demand_s, self._peak * demand_s / knee
        return self._work[carrying]


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """One stack on one kind of machine: all that does not depend on the price."""

    capacity: Capacity
    target: TrafficTarget
    rule: FleetRule
    carrying: Carrying
    packing: Packing
    middle: InstanceCapacity  # every uncertain input at its middle
    load: Quantiles[float]  # instances' worth of load per request/s of mean rate
    instances: Quantiles[int]
    stack: StackLoad = field(repr=False, compare=False)  # the draws, for what is only worked out where it is shown

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
    middle = instance_capacity(stack.capacity, carrying, packing, target)
    load = quantiles(stack.loads(carrying, packing))
    return Fleet(
        capacity=stack.capacity,
        target=target,
        rule=rule,
        carrying=carrying,
        packing=packing,
        middle=middle,
        load=load,
        instances=mapped(rule, load, target.mean_rate),
        stack=stack,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class CostRow:
    """What one stack costs on one machine at one price. Everything shown of it is a property; nothing is rounded."""

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
