"""Capacity on other hardware: what a request costs there, and what one instance carries within the objective."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import SMT_YIELD, CpuSpeed, HardwareProfile, Smt
from estimator.domain.performance.capacity import SLOT_USE, Capacity, ObjectiveTooStrict
from estimator.domain.statistics import Floats, Interval

# Contention between w workers: s(w) = 1 / (1 + sigma (w - 1)), log-uniform between the ends.
CONTENTION = Interval(low=0.001, mid=math.sqrt(0.001 * 0.02), high=0.02)
SYSTEM_MEMORY_MIB = 256.0  # kept for the operating system


class Basis(StrEnum):
    """What the speed of other hardware is taken from, best first."""

    CANARY = "canary"
    PUBLISHED = "published single-thread speed"
    VCPU = "one vCPU equals one core"

    __hash__ = str.__hash__  # in C, as for `Smt`


SIGMA_EPS = {Basis.CANARY: 0.07, Basis.PUBLISHED: 0.25, Basis.VCPU: 0.35}  # of ln eps, until residuals are our own


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnSigma:
    """The sigma of ln eps that our own comparisons of hosts tell; see `residuals`."""

    sigma: float
    comparisons: int


OwnSigmas = Mapping[Basis, OwnSigma]
NO_RESIDUALS: OwnSigmas = {}


class DoesNotFit(ValueError):
    """A stack that this hardware cannot carry; the message says why."""


class Carrying(NamedTuple):
    """How CPU time per request changes from host A to hardware B: D_B = D_A x speed_ratio x y_A / y_B x eps."""

    basis: Basis
    speed_ratio: float  # s_A / s_B
    smt_host: Smt
    smt_hardware: Smt
    own: OwnSigma | None = None  # None: the stated prior

    @property
    def sigma(self) -> float:
        """Of ln eps."""
        return SIGMA_EPS[self.basis] if self.own is None else self.own.sigma

    @property
    def doubt(self) -> str:
        """The sigma in words, with what it rests on."""
        if self.own is None:
            return f"sigma {self.sigma:g}"
        many = self.own.comparisons
        return f"sigma {self.sigma:.2g} from {many} comparison{'s' if many > 1 else ''} of our own hosts"

    @property
    def middle_ratio(self) -> float:
        """D_B / D_A with every uncertain part at its middle."""
        return self.speed_ratio * SMT_YIELD[self.smt_host].mid / SMT_YIELD[self.smt_hardware].mid

    @property
    def assumption(self) -> str:
        """One sentence to stand beside a cost."""
        if self.basis is Basis.VCPU:
            return f"one vCPU does the work of one core of the benchmark host ({self.doubt} on ln speed)"
        return f"speed from {self.basis.value}: {1 / self.middle_ratio:.2f} of the host per vCPU ({self.doubt})"


def carry(host: CpuSpeed, hardware: CpuSpeed, own: OwnSigmas = NO_RESIDUALS) -> Carrying:
    """The best basis both sides have: canary, else published speed, else one vCPU for one core.

    The SMT yield counts on both sides, so nothing is counted twice; it is left out where the canaries held it
    already, and where a vCPU is taken for a vCPU. `own` sigmas take the place of the stated ones.
    """
    return next(found for basis in Basis if (found := carry_by(basis, host, hardware, own)) is not None)


def carry_by(basis: Basis, host: CpuSpeed, hardware: CpuSpeed, own: OwnSigmas = NO_RESIDUALS) -> Carrying | None:
    """By one basis; None where a side does not have it."""
    speeds = _SPEED_OF[basis](host), _SPEED_OF[basis](hardware)
    if speeds[0] is None or speeds[1] is None:
        return None
    whole = basis is Basis.CANARY and host.canary_on_all_vcpus and hardware.canary_on_all_vcpus
    sides = (Smt.CORE, Smt.CORE) if whole or basis is Basis.VCPU else (host.smt, hardware.smt)
    ratio = speeds[0] / speeds[1]
    return Carrying(basis=basis, speed_ratio=ratio, smt_host=sides[0], smt_hardware=sides[1], own=own.get(basis))


_SPEED_OF: Mapping[Basis, Callable[[CpuSpeed], float | None]] = {
    Basis.CANARY: lambda cpu: cpu.canary or None,
    Basis.PUBLISHED: lambda cpu: cpu.single_thread or None,
    Basis.VCPU: lambda cpu: 1.0,
}


class Packing(NamedTuple):
    """How a stack sits on one instance: one worker per vCPU (as measured per core), fewer where memory is short."""

    cores: float  # vCPUs that have a worker
    workers: int
    memory_bound: bool
    network_rate: float | None  # responses/s the network carries; None is not checked
    sustained: float | None = None  # share of a vCPU that a burstable machine keeps up; None: all of it


def pack(capacity: Capacity, hardware: HardwareProfile, payload_bytes: int) -> Packing:
    """Workers on one instance. Raises DoesNotFit where not even one fits into the memory."""
    per_core = capacity.limits.workers / capacity.cores
    wanted = max(1, math.ceil(hardware.vcpus * per_core - 1e-9))
    workers = min(wanted, _workers_in_memory(capacity, hardware, wanted))
    if workers < 1:
        raise DoesNotFit(
            f"{capacity.label} needs {capacity.memory_per_worker_mib:,.0f} MiB per worker beside the"
            f" {SYSTEM_MEMORY_MIB:g} MiB of the system; this machine has less memory"
        )
    network = None
    if hardware.network_mbit_s and payload_bytes:
        network = hardware.network_mbit_s * 1e6 / 8 / payload_bytes
    return Packing(
        cores=min(hardware.vcpus, workers / per_core),
        workers=workers,
        memory_bound=workers < wanted,
        network_rate=network,
        sustained=hardware.sustained_share if hardware.burstable else None,
    )


def _workers_in_memory(capacity: Capacity, hardware: HardwareProfile, wanted: int) -> int:
    each_mib = capacity.memory_per_worker_mib
    if not each_mib:
        return wanted
    return int((hardware.memory_mib - SYSTEM_MEMORY_MIB) / each_mib)


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceCapacity:
    """What one instance carries with every uncertain input at its middle. Rates in requests/s, times in seconds."""

    service_demand_s: float  # D_B
    objective_host_ms: float  # what the measured host would have to keep for B to keep the objective
    knee: float  # u*_B
    sustained: float | None  # share of a vCPU that the machine keeps up; None: all of it
    contention: float  # s(w), relative to the measured workers
    response_s: float  # R_B
    slots: int | None
    cpu_rate: float
    slot_rate: float | None
    network_rate: float | None
    memory_bound: bool

    @property
    def utilisation(self) -> float:
        """Of a vCPU at the peak: the knee, or what a burstable machine sustains."""
        return self.knee if self.sustained is None else min(self.knee, self.sustained)

    @property
    def rate(self) -> float:
        """C_B: the least of all limits."""
        return min(rate for rate in (self.cpu_rate, self.slot_rate, self.network_rate) if rate is not None)

    @property
    def binding_constraint(self) -> str:
        """The limit that decides."""
        if self.network_rate is not None and self.network_rate == self.rate:
            return "network"
        if self.slot_rate is not None and self.slot_rate == self.rate:
            return "slots"
        if self.utilisation < self.knee:
            return "sustained CPU"
        return "memory" if self.memory_bound else "cpu"


def contention_factor(sigma: float, workers: int, measured_workers: int) -> float:
    """s(w) / s(w_A): the demand was measured with w_A workers and holds their contention already."""
    return (1 + sigma * (measured_workers - 1)) / (1 + sigma * (workers - 1))


def instance_capacity(
    capacity: Capacity, carrying: Carrying, packing: Packing, target: TrafficTarget
) -> InstanceCapacity:
    """C_B in the middle scenario. Raises ObjectiveTooStrict where the hardware is too slow for the objective."""
    demand_s = capacity.service_demand_s * carrying.middle_ratio
    objective_ms, knee = middle_knee(capacity, carrying, target.objective_ms)
    contention = contention_factor(CONTENTION.mid, packing.workers, capacity.limits.workers)
    response_s = demand_s + fixed_wait_s(capacity, target)
    each = capacity.limits.slots_per_worker
    slots = None if each is None else each * packing.workers
    return InstanceCapacity(
        service_demand_s=demand_s,
        objective_host_ms=objective_ms,
        knee=knee,
        contention=contention,
        response_s=response_s,
        slots=slots,
        sustained=packing.sustained,
        cpu_rate=min(knee, packing.sustained or 1.0) * packing.cores * contention / demand_s,
        slot_rate=None if slots is None else SLOT_USE * slots / response_s,
        network_rate=packing.network_rate,
        memory_bound=packing.memory_bound,
    )


def middle_knee(capacity: Capacity, carrying: Carrying, objective_ms: float) -> tuple[float, float]:
    """What the measured host would have to keep, in ms, and u* there, in the middle scenario.

    Raises ObjectiveTooStrict where the hardware is too slow for the objective.
    """
    on_host_ms = float(objective_on_host_ms(capacity, objective_ms, np.array(carrying.middle_ratio)))
    knee = capacity.curve.at(on_host_ms)
    if knee is None:
        raise _too_slow(capacity, objective_ms)
    return on_host_ms, knee


def objective_on_host_ms(capacity: Capacity, objective_ms: float, ratio: Floats) -> Floats:
    """T_A for T_B, with D_B = D_A x `ratio`: only what is not waiting takes another time, T_A = W + (T_B - W) / ratio.

    Never below a microsecond: an objective that the waiting alone exceeds is one that no host keeps.
    """
    waiting_ms = capacity.waiting_s * 1000
    on_host_ms: Floats = np.maximum(waiting_ms + (objective_ms - waiting_ms) / ratio, 0.001)
    return on_host_ms


def _too_slow(capacity: Capacity, objective_ms: float) -> ObjectiveTooStrict:
    """Where the measured host met the objective, only the machine is to blame."""
    capacity.knee(objective_ms)  # raises its own reason where the host missed it as well
    return ObjectiveTooStrict(
        f"{capacity.label}: too slow a machine for a p99 of {objective_ms:g} ms; choose a faster one or ask for less"
    )


def fixed_wait_s(capacity: Capacity, target: TrafficTarget) -> float:
    """What a request waits for, whatever the processor: W, and a round trip per statement."""
    return capacity.waiting_s + capacity.limits.queries * target.database_rtt_ms / 1000


def pooler_warning(capacity: Capacity, packing: Packing, instances: int, target: TrafficTarget) -> str | None:
    """Why the fleet needs a connection pooler; None where its connections fit."""
    pool = capacity.limits.pool_per_worker
    if pool is None:
        return None
    connections = instances * packing.workers * pool
    allowed = target.database_connections - target.database_connections_reserved
    if connections <= allowed:
        return None
    return f"needs a pooler: {connections:,} connections, the database allows {allowed:,}"
