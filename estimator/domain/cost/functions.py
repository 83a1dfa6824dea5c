"""Functions: the same measurements billed by request and by GiB-second, cold starts included."""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from estimator.domain.cost.containers import carry_share
from estimator.domain.cost.loads import StackLoad
from estimator.domain.cost.pricing import Money, MoneyQuantiles
from estimator.domain.cost.sizing import DoesNotFit, fixed_wait_s
from estimator.domain.cost.tariffs import PER_MILLION, FunctionSize, FunctionTariff
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict
from estimator.domain.statistics import Floats, Interval, Quantiles, quantiles

# Share of requests that meet no warm instance: AWS tells of under 1 % in production; a prior until measured.
COLD_SHARE = Interval(low=0.001, mid=0.003, high=0.01)
LONGEST = math.log(100)  # p99 over mean of a request's work, which nobody queues for: taken as exponential
_PLACES = Decimal("0.000001")  # of a billed millisecond
_MEMORY, _OBJECTIVE, _PRICE, _CONCURRENCY = "memory", "latency objective", "price", "concurrency"


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionRow:
    """What one stack costs as a function of one memory size. Nothing is rounded but the drawn time, at 1e-6 ms."""

    capacity: Capacity
    target: TrafficTarget
    tariff: FunctionTariff
    size: FunctionSize
    duration_s: float  # d, every input at its middle
    start_s: float | None  # a cold start there; None was not measured
    billed_ms: Quantiles[Decimal]  # per request, its part of the cold starts included
    size_set_by: str

    @property
    def stack(self) -> str:
        """The stack's slug."""
        return self.capacity.stack

    @property
    def label(self) -> str:
        """What runs where: the service and the size."""
        return f"{self.tariff.label} {self.size.label}"

    @property
    def monthly_cost(self) -> MoneyQuantiles:
        """The bill of month 1."""
        billed = self.billed_ms
        return Quantiles(p10=self.cost_of(billed.p10), p50=self.cost_of(billed.p50), p90=self.cost_of(billed.p90))

    def cost_of(self, billed_ms: Decimal) -> Money:
        """A month of requests of that billed time: the sum of its parts, exactly."""
        requests, duration = self.parts(billed_ms)
        return requests + duration

    def parts(self, billed_ms: Decimal) -> tuple[Money, Money]:
        """Requests, and their billed time."""
        requests, tariff = self.target.requests_per_month, self.tariff
        return (
            Money(amount=requests * tariff.per_million_requests / PER_MILLION, currency=tariff.currency),
            Money(amount=requests * billed_ms / 1000 * tariff.second(self.size), currency=tariff.currency),
        )

    @property
    def cost_per_million_requests(self) -> Money:
        """The P50 bill of month 1 over its requests: the same at any traffic."""
        second = self.tariff.second(self.size)
        amount = self.tariff.per_million_requests + PER_MILLION * self.billed_ms.p50 / 1000 * second
        return Money(amount=amount, currency=self.tariff.currency)

    @property
    def concurrency(self) -> float:
        """Requests at once at the peak with headroom (Little's law), every input at its middle."""
        target = self.target
        return target.mean_rate * target.peak.mid * (1 + target.headroom) * self.duration_s

    @property
    def binding_constraint(self) -> str:
        """What decides: the account's concurrency, or what set the memory size."""
        limit = self.tariff.concurrency
        return _CONCURRENCY if limit is not None and self.concurrency > limit else self.size_set_by

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What stands beside the cost because nobody measured it."""
        share = COLD_SHARE
        return (
            *(() if self.start_s is None else (_COLD.format(share.mid, share.low, share.high),)),
            "functions: one request at a time in each, of the duration it takes on an idle machine",
            "functions: zones, spares and the minimum of instances cost nothing",
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """Labels that stand beside the cost on every surface."""
        told = list(self.capacity.warnings)
        if self.start_s is None:
            told.append("no cold start was measured: none is counted")
        if self.binding_constraint == _CONCURRENCY:
            told.append(f"needs a raised quota: {self.concurrency:,.0f} at once, {self.tariff.concurrency:,} allowed")
        if self.tariff.origin.disputed:
            told.append(f"disputed price: {self.tariff.origin.disputed}")
        return tuple(told)


_COLD = "{:.1%} of requests meet a cold start (P10 {:.1%}, P90 {:.1%}), as long as measured here, scaled to its vCPUs"


def function_row(stack: StackLoad, tariff: FunctionTariff, cold_normals: Floats) -> FunctionRow:
    """The memory size with the lowest P50 bill. Raises DoesNotFit or ObjectiveTooStrict where none carries the stack.

    `cold_normals`: standard normals, one per draw, that all stacks share.
    """
    fitting: list[FunctionRow] = []
    why = _MEMORY
    for size in tariff.sizes:
        set_by = why if not fitting and size != tariff.sizes[0] else _PRICE
        reason = _refused(stack, size)
        if reason:
            why = reason
        else:
            fitting.append(_row(stack, tariff, size, cold_normals, set_by=set_by))
    if not fitting:
        raise _refusal(stack, tariff, why)
    return min(fitting, key=lambda row: (row.monthly_cost.p50.amount, row.size))


def _refused(stack: StackLoad, size: FunctionSize) -> str:
    """Why a size cannot serve the stack; empty where it can."""
    if (stack.capacity.memory_per_worker_mib or 0.0) > size.memory_mib:
        return _MEMORY
    slowest_s = LONGEST * stack.capacity.service_demand_s * carry_share(size.vcpus).middle_ratio
    p99_s = fixed_wait_s(stack.capacity, stack.target) + slowest_s
    return "" if p99_s * 1000 <= stack.target.objective_ms else _OBJECTIVE


def _refusal(stack: StackLoad, tariff: FunctionTariff, why: str) -> DoesNotFit | ObjectiveTooStrict:
    name = stack.capacity.label
    if why == _MEMORY:
        return DoesNotFit(f"{name} needs more memory per worker than {tariff.label} has")
    return ObjectiveTooStrict(f"{name}: {tariff.label} is too slow for a p99 of {stack.target.objective_ms:g} ms")


def _row(
    stack: StackLoad, tariff: FunctionTariff, size: FunctionSize, cold_normals: Floats, *, set_by: str
) -> FunctionRow:
    capacity, target, carrying = stack.capacity, stack.target, carry_share(size.vcpus, stack.own)
    wait_s = fixed_wait_s(capacity, target)
    billed = billed_time_ms(tariff, wait_s + stack.demand_s(carrying))
    if capacity.cold_start_s is not None:
        starts = capacity.cold_start_s * np.exp(stack.shared.ln_ratio(carrying))
        billed = billed + COLD_SHARE.lognormal(cold_normals) * billed_time_ms(tariff, starts)
    drawn = quantiles(billed)
    ratio = carrying.middle_ratio
    return FunctionRow(
        capacity=capacity,
        target=target,
        tariff=tariff,
        size=size,
        duration_s=wait_s + capacity.service_demand_s * ratio,
        start_s=None if capacity.cold_start_s is None else capacity.cold_start_s * ratio,
        billed_ms=Quantiles(p10=exact_ms(drawn.p10), p50=exact_ms(drawn.p50), p90=exact_ms(drawn.p90)),
        size_set_by=set_by,
    )


def billed_time_ms(tariff: FunctionTariff, durations_s: Floats) -> Floats:
    """ceil(d / g) x g of each duration, at least the tariff's minimum; in ms."""
    step = tariff.granularity_ms
    billed: Floats = np.maximum(tariff.minimum_ms, np.ceil(durations_s * 1000 / step - 1e-9) * step)
    return billed


def exact_ms(milliseconds: float) -> Decimal:
    """A drawn time as it enters money."""
    return Decimal(milliseconds).quantize(_PLACES)
