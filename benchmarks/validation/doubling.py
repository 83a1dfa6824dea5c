"""Twice the work per request must measure as twice the demand and half the capacity, in one run of the runner."""

import sys
from dataclasses import replace

from benchmarks.stack_catalogue import StackManifest
from benchmarks.validation.ground import HERE, REQUEST, Ground
from benchmarks.validation.rows import Check, Row
from benchmarks.validation.sitting import OBJECTIVE_MS, fitted, measured
from benchmarks.workload_manifest import WorkloadManifest
from estimator.domain.measuring.workload import QUICK, Profile
from estimator.domain.performance.capacity import Capacity

ONCE_US, TWICE_US = 1000, 2000
WORKLOAD = "burn"
PROFILE = replace(QUICK, name="validation", blocks=2, warm_up_s=1.5, saturation_s=2.0, gate_s=0.5, ring_size=200)
_D_WITHIN, _C_WITHIN = 0.05, 0.10
_NAME = f"an app that burns {TWICE_US} us of CPU per request against one that burns {ONCE_US} us"
DEMAND = Check(name=f"{_NAME}: D", must_be=f"twice, within {_D_WITHIN:.0%}")
CAPACITY = Check(name=f"{_NAME}: C at p99 {OBJECTIVE_MS:g} ms", must_be=f"half, within {_C_WITHIN:.0%}")


def check_doubling(ground: Ground, *, profile: Profile = PROFILE) -> list[Row]:
    """Both settings as two stacks of one run; about 90 s. Raises AppError when one cannot be measured."""
    stacks = [burning(microseconds) for microseconds in (ONCE_US, TWICE_US)]
    windows = measured(ground, stacks, WORKLOAD, profile=profile)
    once, twice = (fitted(windows, stack.slug) for stack in stacks)
    return doubling_rows(once, twice)


def burning(microseconds: int) -> StackManifest:
    """Our own server as a stack: it burns so much CPU time per request, all overhead included."""
    return StackManifest(
        slug=f"burn-{microseconds}",
        title=f"burns {microseconds} us",
        framework="none",
        server="asyncio",
        position=1,
        source=HERE / f"benchmark-burn-{microseconds}.toml",
        packages=(),
        command=(sys.executable, "server.py", "{fd}", f"burn:{microseconds}"),
        health_path=REQUEST.path,
        ready_timeout_s=20,
        settings={"workers": 1},
        workloads={WORKLOAD: WorkloadManifest(path=REQUEST.path, requests=(REQUEST,))},
    )


def doubling_rows(once: Capacity, twice: Capacity) -> list[Row]:
    """Ratios of the second to the first. Raises ObjectiveTooStrict when no window met the objective."""
    demands_ms = [one.service_demand_s * 1000 for one in (once, twice)]
    rates = [one.cpu_rate(OBJECTIVE_MS) for one in (once, twice)]
    demand, capacity = demands_ms[1] / demands_ms[0], rates[1] / rates[0]
    labels = " (disturbed host)" if once.disturbed or twice.disturbed else ""
    return [
        DEMAND.judged(
            f"{demand:.3f} times: {demands_ms[1]:.3f} against {demands_ms[0]:.3f} ms{labels}",
            holds=abs(demand / 2 - 1) <= _D_WITHIN,
        ),
        CAPACITY.judged(
            f"{capacity:.3f} times: {rates[1]:,.0f} against {rates[0]:,.0f} req/s{labels}",
            holds=abs(capacity / 0.5 - 1) <= _C_WITHIN,
        ),
    ]
