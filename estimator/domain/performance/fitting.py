"""Fit a capacity: from the windows of one stack and workload to service demand, knee and labels, or to a refusal."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from estimator.domain.hardware import CpuSpeed
from estimator.domain.measuring.measurement import StackFailed, Window
from estimator.domain.measuring.validity import (
    DECIDING,
    DEMAND_AGREEMENT,
    is_cpu_bound,
    is_too_slow,
    judge_stack,
    valid_windows,
)
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import (
    SIGMA_FEW_BLOCKS,
    BlockDemand,
    Capacity,
    RefusedStack,
    ServingLimits,
)
from estimator.domain.performance.confirmation import contradictions
from estimator.domain.performance.knee import fit_knee
from estimator.domain.performance.memory import growth_labels, leak_reasons, memory_use
from estimator.domain.performance.settling import settle, steps

RHO_FOR_DEMAND = 0.7  # low load inflates the CPU time of a request


def fit_capacity(  # noqa: PLR0913 - one value per fact of the run
    *,
    stack: str,
    workload: str,
    windows: Sequence[Window],
    objective_ms: float,
    run: str = "",
    title: str = "",
    limits: ServingLimits | None = None,
    host: CpuSpeed | None = None,
    failures: Iterable[StackFailed] = (),
    warnings: Iterable[str] = (),
    cold_starts_s: Sequence[float] = (),
    idle_memory_mib: Sequence[float] = (),
) -> Capacity | RefusedStack:
    """All windows of one stack and workload -> its capacity, or the reasons why it gets no cost."""
    own = [window for window in windows if (window.stack, window.workload) == (stack, workload)]
    used, disturbances = settle(own, objective_ms=objective_ms)
    undisturbed = [window for window in own if not window.void]
    validity = judge_stack(used, objective_ms=objective_ms, undisturbed=undisturbed, recorded=own)
    reasons = [failure.reason for failure in failures if (failure.stack, failure.workload) == (stack, workload)]
    reasons += (*validity.reasons, *leak_reasons(own))
    labels = (*warnings, *validity.warnings, *growth_labels(own), *disturbances)
    if reasons or not _with_cpu(used):
        unique = tuple(dict.fromkeys(reasons or ["no open-loop window with CPU time was measured; run it again"]))
        return RefusedStack(stack=stack, workload=workload, run=run, title=title, reasons=unique, warnings=labels)
    memory = memory_use(own, idle_mib=idle_memory_mib)
    fitted = replace(
        _fitted(used, objective_ms),
        run=run,
        title=title,
        limits=limits or ServingLimits(),
        host=host or CpuSpeed(),
        memory=memory,
        memory_p95_mib=memory.p95_mib,
        cold_start_s=float(np.median(cold_starts_s)) if len(cold_starts_s) else None,
        cold_starts_s=tuple(cold_starts_s),
        disturbed=bool(disturbances),
        slowness=_slowness(_with_cpu(used)),
    )
    against = contradictions(_confirmations(own), service_demand_s=fitted.service_demand_s, objective_ms=objective_ms)
    told = (*labels, *fitted.warnings, *_cross_checks(fitted), *against)
    return replace(fitted, warnings=tuple(dict.fromkeys(told)))


def _fitted(windows: Sequence[Window], objective_ms: float) -> Capacity:
    """All that the windows alone tell."""
    deciding = _with_cpu(windows)
    saturation = valid_windows(windows, frozenset({StepKind.SATURATION}))
    cpu_bound = not saturation or is_cpu_bound(windows)
    blocks, low_load = _demands(deciding)
    return Capacity(
        stack=deciding[0].stack,
        workload=deciding[0].workload,
        objective_ms=objective_ms,
        cores=deciding[0].resources.app_cores,
        blocks=blocks,
        curve=fit_knee(deciding, full=1.0 if cpu_bound else _full(saturation)),
        waiting_s=_waiting_s([*deciding, *valid_windows(windows, frozenset({StepKind.HALF_CAPACITY}))], blocks),
        saturation_rate=_mean([window.achieved_rate for window in saturation]),
        saturation_demand_s=_mean([window.app_cpu_per_request_s or 0.0 for window in saturation]),
        cpu_bound=cpu_bound,
        warnings=tuple(low_load),
    )


def _full(saturation: Sequence[Window]) -> float:
    """The utilisation at which slots, or somebody else, are full: there the queue grows, not at 1."""
    busy = [window.utilisation for window in saturation if window.utilisation > 0]
    return min(1.0, float(np.mean(busy))) if busy else 1.0


def _with_cpu(windows: Iterable[Window]) -> list[Window]:
    """Windows that decide: open loop, not void, with traffic and a CPU reading."""
    return [window for window in valid_windows(windows, DECIDING) if window.resources.app_cpu_s > 0]


def _slowness(deciding: Sequence[Window]) -> float:
    """-ln of the canary's speed, on average over the windows that decide; 0 for each that was not too slow."""
    speeds = [window.resources.canary_speed or 1.0 for window in deciding if is_too_slow(window.resources)]
    return -sum(map(math.log, speeds)) / len(deciding)


