"""Containers: the same measurements on a provider's grid of vCPUs and memory, priced by vCPU-hour and GiB-hour."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from estimator.domain.cost.costing import CostRow, Fleet, size_fleet
from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.loads import StackLoad
from estimator.domain.cost.pricing import Money, MoneyQuantiles, Price
from estimator.domain.cost.sizing import NO_RESIDUALS, Basis, Carrying, DoesNotFit, OwnSigmas, Packing
from estimator.domain.cost.tariffs import MIB_PER_GIB, ContainerSize, ContainerTariff
from estimator.domain.hardware import HardwareProfile, Smt
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict
from estimator.domain.statistics import Quantiles

Fleets = dict[tuple[Carrying, Packing], Fleet]


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerRow:
    """What one stack costs in containers of one size. Everything shown of it is a property; nothing is rounded."""

    fleet: Fleet
    tariff: ContainerTariff
    size: ContainerSize

    @property
    def stack(self) -> str:
        """The stack's slug."""
        return self.fleet.capacity.stack

    @property
    def label(self) -> str:
        """What runs where: the service and the size."""
        return f"{self.tariff.label} {self.size.label}"

    @property
    def containers(self) -> Quantiles[int]:
        """Containers in month 1."""
        return self.fleet.instances

    @property
    def monthly_cost(self) -> MoneyQuantiles:
        """The bill of month 1."""
        counts = self.containers
        return Quantiles(p10=self.cost_of(counts.p10), p50=self.cost_of(counts.p50), p90=self.cost_of(counts.p90))

    def cost_of(self, containers: int) -> Money:
        """A month of that many containers: the sum of its parts, exactly."""
        vcpus, memory, requests = self.parts(containers)
        return vcpus + memory + requests

    def parts(self, containers: int) -> tuple[Money, Money, Money]:
        """vCPU-hours, GiB-hours and requests of a month."""
        tariff = self.tariff
        return (
            tariff.vcpu_month(self.size, containers),
            tariff.memory_month(self.size, containers),
            tariff.requests_month(self.fleet.target.requests_per_month),
        )

    @property
    def as_instances(self) -> CostRow:
        """The same fleet as if one container were a machine at an hourly price; requests that cost are not in it."""
        tariff, size = self.tariff, self.size
        machine = HardwareProfile(
            provider=tariff.provider,
            name=f"{tariff.name} {size.label}",
            vcpus=math.ceil(size.vcpus),
            memory_mib=float(size.memory_gib) * MIB_PER_GIB,
        )
        price = Price(
            region=tariff.region,
            hourly=tariff.hourly(size),
            currency=tariff.currency,
            source=tariff.origin.source,
            as_of=tariff.origin.as_of,
            licence=tariff.origin.licence,
        )
        return CostRow(fleet=self.fleet, hardware=machine, price=price)

    @property
    def cost_per_million_requests(self) -> Money:
        """The P50 bill of month 1 over its requests."""
        millions = self.fleet.target.requests_per_month / 1_000_000
        return Money(amount=self.monthly_cost.p50.amount / millions, currency=self.tariff.currency)

    @property
    def binding_constraint(self) -> str:
        """What decides the number of containers."""
        return self.fleet.binding_constraint

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What stands beside the cost because nobody measured it."""
        if self.size.vcpus >= 1:
            return self.fleet.assumptions
        share = f"{self.size.vcpus.normalize():f} of a vCPU works as a processor of {self.size.vcpus:.0%} of its speed"
        return (*self.fleet.assumptions, share)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Labels that stand beside the cost on every surface."""
        disputed = (f"disputed price: {self.tariff.origin.disputed}",) if self.tariff.origin.disputed else ()
        return (*self.fleet.warnings, *disputed)


def container_row(stack: StackLoad, tariff: ContainerTariff, fleets: Fleets) -> ContainerRow:
    """The size with the lowest P50 bill, then P90. Raises DoesNotFit or ObjectiveTooStrict where none can.

    `fleets` remembers what was sized, for other tariffs of the same stack.
    """
    rows: list[ContainerRow] = []
    refusal: DoesNotFit | ObjectiveTooStrict | None = None
    for size in _useful(stack.capacity, tariff.sizes):
        try:
            rows.append(ContainerRow(fleet=_fleet(stack, size, fleets), tariff=tariff, size=size))
        except (DoesNotFit, ObjectiveTooStrict) as why:
            refusal = why
    if not rows:
        raise refusal or DoesNotFit(f"{tariff.label} lists no size; enter some.")
    return min(rows, key=_by_cost)


def _by_cost(row: ContainerRow) -> tuple[Decimal, Decimal, ContainerSize]:
    """Of sizes with the same middle bill the one whose bill surprises least."""
    cost = row.monthly_cost
    return cost.p50.amount, cost.p90.amount, row.size


def _fleet(stack: StackLoad, size: ContainerSize, fleets: Fleets) -> Fleet:
    kind = carry_share(size.vcpus, stack.own), pack_container(stack.capacity, size)
    if kind not in fleets:
        fleets[kind] = size_fleet(stack, FleetRule.of(stack.target.redundancy), *kind)
    return fleets[kind]


def _useful(capacity: Capacity, sizes: Iterable[ContainerSize]) -> Iterator[ContainerSize]:
    """Of each count of vCPUs the least memory that holds all workers, else the most: more memory only costs more."""
    for _, own in groupby(sorted(sizes), key=lambda size: size.vcpus):
        rising = list(own)
        yield next((size for size in rising if _holds_all(capacity, size)), rising[-1])


def _holds_all(capacity: Capacity, size: ContainerSize) -> bool:
    each_mib = capacity.memory_per_worker_mib
    return each_mib is None or _wanted(capacity, size) * each_mib <= float(size.memory_gib) * MIB_PER_GIB


def carry_share(vcpus: Decimal, own: OwnSigmas = NO_RESIDUALS) -> Carrying:
    """A vCPU of a container is taken for a core of the host; a share of one for a processor that is slower by it."""
    return Carrying(
        basis=Basis.VCPU,
        speed_ratio=1 / min(1.0, float(vcpus)),
        smt_host=Smt.CORE,
        smt_hardware=Smt.CORE,
        own=own.get(Basis.VCPU),
    )


def pack_container(capacity: Capacity, size: ContainerSize) -> Packing:
    """Workers in one container, whose memory holds no system. Raises DoesNotFit where not even one fits."""
    wanted, each_mib = _wanted(capacity, size), capacity.memory_per_worker_mib
    workers = min(wanted, int(float(size.memory_gib) * MIB_PER_GIB / each_mib)) if each_mib else wanted
    if workers < 1:
        raise DoesNotFit(f"{capacity.label} needs {each_mib:,.0f} MiB per worker; this container has less memory")
    per_core = capacity.limits.workers / capacity.cores
    return Packing(
        cores=min(max(1.0, float(size.vcpus)), workers / per_core),
        workers=workers,
        memory_bound=workers < wanted,
        network_rate=None,
    )


def _wanted(capacity: Capacity, size: ContainerSize) -> int:
    per_core = capacity.limits.workers / capacity.cores
    return max(1, math.ceil(max(1.0, float(size.vcpus)) * per_core - 1e-9))
