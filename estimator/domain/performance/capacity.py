"""What one stack can carry: service demand, knee and the capacity within a latency objective, with its draws."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from estimator.domain.hardware import CpuSpeed
from estimator.domain.measuring.workload import STATEMENTS
from estimator.domain.performance.knee import KneeCurve
from estimator.domain.performance.memory import MemoryUse
from estimator.domain.statistics import Floats, interval_of

FEWEST_BLOCKS = 3  # with fewer, the spread between blocks is not known
SIGMA_FEW_BLOCKS = 0.15  # on ln C, per stack: a stated prior
DISTURBED_WIDENING = 1.5
SIGMA_PER_SLOWNESS = 2.0
REPLICATES = 2_000  # draws of the blocks; more draws repeat them with other speeds and peaks
SLOT_USE = 0.8  # of the places where requests can wait at once


class ObjectiveTooStrict(ValueError):
    """No measured utilisation met the objective; nothing can be promised for it."""


@dataclass(frozen=True, kw_only=True)
class ServingLimits:
    """What bounds a stack beside its CPU, from its settings. None is no bound (an event loop, no pool)."""

    workers: int = 1  # processes that ran on the measured cores
    threads_per_worker: int | None = None
    pool_per_worker: int | None = None  # database connections
    pool_held: bool = False  # a request keeps its connection while it waits
    queries: int = 0  # statements per request, each with one round trip

    @property
    def slots_per_worker(self) -> int | None:
        """How many requests one worker can hold at once; None for an event loop."""
        bounds = [self.threads_per_worker, self.pool_per_worker if self.pool_held else None]
        return min((bound for bound in bounds if bound is not None), default=None)


def serving_limits(settings: Mapping[str, str | int | bool], *, workload: str) -> ServingLimits:
    """What bounds a stack beside its CPU, from its manifest's settings.

    A request that sends statements waits for nothing but the database, so it keeps its connection while it waits; one
    that sends none (`upstream`, `stream`) keeps none. Threads beside an event loop bound nothing: what waits, waits in
    the loop.
    """
    threads, pool, statements = settings.get("threads"), settings.get("pool_size"), STATEMENTS.get(workload, 0)
    only_threads = isinstance(threads, int) and settings.get("event_loop", "none") == "none"
    return ServingLimits(
        workers=int(settings.get("workers", 1)),
        threads_per_worker=int(threads or 0) if only_threads else None,
        pool_per_worker=pool if isinstance(pool, int) else None,
        pool_held=statements > 0,
        queries=statements,
    )


@dataclass(frozen=True, kw_only=True)
class BlockDemand:
    """CPU-seconds per request in one block, of the app and of its database."""

    block: int
    service_demand_s: float
    database_demand_s: float


@dataclass(frozen=True, kw_only=True)
class RefusedStack:
    """A stack that gets no cost, only the reasons."""

    stack: str
    workload: str
    run: str = ""
    title: str = ""
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or self.stack


@dataclass(frozen=True, kw_only=True)
class CapacityDraws:
    """Seeded draws of one capacity: service demand in CPU-seconds per request, and the knee at any objective."""

    service_demand_s: Floats
    curve: KneeCurve
    knees: Floats | None  # by replicate and objective; None: too few blocks, the prior on D covers the knee

    def knee(self, log_objectives: Floats) -> Floats:
        """The knee of each draw at its own objective (ln ms)."""
        if self.knees is None:
            return self.curve.draw_fixed(log_objectives)
        replicate = np.resize(np.arange(self.knees.shape[0]), log_objectives.size)
        return self.curve.draw(self.knees, replicate, log_objectives)

    def rates(self, objective_ms: float, cores: int) -> Floats:
        """C = u* x cores / D of each draw, on the measured host."""
        objectives = np.full(self.service_demand_s.size, math.log(objective_ms))
        return self.knee(objectives) * cores / self.service_demand_s


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What one stack can carry of one workload, on the host it was measured on."""

    stack: str
    workload: str
    run: str = ""
    title: str = ""
    objective_ms: float  # of the run
    cores: int = 1
    limits: ServingLimits = field(default_factory=ServingLimits)
    host: CpuSpeed = field(default_factory=CpuSpeed)
    blocks: tuple[BlockDemand, ...]
    curve: KneeCurve
    waiting_s: float = 0.0  # part of a request's time that no CPU of the app is used
    saturation_rate: float | None = None  # X_sat
    saturation_demand_s: float | None = None  # D_sat
    memory_p95_mib: float | None = None  # all workers together, under load
    memory: MemoryUse = field(default_factory=MemoryUse)
    cold_start_s: float | None = None  # the median
    cold_starts_s: tuple[float, ...] = ()  # of each block: every one is a fresh process
    cpu_bound: bool = True
    disturbed: bool = False
    slowness: float = 0.0  # -ln of the canary's speed in windows that stayed void for it, on average
    warnings: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or self.stack

    @cached_property
    def service_demand_s(self) -> float:
        """D: the geometric mean of the blocks, in CPU-seconds per request."""
        return math.exp(float(np.mean([math.log(block.service_demand_s) for block in self.blocks])))

    @property
    def database_demand_s(self) -> float:
        """D_db: the database's CPU-seconds per request."""
        return float(np.mean([block.database_demand_s for block in self.blocks]))

    @property
    def is_prior(self) -> bool:
        """Whether its spread is the stated prior, because too few blocks tell none."""
        return len(self.blocks) < FEWEST_BLOCKS

    @property
    def sigma_prior(self) -> float | None:
        """The prior's sigma on ln C, widened where the host was disturbed; None where blocks tell the spread.

        By what the canary lost, too: D then grows by up to the square of it (docs/decisions/0009-window-canary.md).
        """
        widened = math.hypot(SIGMA_FEW_BLOCKS * self._widening, SIGMA_PER_SLOWNESS * self.slowness)
        return widened if self.is_prior else None

    @property
    def memory_per_worker_mib(self) -> float | None:
        """Each worker's share of the memory under load."""
        return None if self.memory_p95_mib is None else self.memory_p95_mib / self.limits.workers

    def knee(self, objective_ms: float) -> float:
        """u*: the highest utilisation at which p99 stays within the objective. Raises ObjectiveTooStrict."""
        knee = self.curve.at(objective_ms)
        if knee is None:
            raise ObjectiveTooStrict(
                f"{self.label}: the lowest p99 measured was {self.curve.lowest_ms:.3g} ms,"
                f" so nothing is known at {objective_ms:.3g} ms; ask for a higher objective or measure lower rates."
            )
        return knee

    def cpu_rate(self, objective_ms: float) -> float:
        """C = u* x cores / D, in requests/s on the measured host. Raises ObjectiveTooStrict."""
        return self.knee(objective_ms) * self.cores / self.service_demand_s

    def rate(self, objective_ms: float) -> float:
        """The lesser of the CPU's capacity and the slot law's (Little: slots in use = rate x response time)."""
        cpu = self.cpu_rate(objective_ms)
        return cpu if self.slot_rate is None else min(cpu, self.slot_rate)

    @property
    def slot_rate(self) -> float | None:
        """Requests/s that its places to wait carry on the measured host; None where nothing bounds them."""
        slots = self.limits.slots_per_worker
        if slots is None:
            return None
        return SLOT_USE * slots * self.limits.workers / (self.service_demand_s + self.waiting_s)

    def interval(
        self, objective_ms: float, *, level: float = 0.8, seed: int = 0, count: int = 10_000
    ) -> tuple[float, float]:
        """The two-sided interval of `rate` that holds `level` of the draws, in requests/s."""
        draws = self.draws(count, seed=seed)
        rates = draws.rates(objective_ms, self.cores)
        slots = self.limits.slots_per_worker
        if slots is not None:
            busy_s = draws.service_demand_s + self.waiting_s
            rates = np.minimum(rates, SLOT_USE * slots * self.limits.workers / busy_s)
        return interval_of(rates, level)

    def rates_by_block(self, objective_ms: float) -> dict[int, float]:
        """What each block says of C, in requests/s: jackknife pseudo-values, whose geometric mean is `cpu_rate`.

        One block alone knows its D, but hardly a knee; its value is what the knee of all owes to it (Tukey 1958).
        Raises ObjectiveTooStrict.
        """
        self.knee(objective_ms)
        ln_knees = self.curve.log_knees(objective_ms)
        return {
            block.block: math.exp(float(ln_knee)) * self.cores / block.service_demand_s
            for block, ln_knee in zip(self.blocks, ln_knees, strict=True)
        }

    def draws(self, count: int, *, seed: int) -> CapacityDraws:
        """Draws of D and u*. Stacks of one run share their blocks' randomness, so their ratios are paired by block."""
        if self.is_prior:
            deviation = (self.sigma_prior or 0.0) * _normals(count, seed, f"{self.run}/{self.stack}/{self.workload}")
            return CapacityDraws(
                service_demand_s=self.service_demand_s * np.exp(deviation), curve=self.curve, knees=None
            )
        replicates = min(count, REPLICATES)
        weights = self._block_weights(replicates, seed)
        ln_demand = np.log([block.service_demand_s for block in self.blocks])
        deviations = np.resize(weights @ (ln_demand - ln_demand.mean()), count)
        return CapacityDraws(
            service_demand_s=self.service_demand_s * np.exp(deviations),
            curve=self.curve,
            knees=self.curve.drawn(weights, self._widening * _normals(replicates, seed, f"{self.run}/law")),
        )

    @property
    def _widening(self) -> float:
        return DISTURBED_WIDENING if self.disturbed else 1.0

    def _block_weights(self, count: int, seed: int) -> Floats:
        """What multiplies the blocks' deviations from their mean, so that the mean is drawn; (draws, blocks).

        Plain resampling of n blocks is too narrow by sqrt((n - 1) / n) and has a normal's tails; deviations weighted
        with shared normals and divided by a shared chi give Student's t interval exactly, for a stack alone and for
        the paired difference of two stacks of one run. 1.5 times as wide where the host was disturbed.
        """
        columns = [block.block for block in self.blocks]
        size = len(columns)
        normals, others = _block_normals(count, seed, self.run, max(columns) + 1)
        chi = np.sqrt((others[:, columns[1:]] ** 2).sum(axis=1) / (size - 1))
        weights: Floats = self._widening * normals[:, columns] / (chi[:, None] * math.sqrt(size * (size - 1)))
        return weights


def _seed_words(text: str) -> list[int]:
    return list(text.encode())


def _normals(count: int, seed: int, name: str) -> Floats:
    return np.random.default_rng([seed, 1, *_seed_words(name)]).standard_normal(count)


@lru_cache(maxsize=8)
def _block_normals(count: int, seed: int, run: str, columns: int) -> tuple[Floats, Floats]:
    """Two independent sets of normals, a column per block; the same for each stack of the run."""
    first, second = np.random.default_rng([seed, 2, *_seed_words(run)]).standard_normal((2, columns, count))
    first.setflags(write=False)
    second.setflags(write=False)
    return first.T, second.T