def _confirmations(windows: Sequence[Window]) -> list[Window]:
    """The last valid repeat of each window at the estimated capacity; the last of all, still void, where none is."""
    confirmed = [repeats for repeats in steps(windows) if repeats[0].kind is StepKind.CONFIRMATION]
    return [next((one for one in reversed(repeats) if not one.void), repeats[-1]) for repeats in confirmed]


def _demands(windows: Sequence[Window]) -> tuple[tuple[BlockDemand, ...], list[str]]:
    """D and D_db per block over windows with rho >= 0.7; a block without any uses its busiest window, labelled."""
    demands: list[BlockDemand] = []
    labels: list[str] = []
    for block in sorted({window.block for window in windows}):
        members = [window for window in windows if window.block == block]
        busy = [window for window in members if window.utilisation >= RHO_FOR_DEMAND]
        if not busy:
            busy = [max(members, key=lambda window: window.utilisation)]
            labels.append(f"service demand from windows below a utilisation of {RHO_FOR_DEMAND:g}")
        demands.append(_demand_of(block, busy))
    return tuple(demands), list(dict.fromkeys(labels))


def _demand_of(block: int, windows: Sequence[Window]) -> BlockDemand:
    served = sum(window.served for window in windows)
    return BlockDemand(
        block=block,
        service_demand_s=sum(window.resources.app_cpu_s for window in windows) / served,
        database_demand_s=sum(window.resources.database_cpu_s for window in windows) / served,
    )


def _waiting_s(windows: Sequence[Window], blocks: Sequence[BlockDemand]) -> float:
    """W: the mean response time less the CPU's part with its queue, D / (1 - rho) (M/M/1), where rho is least.

    The lowest of all blocks: what a disturbance adds is no waiting of the app's.
    """
    demands_s = {block.block: block.service_demand_s for block in blocks}
    least_busy = {
        block: min((one for one in windows if one.block == block), key=lambda one: one.utilisation)
        for block in demands_s
    }
    return max(0.0, min(_not_the_cpus_s(window, demands_s[block]) for block, window in least_busy.items()))


def _not_the_cpus_s(window: Window, demand_s: float) -> float:
    return (window.latency.mean_ms() or 0.0) / 1000 - demand_s / max(1 - window.utilisation, 0.01)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _cross_checks(capacity: Capacity) -> list[str]:
    """Saturation never enters the capacity; it only contradicts it, aloud."""
    found = []
    if capacity.is_prior:
        blocks = "one block" if len(capacity.blocks) == 1 else f"{len(capacity.blocks)} blocks"
        found.append(
            f"indicative: {blocks} measured, so the spread is a stated prior (sigma {SIGMA_FEW_BLOCKS:g} on ln C)"
        )
    saturated = capacity.saturation_demand_s
    if saturated and abs(math.log(saturated / capacity.service_demand_s)) > DEMAND_AGREEMENT:
        ratio = saturated / capacity.service_demand_s
        found.append(f"CPU per request at saturation is {ratio:.2f} of that under open load")
    return found
