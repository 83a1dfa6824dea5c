"""Draws of the load that traffic puts on a machine: what all stacks share in a draw, and each stack's own."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from estimator.domain.cost.months import growth_of
from estimator.domain.cost.sizing import (
    CONTENTION,
    NO_RESIDUALS,
    Carrying,
    OwnSigmas,
    Packing,
    carry,
    fixed_wait_s,
    middle_knee,
    objective_on_host_ms,
)
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import SMT_YIELD, CpuSpeed, HardwareProfile, Smt
from estimator.domain.performance.capacity import SLOT_USE, Capacity, CapacityDraws
from estimator.domain.statistics import Floats


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
        host, hardware = self._ln_yields
        ln_speed = math.log(carrying.speed_ratio) + carrying.sigma * self.eps
        return ln_speed + host[carrying.smt_host] - hardware[carrying.smt_hardware]

    @cached_property
    def _ln_yields(self) -> tuple[dict[Smt, Floats], dict[Smt, Floats]]:
        """ln y by kind of vCPU: of the measured host, and of the hardware."""
        host, hardware = (
            {smt: np.log(interval.uniform(shares)) for smt, interval in SMT_YIELD.items()}
            for shares in (self.host_yield, self.hardware_yield)
        )
        return host, hardware


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
        self._fast_enough: set[Carrying] = set()

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
        load = self._crowded(packing.workers) / packing.cores
        load *= cores  # in place, here and below: fresh memory takes longer than the arithmetic
        if self.capacity.limits.workers > 1:
            load /= self._crowded(self.capacity.limits.workers)
        slots = self.capacity.limits.slots_per_worker
        if slots is not None:
            response_s = demand_s + fixed_wait_s(self.capacity, self.target)
            np.maximum(load, self._peak * response_s / (SLOT_USE * slots * packing.workers), out=load)
        if packing.network_rate is not None:
            np.maximum(load, self._peak / packing.network_rate, out=load)
        return load

    def refuse_too_slow(self, carrying: Carrying) -> None:
        """Raises ObjectiveTooStrict where such a machine cannot keep the objective in the middle scenario."""
        if carrying not in self._fast_enough:
            middle_knee(self.capacity, carrying, self.target.objective_ms)
            self._fast_enough.add(carrying)

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
