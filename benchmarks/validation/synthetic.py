"""Runs of known truth: simulated M/M/1 servers, fitted as measured ones are."""

import math

import numpy as np

from estimator.domain.capacity import Capacity
from estimator.domain.fitting import fit_capacity
from estimator.domain.measurement import Histogram, ResourceUse, Window
from estimator.domain.statistics import Floats
from estimator.domain.workload import STANDARD, StepKind

OBJECTIVE_MS = 100.0
BLOCK_SPREAD = 0.02  # on ln D, between blocks
_EXACT_BITS, _BUCKET_BITS = 11, 10  # of the domain's histogram


def mm1_capacity(demand_s: float) -> float:
    """The true C in requests/s: 1 % of an M/M/1 queue's requests exceed t where exp(-(1 - rho) t / D) = 0.01."""
    return (1 - math.log(100) * demand_s / (OBJECTIVE_MS / 1000)) / demand_s


def synthetic_run(seed: int, *, demand_s: float = 0.002, stack: str = "queue") -> Capacity:
    """The capacity fitted from one standard run of a queue whose D varies from block to block."""
    rng = np.random.default_rng(seed)
    windows = []
    for block in range(STANDARD.blocks):
        own_s = demand_s * math.exp(BLOCK_SPREAD * rng.standard_normal())
        rates = enumerate(STANDARD.window_rates, start=1)
        windows += [_window(rng, stack, own_s, rho, place=(block, sequence)) for sequence, rho in rates]
    fitted = fit_capacity(stack=stack, workload="queue", windows=windows, objective_ms=OBJECTIVE_MS)
    assert isinstance(fitted, Capacity), fitted  # noqa: S101 - a simulated queue makes no errors
    return fitted


def _window(rng: np.random.Generator, stack: str, demand_s: float, rho: float, *, place: tuple[int, int]) -> Window:
    """One window of the queue, empty at its start (Lindley's recursion), its first `discard_s` not counted."""
    rate, end_s = rho / demand_s, STANDARD.window_s + STANDARD.discard_s
    arrivals = np.sort(rng.random(rng.poisson(rate * end_s)) * end_s)
    service_s = rng.exponential(demand_s, arrivals.size)
    walk = np.cumsum(np.concatenate(([0.0], service_s[:-1] - np.diff(arrivals))))
    response_s = walk - np.minimum.accumulate(walk) + service_s
    due = arrivals > STANDARD.discard_s
    left = arrivals + response_s
    answered = (left > STANDARD.discard_s) & (left <= end_s)
    scheduled = int(due.sum())
    return Window(
        stack=stack,
        workload="queue",
        block=place[0],
        sequence=place[1],
        kind=StepKind.OPEN_LOOP,
        offered_rate=rate,
        duration_s=STANDARD.window_s,
        scheduled=scheduled,
        sent=scheduled,
        completed=scheduled,
        answered=int(answered.sum()),
        latency=histogram(response_s[due]),
        resources=ResourceUse(app_cpu_s=min(STANDARD.window_s, float(service_s[answered].sum()))),
    )


def histogram(response_s: Floats) -> Histogram:
    """The same as Histogram.of, for arrays: thousands of runs are simulated."""
    values_us = (response_s * 1e6).astype(np.int64)
    shift = np.maximum(0, np.frexp(values_us.astype(float))[1] - _EXACT_BITS).astype(np.int64)
    index, counts = np.unique((shift << _BUCKET_BITS) + (values_us >> shift), return_counts=True)
    return Histogram(counts=dict(zip(index.tolist(), counts.tolist(), strict=True)))
