"""What lets a pipeline go on: the bill of each stack in two runs, how surely it changed, and what is allowed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.capacity import RefusedStack
from estimator.domain.performance.comparison import Basis
from estimator.domain.reporting.gate import Allowance, Change, Measured, StackChange, compare_stack, judge
from estimator.domain.reporting.gate_json import gate_json
from tests.domain.cases import WORKLOAD, capacity_of, catalogue

BUSY = TrafficTarget(requests_per_day=Decimal(10**10))
FIVE = Allowance(max_increase_percent=Decimal(5))


def measured(demand_s: float = 0.002, *, run: str = "7", blocks: int = 6) -> Measured:
    return replace(capacity_of("flask", demand_s, blocks=blocks), run=run)


def compared(base: Measured, head: Measured, target: TrafficTarget = BUSY) -> StackChange:
    return compare_stack(base, head, target=target, candidates=catalogue(), term="on_demand")


@pytest.fixture(scope="module")
def dearer() -> StackChange:
    """Half as much CPU again for each request."""
    return compared(measured(), measured(0.003, run="8"))


def test_more_work_for_each_request_is_dearer(dearer: StackChange) -> None:
    assert dearer.change is Change.DEARER
    assert dearer.increase_percent is not None and dearer.increase_percent > 40
    assert dearer.probability_dearer is not None and dearer.probability_dearer > 0.99
    assert dearer.capacity is not None and dearer.capacity.basis is Basis.UNPAIRED
    assert dearer.capacity.high < 1  # the head carries less than the base


def test_the_other_way_round_is_cheaper() -> None:
    found = compared(measured(0.003), measured(run="8"))

    assert found.change is Change.CHEAPER
    assert found.capacity is not None and found.capacity.low > 1


def test_the_same_stack_measured_twice_is_never_dearer() -> None:
    found = compared(measured(), measured(run="8"))

    assert found.change in (Change.TOO_CLOSE, Change.SAME)
    assert judge([found], Allowance()).passed


def test_a_floor_hides_no_capacity_but_leaves_the_bill_as_it_is() -> None:
    found = compared(measured(), measured(0.003, run="8"), TrafficTarget())

    assert (found.change, found.increase_percent) == (Change.SAME, Decimal(0))
    assert found.capacity is not None and found.capacity.high < 1
    assert judge([found], Allowance()).passed


def test_one_block_each_cannot_stop_a_pipeline_for_a_few_percent() -> None:
    found = compared(measured(blocks=1), measured(0.0024, run="8", blocks=1))

    assert found.change is Change.TOO_CLOSE
    assert judge([found], Allowance()).passed


def test_what_is_dearer_stops_a_pipeline_unless_so_much_is_allowed(dearer: StackChange) -> None:
    refused, allowed = judge([dearer], FIVE), judge([dearer], Allowance(max_increase_percent=Decimal(80)))

    assert not refused.passed and "dearer, more than 5 %" in refused.reason
    assert allowed.passed and "No stack exceeds an increase of 80 %: Flask dearer (+" in allowed.reason
    assert not judge([dearer], Allowance()).passed


def test_a_cost_beyond_its_limit_stops_a_pipeline_however_sure(dearer: StackChange) -> None:
    assert dearer.head is not None
    cost = dearer.head.cost_per_million_requests.amount

    over = judge([dearer], Allowance(max_cost_per_million=cost - 1))
    within = judge([dearer], Allowance(max_cost_per_million=cost))

    assert not over.passed and "per million requests, more than" in over.reason
    assert within.passed


def test_a_stack_that_lost_its_cost_stops_a_pipeline_with_the_reason() -> None:
    broken = RefusedStack(stack="flask", workload=WORKLOAD, run="8", title="Flask", reasons=("it leaks",))

    lost, never = compared(measured(), broken), compared(broken, measured(run="8"))

    assert lost.change is never.change is Change.NO_COST
    assert judge([lost], FIVE).reason == "Flask has no cost in the head run: it leaks."
    assert judge([never], FIVE).passed


def test_the_json_holds_both_sides_and_adds_up(dearer: StackChange) -> None:
    (row,) = gate_json((dearer,), judge([dearer], FIVE))["stacks"]

    base, head = (Decimal(row[side]["cost_per_million_requests"]) for side in ("base", "head"))
    assert head - base == Decimal(row["difference_per_million_requests"])
    assert (row["base"]["run"], row["head"]["run"]) == ("7", "8")
    assert (row["verdict"], row["capacity_ratio"]["basis"]) == ("dearer", "blocks of two runs")
