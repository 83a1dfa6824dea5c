"""Tariffs as providers publish them, in Virginia."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from estimator.domain.cost.loads import SharedDraws, StackLoad
from estimator.domain.cost.tariffs import (
    ContainerTariff,
    FunctionTariff,
    LineTariff,
    Origin,
    Tier,
    container_sizes,
    function_sizes,
)
from estimator.domain.cost.traffic import Redundancy, TrafficTarget
from estimator.domain.performance.capacity import Capacity
from tests.domain.cases import capacity_of

ORIGIN = Origin(source="a price list", as_of=date(2026, 11, 1), licence="MIT")
ONE_IS_ENOUGH = Redundancy(survive_zone_loss=False, minimum_instances=1)

FARGATE = ContainerTariff(
    provider="aws",
    name="Fargate x86",
    region="us-east-1",
    vcpu_hour=Decimal("0.04048"),
    gib_hour=Decimal("0.004445"),
    sizes=container_sizes("0.25:0.5-2/0.5 0.5:1-4/1 1:2-8/1 2:4-16/1 4:8-30/1"),
    origin=ORIGIN,
)
CONTAINER_APPS = replace(
    FARGATE,
    provider="azure",
    name="Container Apps",
    vcpu_hour=Decimal("0.1224"),
    gib_hour=Decimal("0.0144"),
    per_million_requests=Decimal("0.40"),
)
LAMBDA = FunctionTariff(
    provider="aws",
    name="Lambda x86",
    region="us-east-1",
    per_million_requests=Decimal("0.20"),
    gib_second=Decimal("0.0000166667"),
    granularity_ms=1,
    concurrency=1000,
    sizes=function_sizes("128:0.0724 256:0.1447 512:0.2894 1024:0.5789 1536:0.8683 1769:1 3008:1.7"),
    free_tier="1M requests and 400,000 GB-seconds a month",
    origin=ORIGIN,
)
AZURE_FUNCTIONS = replace(
    LAMBDA,
    provider="azure",
    name="Functions",
    gib_second=Decimal("0.000016"),
    minimum_ms=100,
    sizes=function_sizes("128:1 256:1 512:1"),
)
CLOUD_RUN_FUNCTIONS = replace(
    LAMBDA,
    provider="gcp",
    name="Cloud Run functions",
    per_million_requests=Decimal("0.40"),
    gib_second=Decimal("0.0000025"),
    vcpu_second=Decimal("0.000024"),
    granularity_ms=100,
    sizes=function_sizes("256:0.167 512:0.333 2048:1"),
)


def line(name: str, unit: str, *prices: str, above: tuple[int, ...] = (0,), sizes: tuple[int, ...] = ()) -> LineTariff:
    """One line's tariff in Virginia, tier by tier."""
    tiers = tuple(
        Tier(above=Decimal(start), unit_price=Decimal(price)) for start, price in zip(above, prices, strict=True)
    )
    return LineTariff(
        provider="aws", region="us-east-1", line=name, name=name, unit=unit, tiers=tiers, sizes=sizes, origin=ORIGIN
    )


LINES = (
    line("database", "vCPU-hour", "0.089", sizes=(2, 4, 8, 16, 32, 64, 96, 192)),
    line("load_balancer", "hour", "0.0225"),
    line("load_balancer", "LCU-hour", "0.008"),
    line("egress", "GB", "0.09", "0.085", "0.07", "0.05", above=(0, 10_000, 50_000, 150_000)),
    line("disk", "GB-month", "0.08"),
)


@lru_cache(maxsize=64)
def stack(
    name: str = "fastapi", demand_s: float = 0.002, *, start_s: float | None = 0.8, mib: float = 80.0
) -> Capacity:
    """A measured stack with its cold start and memory."""
    starts = () if start_s is None else (start_s,)
    measured = capacity_of(name, demand_s, blocks=5)
    return replace(measured, memory_p95_mib=mib, cold_start_s=start_s, cold_starts_s=starts)


def load_of(capacity: Capacity, target: TrafficTarget, *, draws: int = 400) -> StackLoad:
    """Its draws."""
    return StackLoad(capacity, target, SharedDraws.of(target, count=draws, seed=7), seed=7)
