"""Runs of known truth: simulated queues, measured and fitted as real stacks are."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from benchmarks.validation.burn import md1_share_over
from estimator.domain.measuring.measurement import Histogram, PackedCounts, ResourceUse, Window
from estimator.domain.measuring.workload import STANDARD, Profile, StepKind
from estimator.domain.performance.capacity import Capacity, RefusedStack
from estimator.domain.performance.fitting import fit_capacity
from estimator.domain.statistics import Floats

OBJECTIVE_MS = 100.0
BLOCK_SPREAD = 0.02  # on ln D, between blocks
_SHARE = 0.01  # of a p99 objective
_EXACT_BITS, _BUCKET_BITS = 11, 10  # of the domain's histogram
_FAST_SHARE = (1 + math.sqrt(3 / 5)) / 2  # balanced means and a squared variation of 4
_SURPLUS = 6.0  # standard deviations of the number of arrivals, drawn beyond those expected


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One server, Poisson arrivals, service times of mean 1 to be drawn, and P(T > t) by rho and t."""

    name: str
    variation: float  # squared coefficient of variation of the service time
    services: Callable[[np.random.Generator, int], Floats] = field(repr=False)
    share_over: Callable[[float, float], float] = field(repr=False)

    def knee(self, demand_s: float, objective_ms: float) -> float:
        """The true u*: where 1 % of the requests take longer than the objective."""
        return _knee(self, objective_ms / 1000 / demand_s)

    def capacity(self, demand_s: float, objective_ms: float) -> float:
        """The true C in requests/s of one core."""
        return self.knee(demand_s, objective_ms) / demand_s


@lru_cache(maxsize=64)
def _knee(queue: Queue, limit: float) -> float:
    low, high = 0.001, 0.9999
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if queue.share_over(middle, limit) < _SHARE else (low, middle)
    return low


def _mm1_share_over(rho: float, limit: float) -> float:
    """P(T > t) of M/M/1: exp(-(1 - rho) t / D)."""
    return math.exp(-(1 - rho) * limit)


def _md1_share_over(rho: float, limit: float) -> float:
    return md1_share_over(rho, 1.0, limit)


def _mh2_share_over(rho: float, limit: float) -> float:
    """P(T > t) of M/G/1 with two exponential phases: the Pollaczek-Khinchine transform has two poles, -r1 and -r2."""
    shares = np.array([_FAST_SHARE, 1 - _FAST_SHARE])
    rates = 2 * shares
    total = rates.sum() - rho
    product = rates[0] * rates[1] * (1 - rho)  # of the roots of s^2 + total s + product
    gap = math.sqrt(total**2 - 4 * product)
    roots = np.array([(total - gap) / 2, (total + gap) / 2])
    numerators = (1 - rho) * (rates[0] * rates[1] - roots * (shares * rates).sum())
    weights = numerators / (roots[::-1] - roots) / roots
    return float((weights * np.exp(-roots * limit)).sum())


def _two_phases(rng: np.random.Generator, count: int) -> Floats:
    fast = rng.random(count) < _FAST_SHARE
    return rng.standard_exponential(count) / np.where(fast, 2 * _FAST_SHARE, 2 * (1 - _FAST_SHARE))


def _exponential(rng: np.random.Generator, count: int) -> Floats:
    return rng.standard_exponential(count)


def _constant(_rng: np.random.Generator, count: int) -> Floats:
    return np.ones(count)


MM1 = Queue(name="M/M/1", variation=1.0, services=_exponential, share_over=_mm1_share_over)
MD1 = Queue(name="M/D/1", variation=0.0, services=_constant, share_over=_md1_share_over)
MH2 = Queue(name="M/H2/1", variation=4.0, services=_two_phases, share_over=_mh2_share_over)
QUEUES = (MM1, MD1, MH2)


def mm1_capacity(demand_s: float) -> float:
    """The true C in requests/s of an M/M/1 queue at the usual objective."""
    return MM1.capacity(demand_s, OBJECTIVE_MS)


