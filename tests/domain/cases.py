"""Synthetic measurements of known truth: an M/M/1 server whose windows hold its exact latency distribution."""

import math
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np

from estimator.domain.cost.pricing import Candidate, Price
from estimator.domain.hardware import CpuSpeed, HardwareProfile
from estimator.domain.measuring.measurement import Histogram, ResourceUse, Window
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import Capacity, ServingLimits
from estimator.domain.performance.fitting import fit_capacity
from estimator.domain.statistics import Ints

RATES = (0.70, 0.85, 0.93, 0.98)
WORKLOAD = "user_lookup"


def exponential_latencies(mean_s: float, count: int) -> Histogram:
    """`count` evenly spaced quantiles of an exponential distribution."""
    return Histogram.of(exponential_us(mean_s, count).tolist())


def exponential_us(mean_s: float, count: int) -> Ints:
    """The same as whole microseconds."""
    shares = (np.arange(count) + 0.5) / count
    return (-mean_s * 1e6 * np.log1p(-shares)).astype(np.int64)


def mm1_knee(demand_s: float, objective_ms: float) -> float:
    """The utilisation at which 1 % of an M/M/1 queue's requests exceed the objective: exp(-(1 - rho) t / D) = 0.01."""
    return 1 - math.log(100) * demand_s / (objective_ms / 1000)


def window(
    *,
    stack: str = "fastapi",
    demand_s: float = 0.002,
    rho: float = 0.7,
    block: int = 0,
    sequence: int = 1,
    kind: StepKind = StepKind.OPEN_LOOP,
    duration_s: float = 3.0,
    **changes: object,
) -> Window:
    """One window of an M/M/1 server."""
    completed = round(rho / demand_s * duration_s)
    values: dict[str, object] = {
        "offered_rate": None if kind is StepKind.SATURATION else completed / duration_s,
        "scheduled": completed,
        "sent": completed,
        "completed": completed,
        "latency": exponential_latencies(demand_s / (1 - rho), completed),
        "resources": resources(demand_s, completed),
    }
    return Window(
        stack=stack,
        workload=WORKLOAD,
        block=block,
        sequence=sequence,
        kind=kind,
        duration_s=duration_s,
        **{**values, **changes},  # type: ignore[arg-type]
    )


def resources(demand_s: float, completed: int) -> ResourceUse:
    """What such a window used."""
    return ResourceUse(app_cpu_s=demand_s * completed, database_cpu_s=2e-4 * completed, memory_mib=80.0)


def measured_windows(
    stack: str = "fastapi",
    demand_s: float = 0.002,
    *,
    blocks: int = 1,
    spread: float = 0.02,
    rates: tuple[float, ...] = RATES,
    seed: int = 1,
) -> list[Window]:
    """All windows of a run: saturation and open loop, `spread` on ln D between blocks."""
    rng = np.random.default_rng([seed, *stack.encode()])
    windows: list[Window] = []
    for block in range(blocks):
        demand = demand_s * math.exp(spread * rng.standard_normal()) if blocks > 1 else demand_s
        saturated = round(3 / demand)
        busy = ResourceUse(app_cpu_s=demand * saturated, app_core_busy=0.99, memory_mib=85.0)
        windows.append(
            window(
                stack=stack,
                demand_s=demand,
                rho=0.99,
                block=block,
                sequence=0,
                kind=StepKind.SATURATION,
                resources=busy,
            )
        )
        windows += [
            window(stack=stack, demand_s=demand, rho=rho, block=block, sequence=number)
            for number, rho in enumerate(rates, start=1)
        ]
    return windows


@lru_cache(maxsize=64)
def capacity_of(
    stack: str = "fastapi",
    demand_s: float = 0.002,
    *,
    blocks: int = 1,
    spread: float = 0.02,
    limits: ServingLimits | None = None,
    host: CpuSpeed | None = None,
    objective_ms: float = 100.0,
) -> Capacity:
    """A fitted capacity of an M/M/1 server."""
    fitted = fit_capacity(
        stack=stack,
        title=stack.capitalize(),
        workload=WORKLOAD,
        windows=measured_windows(stack, demand_s, blocks=blocks, spread=spread),
        objective_ms=objective_ms,
        run="7",
        limits=limits,
        host=host,
    )
    assert isinstance(fitted, Capacity), fitted
    return fitted


def price(hourly: str = "0.05", **changes: object) -> Price:
    """A price in Virginia."""
    values: dict[str, object] = {"region": "us-east-1", "as_of": date(2026, 11, 1), "source": "a price list"}
    return Price(hourly=Decimal(hourly), **{**values, **changes})  # type: ignore[arg-type]


def candidate(
    name: str = "m1.large",
    *,
    vcpus: int = 2,
    hourly: str = "0.05",
    memory_mib: float = 8192,
    speed: CpuSpeed | None = None,
    burstable: bool = False,
    sustained_share: float | None = None,
    **price_changes: object,
) -> Candidate:
    """A machine at a price."""
    hardware = HardwareProfile(
        provider="aws",
        name=name,
        vcpus=vcpus,
        memory_mib=memory_mib,
        burstable=burstable,
        sustained_share=sustained_share,
        speed=speed or CpuSpeed(),
    )
    return Candidate(hardware=hardware, price=price(hourly, **price_changes))


def catalogue() -> list[Candidate]:
    """A family in four sizes, linear in price."""
    sizes = {"small": 1, "large": 2, "xlarge": 4, "2xlarge": 8}
    return [
        candidate(f"m1.{size}", vcpus=vcpus, hourly=str(Decimal("0.03") * vcpus), memory_mib=4096 * vcpus)
        for size, vcpus in sizes.items()
    ]
