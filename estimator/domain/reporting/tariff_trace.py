"""The arithmetic of containers, functions and lines: named steps as for instances."""

from decimal import Decimal

import numpy as np

from estimator.domain.cost.containers import ContainerRow, carry_share
from estimator.domain.cost.costing import DRAWS
from estimator.domain.cost.functions import COLD_SHARE, FunctionRow, billed_time_ms, exact_ms
from estimator.domain.cost.lines import LineRow
from estimator.domain.cost.sizing import fixed_wait_s
from estimator.domain.reporting.trace import Given, Step, explain


def explain_container(row: ContainerRow) -> tuple[Step, ...]:
    """The fleet as for instances, after the price of one container; last what the requests add."""
    return (_container_price(row), *explain(row.as_instances), _container_total(row))


def _container_price(row: ContainerRow) -> Step:
    tariff, size = row.tariff, row.size
    source = tariff.origin.told
    return Step(
        name="hourly price of one container",
        formula="vCPUs x price of a vCPU-hour + GiB x price of a GiB-hour",
        inputs=(
            Given(name="vCPUs", value=size.vcpus, unit="vCPU", origin="size grid of the provider"),
            Given(name="vCPU-hour", value=tariff.vcpu_hour, unit=tariff.currency, origin=source),
            Given(name="memory", value=size.memory_gib, unit="GiB", origin="least on the grid that holds the workers"),
            Given(name="GiB-hour", value=tariff.gib_hour, unit=tariff.currency, origin=source),
        ),
        value=tariff.hourly(size),
        unit=f"{tariff.currency}/h",
    )


def _container_total(row: ContainerRow) -> Step:
    unit = f"{row.tariff.currency}/month"
    vcpus, memory, requests = row.parts(row.containers.p50)
    return Step(
        name="monthly cost of the containers, P50",
        formula="vCPU-hours + GiB-hours + requests",
        inputs=(
            Given(name="vCPU-hours", value=vcpus.amount, unit=unit, origin="containers x vCPUs x 730 h x price"),
            Given(name="GiB-hours", value=memory.amount, unit=unit, origin="containers x GiB x 730 h x price"),
            Given(name="requests", value=requests.amount, unit=unit, origin=row.tariff.origin.told),
        ),
        value=row.monthly_cost.p50.amount,
        unit=unit,
    )


def explain_function(row: FunctionRow) -> tuple[Step, ...]:
    """The P50-input scenario step by step, and last what the draws made of it."""
    return (_duration(row), _billed(row), *_cold(row), *_money(row))


def _duration(row: FunctionRow) -> Step:
    capacity, share = row.capacity, min(Decimal(1), row.size.vcpus)
    demand_s = capacity.service_demand_s * carry_share(Decimal(1)).middle_ratio
    run = f"run {capacity.run}" if capacity.run else "measured"
    return Step(
        name="duration of a request d",
        formula="d = W + D_B / min(1, vCPUs of the memory size)",
        inputs=(
            Given(name="W", value=fixed_wait_s(capacity, row.target) * 1000, unit="ms", origin="waits on any machine"),
            Given(name="D_B", value=demand_s * 1000, unit="CPU-ms/request", origin=f"{run}, one vCPU for one core"),
            Given(name="min(1, vCPUs)", value=share, unit="vCPU", origin=f"{row.size.label} of {row.tariff.label}"),
        ),
        value=row.duration_s * 1000,
        unit="ms",
    )


def _billed(row: FunctionRow) -> Step:
    tariff = row.tariff
    return Step(
        name="billed duration",
        formula="max(minimum, ceil(d / g) x g)",
        inputs=(
            Given(name="g", value=tariff.granularity_ms, unit="ms", origin=tariff.label),
            Given(name="minimum", value=tariff.minimum_ms, unit="ms", origin=tariff.label),
        ),
        value=_middle_ms(row, row.duration_s),
        unit="ms",
    )


def _cold(row: FunctionRow) -> tuple[Step, ...]:
    if row.start_s is None:
        return ()
    step = Step(
        name="cold starts, per request",
        formula="share of cold requests x billed start",
        inputs=(
            Given(name="share", value=COLD_SHARE.mid, unit="of requests", origin="prior, P10 0.1 %, P90 1 %"),
            Given(name="billed start", value=_middle_ms(row, row.start_s), unit="ms", origin="measured here, scaled"),
        ),
        value=COLD_SHARE.mid * _middle_ms(row, row.start_s),
        unit="ms",
    )
    return (step,)


def _middle_ms(row: FunctionRow, seconds: float) -> float:
    return float(billed_time_ms(row.tariff, np.array(seconds)))


def _money(row: FunctionRow) -> tuple[Step, ...]:
    cold_ms = COLD_SHARE.mid * _middle_ms(row, row.start_s) if row.start_s is not None else 0.0
    middle_ms = exact_ms(_middle_ms(row, row.duration_s) + cold_ms)
    return (
        _cost(row, "monthly cost, every input at its middle", middle_ms, "above"),
        _cost(row, "monthly cost, P50 of the draws", row.billed_ms.p50, f"{DRAWS:,} seeded draws"),
    )


def _cost(row: FunctionRow, name: str, billed_ms: Decimal, origin: str) -> Step:
    tariff, source = row.tariff, row.tariff.origin.told
    cpu = Given(name="vCPU-second", value=tariff.vcpu_second, unit=tariff.currency, origin=source)
    return Step(
        name=name,
        formula="requests x (price per request + billed ms / 1000 x (GiB x GiB-second + vCPUs x vCPU-second))",
        inputs=(
            Given(name="requests", value=row.target.requests_per_month, unit="requests/month", origin="target, 730 h"),
            Given(name="per million requests", value=tariff.per_million_requests, unit=tariff.currency, origin=source),
            Given(name="billed ms", value=billed_ms, unit="ms/request", origin=origin),
            Given(name="memory", value=row.size.gib, unit="GiB", origin=tariff.label),
            Given(name="GiB-second", value=tariff.gib_second, unit=tariff.currency, origin=source),
            *((cpu,) if tariff.vcpu_second else ()),
        ),
        value=row.cost_of(billed_ms).amount,
        unit=f"{tariff.currency}/month",
    )


def explain_line(row: LineRow) -> tuple[Step, ...]:
    """How much, and what that costs."""
    tariff, source = row.tariff, row.tariff.origin.told
    prices = tuple(
        Given(name=f"above {tier.above:,f} {tariff.unit}", value=tier.unit_price, unit=tariff.currency, origin=source)
        for tier in tariff.tiers
    )
    quantity = Given(name="quantity", value=row.quantity.p50, unit=f"{tariff.unit}/month", origin=row.formula)
    step = Step(
        name=tariff.name,
        formula="quantity x price" + (", tier by tier" if len(prices) > 1 else ""),
        inputs=(quantity, *prices),
        value=row.monthly_cost.p50.amount,
        unit=f"{tariff.currency}/month",
    )
    return (step,)
