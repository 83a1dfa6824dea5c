"""Containers from the same measurements: sizes that fit, parts that add up, costs that move the right way."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.cost.containers import ContainerRow, container_row, pack_container
from estimator.domain.cost.sizing import DoesNotFit
from estimator.domain.cost.tariffs import ContainerTariff, container_sizes
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.capacity import ObjectiveTooStrict
from estimator.domain.reporting.tariff_trace import explain_container
from tests.domain.tariff_cases import CONTAINER_APPS, FARGATE, ONE_IS_ENOUGH, load_of, stack

few = settings(max_examples=20, deadline=None)
traffic = st.integers(min_value=1, max_value=10**10)


def row_at(
    requests_per_day: int,
    *,
    demand_s: float = 0.002,
    mib: float = 80.0,
    tariff: ContainerTariff = FARGATE,
    **changes: Any,
) -> ContainerRow:
    target = TrafficTarget(requests_per_day=Decimal(requests_per_day), **changes)
    return container_row(load_of(stack(demand_s=demand_s, mib=mib), target), tariff, {})


@few
@given(low=traffic, factor=st.floats(1, 100))
def test_more_traffic_never_costs_less(low: int, factor: float) -> None:
    less, more = row_at(low).monthly_cost, row_at(int(low * factor)).monthly_cost

    assert less.p50 <= more.p50


@few
@given(requests=traffic)
def test_parts_add_up_to_the_total_exactly(requests: int) -> None:
    row = row_at(requests, tariff=CONTAINER_APPS)
    vcpus, memory, fee = row.parts(row.containers.p50)

    assert vcpus + memory + fee == row.monthly_cost.p50
    assert row.monthly_cost.p10 <= row.monthly_cost.p50 <= row.monthly_cost.p90


@few
@given(requests=st.integers(10**8, 10**10))
def test_twice_the_work_costs_more_where_the_load_decides(requests: int) -> None:
    assert row_at(requests).monthly_cost.p50 < row_at(requests, demand_s=0.004).monthly_cost.p50


def test_a_fleet_of_containers_costs_as_much_as_the_same_fleet_of_machines_at_their_price() -> None:
    row = row_at(100_000_000)

    assert row.as_instances.monthly_cost == row.monthly_cost


def test_requests_that_cost_are_added_once() -> None:
    row = row_at(10_000_000, tariff=CONTAINER_APPS)
    with_free_requests = replace(row, tariff=replace(CONTAINER_APPS, per_million_requests=Decimal(0)))

    difference = row.monthly_cost.p50 - with_free_requests.monthly_cost.p50
    assert difference.rounded() == Decimal("121.67")  # 304.1667M requests at 0.40 a million


def test_the_least_memory_that_holds_the_workers_is_rented() -> None:
    row = row_at(10_000_000, mib=3000.0)

    assert row.size.memory_gib == 3
    assert row.binding_constraint != "memory"


def test_a_container_too_small_for_one_worker_is_refused_by_name() -> None:
    with pytest.raises(DoesNotFit, match="Fastapi needs 50,000 MiB per worker"):
        row_at(10_000_000, mib=50_000.0)


def test_an_objective_that_no_size_meets_is_refused() -> None:
    with pytest.raises(ObjectiveTooStrict):
        row_at(10_000_000, objective_ms=1.0)


def test_a_quarter_of_a_processor_is_one_that_is_four_times_slower() -> None:
    quarter = replace(FARGATE, sizes=container_sizes("0.25:1-1/1"))
    whole = replace(FARGATE, sizes=container_sizes("1:2-2/1"))
    slow, fast = (row_at(1_000_000, tariff=one, objective_ms=1000.0) for one in (quarter, whole))

    assert slow.fleet.middle.service_demand_s == pytest.approx(4 * fast.fleet.middle.service_demand_s)
    assert "0.25 of a vCPU" in slow.assumptions[-1]


def test_a_container_keeps_no_memory_for_a_system() -> None:
    size = container_sizes("1:1-1/1")[0]

    assert pack_container(stack(mib=1024.0), size).workers == 1


def test_the_arithmetic_starts_at_the_price_of_a_container_and_ends_at_its_bill() -> None:
    row = row_at(10_000_000, redundancy=ONE_IS_ENOUGH)
    steps = explain_container(row)

    assert steps[0].value == FARGATE.hourly(row.size)
    assert steps[-1].value == row.monthly_cost.p50.amount
    assert any(step.name == "knee utilisation u*" for step in steps)