def synthetic_run(seed: int, **changes: object) -> Capacity:
    """The capacity fitted from one run, by default a standard one of M/M/1; arguments as of `synthetic_fit`."""
    fitted = synthetic_fit(seed, **changes)  # type: ignore[arg-type]
    assert isinstance(fitted, Capacity), fitted  # noqa: S101 - a simulated queue makes no errors
    return fitted


def synthetic_fit(
    seed: int,
    *,
    demand_s: float = 0.002,
    stack: str = "queue",
    queue: Queue = MM1,
    profile: Profile = STANDARD,
    objective_ms: float = OBJECTIVE_MS,
) -> Capacity | RefusedStack:
    """What `fit_capacity` makes of one run of a queue whose D varies from block to block."""
    windows = synthetic_windows(seed, demand_s=demand_s, stack=stack, queue=queue, profile=profile)
    return fit_capacity(stack=stack, workload="queue", windows=windows, objective_ms=objective_ms)


def synthetic_windows(seed: int, *, demand_s: float, stack: str, queue: Queue, profile: Profile) -> list[Window]:
    """The open-loop windows of a run, at shares of a saturation throughput that is itself only measured."""
    rng = np.random.default_rng(seed)
    windows = []
    for block in range(profile.blocks):
        own_s = demand_s * math.exp(BLOCK_SPREAD * rng.standard_normal())
        seen = 1 + math.sqrt(queue.variation * own_s / profile.saturation_s) * rng.standard_normal()
        for sequence, share in enumerate(profile.window_rates, start=1):
            simulated = _Stretch(queue=queue, demand_s=own_s, rate=share * seen / own_s, profile=profile)
            windows.append(simulated.window(rng, stack, (block, sequence)))
    return windows


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """One step of load. As with the real engine the queue is empty at its start and `discard_s` are not counted."""

    queue: Queue
    demand_s: float
    rate: float
    profile: Profile

    def window(self, rng: np.random.Generator, stack: str, place: tuple[int, int]) -> Window:
        """The counted part: latency of what fell due in it, CPU and answers of what was answered in it."""
        opened_s = self.profile.discard_s
        arrivals, services_s, responses_s = self._served(rng, opened_s + self.profile.window_s)
        left = arrivals + responses_s
        inside = (left > opened_s) & (left <= opened_s + self.profile.window_s)
        due = responses_s[int(np.searchsorted(arrivals, opened_s, side="right")) :]
        return Window(
            stack=stack,
            workload="queue",
            block=place[0],
            sequence=place[1],
            kind=StepKind.OPEN_LOOP,
            offered_rate=self.rate,
            duration_s=self.profile.window_s,
            scheduled=due.size,
            sent=due.size,
            completed=due.size,
            answered=int(inside.sum()),
            latency=histogram(due),
            resources=ResourceUse(app_cpu_s=min(self.profile.window_s, float(services_s[inside].sum()))),
        )

    def _served(self, rng: np.random.Generator, end_s: float) -> tuple[Floats, Floats, Floats]:
        """Arrival, service and response times: Lindley's recursion as a walk less its running minimum."""
        expected = self.rate * end_s
        size = int(expected + _SURPLUS * math.sqrt(expected)) + 16
        gaps = rng.standard_exponential(size) / self.rate
        arrivals = np.cumsum(gaps)
        count = int(np.searchsorted(arrivals, end_s))
        services_s = self.demand_s * self.queue.services(rng, count)
        walk = np.zeros(count)
        np.cumsum(services_s[:-1] - gaps[1:count], out=walk[1:])
        return arrivals[:count], services_s, walk - np.minimum.accumulate(walk) + services_s


def histogram(response_s: Floats) -> Histogram:
    """The same as Histogram.of, for arrays: thousands of runs are simulated."""
    values_us = (response_s * 1e6).astype(np.int64)
    shift = np.maximum(0, np.frexp(values_us.astype(float))[1] - _EXACT_BITS).astype(np.int64)
    counts = np.bincount((shift << _BUCKET_BITS) + (values_us >> shift))
    index = np.flatnonzero(counts)
    return Histogram(counts=PackedCounts(dict(zip(index.tolist(), counts[index].tolist(), strict=True))))
