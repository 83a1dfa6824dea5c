"""Functions from the same measurements: the published examples, and costs that move the right way."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.cost.functions import FunctionRow, billed_time_ms, function_row
from estimator.domain.cost.sizing import DoesNotFit
from estimator.domain.cost.tariffs import FunctionSize, FunctionTariff, function_sizes
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.capacity import ObjectiveTooStrict
from estimator.domain.reporting.tariff_trace import explain_function
from estimator.domain.statistics import Quantiles
from tests.domain.tariff_cases import AZURE_FUNCTIONS, CLOUD_RUN_FUNCTIONS, LAMBDA, load_of, stack

few = settings(max_examples=20, deadline=None)
NORMALS = np.random.default_rng(3).standard_normal(400)


def row_at(
    requests_per_day: int = 10_000_000,
    *,
    tariff: FunctionTariff = LAMBDA,
    demand_s: float = 0.002,
    start_s: float | None = 0.8,
    mib: float = 80.0,
    **changes: float,
) -> FunctionRow:
    target = TrafficTarget(requests_per_day=Decimal(requests_per_day), **changes)  # type: ignore[arg-type]
    return function_row(load_of(stack(demand_s=demand_s, start_s=start_s, mib=mib), target), tariff, NORMALS)


def published(tariff: FunctionTariff, *, requests: int, memory_mib: int, billed_ms: int) -> FunctionRow:
    """A provider's own example: requests of one duration."""
    time = Decimal(billed_ms)
    return replace(
        row_at(),
        tariff=tariff,
        target=TrafficTarget(requests_per_day=Decimal(requests) * 24 / 730),
        size=FunctionSize(memory_mib=memory_mib, vcpus=Decimal(1)),
        billed_ms=Quantiles(p10=time, p50=time, p90=time),
    )


def test_lambda_costs_what_its_pricing_page_works_out_before_the_free_tier() -> None:
    """3M requests of 120 ms at 1,536 MB: 540,000 GB-s and 3M requests."""
    row = published(LAMBDA, requests=3_000_000, memory_mib=1536, billed_ms=120)
    requests, duration = row.parts(row.billed_ms.p50)

    assert requests.rounded() == Decimal("0.60")
    assert duration.rounded() == Decimal("9.00")


def test_azure_functions_cost_what_their_pricing_page_works_out_before_the_free_grant() -> None:
    """3M executions of 1 s at 512 MB: 1.5M GB-s and 3M executions."""
    row = published(AZURE_FUNCTIONS, requests=3_000_000, memory_mib=512, billed_ms=1000)

    assert row.monthly_cost.p50.rounded() == Decimal("24.60")


def test_cloud_run_functions_bill_the_processor_beside_the_memory() -> None:
    row = published(CLOUD_RUN_FUNCTIONS, requests=1_000_000, memory_mib=512, billed_ms=1000)

    # 1M x (0.40 / 1M + 1 s x (0.5 GiB x 0.0000025 + 1 vCPU x 0.000024))
    assert row.monthly_cost.p50.rounded() == Decimal("25.65")


@given(duration_ms=st.floats(0.001, 10_000), more_ms=st.floats(0, 1000), granularity=st.sampled_from([1, 10, 100]))
def test_time_is_billed_in_whole_steps_and_never_less_for_longer(
    duration_ms: float, more_ms: float, granularity: int
) -> None:
    tariff = replace(LAMBDA, granularity_ms=granularity)
    short, long = billed_time_ms(tariff, np.array([duration_ms, duration_ms + more_ms]) / 1000)

    assert short % granularity == 0
    assert duration_ms - 1e-6 <= short <= duration_ms + granularity
    assert short <= long


def test_a_minimum_is_billed_for_what_is_shorter() -> None:
    assert billed_time_ms(AZURE_FUNCTIONS, np.array([0.003, 0.25])).tolist() == [100, 250]


@few
@given(low=st.integers(1, 10**9), factor=st.floats(1, 100))
def test_more_traffic_never_costs_less_and_a_request_costs_the_same(low: int, factor: float) -> None:
    less, more = row_at(low), row_at(int(low * factor))

    assert less.monthly_cost.p50 <= more.monthly_cost.p50
    assert less.cost_per_million_requests == more.cost_per_million_requests


@few
@given(demand_ms=st.floats(0.1, 20), memory=st.sampled_from([256, 512, 1024, 1536, 1769, 3008]))
def test_more_memory_never_makes_a_request_longer(demand_ms: float, memory: int) -> None:
    def duration_at(sizes: tuple[FunctionSize, ...]) -> float:
        return row_at(tariff=replace(LAMBDA, sizes=sizes), demand_s=demand_ms / 1000, objective_ms=1e5).duration_s

    place = [size.memory_mib for size in LAMBDA.sizes].index(memory)
    assert duration_at(LAMBDA.sizes[place : place + 1]) <= duration_at(LAMBDA.sizes[place - 1 : place])


@few
@given(demand_ms=st.floats(2, 10))
def test_twice_the_work_costs_more(demand_ms: float) -> None:
    once, twice = (row_at(demand_s=demand_ms * times / 1000, objective_ms=1e5) for times in (1, 2))

    assert once.monthly_cost.p50 < twice.monthly_cost.p50


@few
@given(requests=st.integers(1, 10**10))
def test_parts_add_up_to_the_total_exactly(requests: int) -> None:
    row = row_at(requests, tariff=CLOUD_RUN_FUNCTIONS)
    parts = row.parts(row.billed_ms.p50)

    assert parts[0] + parts[1] == row.monthly_cost.p50
    assert row.monthly_cost.p10 <= row.monthly_cost.p50 <= row.monthly_cost.p90


def test_a_cold_start_costs_and_one_that_nobody_measured_is_said() -> None:
    warm, cold = row_at(start_s=None), row_at(start_s=2.0)

    assert warm.monthly_cost.p50 < cold.monthly_cost.p50
    assert "no cold start was measured: none is counted" in warm.warnings
    assert cold.assumptions[0].startswith("0.3% of requests meet a cold start")


def test_the_memory_size_is_set_by_what_refused_the_smaller_one() -> None:
    assert row_at(objective_ms=1e5).binding_constraint == "price"
    assert row_at(objective_ms=20.0).binding_constraint == "latency objective"
    assert row_at(mib=400.0, objective_ms=1e5).binding_constraint == "memory"
    assert row_at(10**11).binding_constraint == "concurrency"


def test_a_stack_that_no_memory_size_serves_is_refused_with_the_reason() -> None:
    with pytest.raises(ObjectiveTooStrict, match="too slow"):
        row_at(demand_s=0.02, objective_ms=90.0)
    with pytest.raises(DoesNotFit, match="more memory"):
        row_at(mib=5000.0)


def test_the_arithmetic_ends_at_the_bill() -> None:
    row = row_at()
    steps = explain_function(row)

    assert [step.name for step in steps][:3] == [
        "duration of a request d",
        "billed duration",
        "cold starts, per request",
    ]
    assert steps[0].value == pytest.approx(row.duration_s * 1000)
    assert steps[-1].value == row.monthly_cost.p50.amount


def test_half_a_processor_doubles_the_work_and_not_the_waiting() -> None:
    sizes = function_sizes("1024:0.5")
    row = row_at(tariff=replace(LAMBDA, sizes=sizes), objective_ms=1e5)

    assert row.duration_s == pytest.approx(2 * row.capacity.service_demand_s + row.capacity.waiting_s)
