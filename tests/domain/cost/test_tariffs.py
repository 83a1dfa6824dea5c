"""Tariffs: grids that are read, prices that are never free, tiers that add up."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.pricing import PriceNotListed
from estimator.domain.cost.tariffs import ContainerSize, GridError, container_sizes, function_sizes
from tests.domain.tariff_cases import FARGATE, LAMBDA, LINES, line

EGRESS = LINES[3]


def test_a_grid_names_each_memory_from_low_to_high() -> None:
    sizes = container_sizes("0.5:1-4/1 1:2-3/0.5")

    assert [(str(size.vcpus), str(size.memory_gib)) for size in sizes] == [
        *(("0.5", memory) for memory in "1234"),
        *(("1", memory) for memory in ("2.0", "2.5", "3.0")),
    ]
    assert sizes[0].label == "0.5 vCPU, 1 GiB"


@pytest.mark.parametrize("text", ["", "1", "1:2", "1:4-2/1", "1:2-4/0", "0:1-2/1", "one:1-2/1"])
def test_a_grid_that_cannot_be_read_shows_what_one_looks_like(text: str) -> None:
    with pytest.raises(GridError, match=r"0\.5:1-4/1"):
        container_sizes(text)


@pytest.mark.parametrize("text", ["", "128", "128:0", "0:1", "256:1 128:1", "a:1"])
def test_memory_sizes_that_cannot_be_read_show_what_they_look_like(text: str) -> None:
    with pytest.raises(GridError, match=r"128:0\.07"):
        function_sizes(text)


def test_a_missing_price_is_never_free() -> None:
    for build in (
        lambda: replace(FARGATE, gib_hour=Decimal(0)),
        lambda: replace(LAMBDA, per_million_requests=Decimal(0)),
        lambda: line("disk", "GB-month", "0"),
        lambda: line("egress", "GB", "0.09", above=(10,)),
    ):
        with pytest.raises(PriceNotListed):
            build()


def test_five_tasks_of_one_vcpu_cost_what_a_second_calculator_says() -> None:
    """Infracost's own test of 2025-07-04: five Fargate tasks of 1 vCPU and 2 GB are 147.75 and 32.45 dollars."""
    size = ContainerSize(vcpus=Decimal(1), memory_gib=Decimal(2))

    assert FARGATE.vcpu_month(size, 5).rounded() == Decimal("147.75")
    assert FARGATE.memory_month(size, 5).rounded() == Decimal("32.45")


def test_traffic_through_all_tiers_costs_what_the_published_steps_add_up_to() -> None:
    # 10 TB at 0.09, 40 TB at 0.085, 100 TB at 0.07, and 1 TB at 0.05
    assert EGRESS.cost(Decimal(151_000)).amount == Decimal("900") + Decimal("3400") + Decimal("7000") + Decimal("50")


@given(low=st.decimals(0, 10**6, places=2), more=st.decimals(0, 10**6, places=2))
def test_a_greater_quantity_never_costs_less(low: Decimal, more: Decimal) -> None:
    assert EGRESS.cost(low) <= EGRESS.cost(low + more)
