"""Lines beside compute: off unless asked for, counted from measurements, with a sum of their own."""

from dataclasses import replace
from decimal import Decimal

import pytest

from estimator.domain.cost.lines import Line, LinedFleet, beside
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.reporting.projection import project
from estimator.domain.reporting.tariff_trace import explain_line
from tests.domain.cases import catalogue
from tests.domain.tariff_cases import LINES, ONE_IS_ENOUGH, load_of, stack

TARGET = TrafficTarget(payload_bytes=2_000)


def lined(*lines: Line, target: TrafficTarget = TARGET, **changes: float) -> LinedFleet:
    capacity = replace(stack(), **changes)  # type: ignore[arg-type]
    row = project(target=target, capacities=[capacity], candidates=catalogue(), draws=400).cheapest[0]
    return beside(row, load_of(capacity, target), LINES, lines=lines)


def test_nothing_stands_beside_compute_unless_asked_for() -> None:
    fleet = lined()

    assert fleet.lines == ()
    assert fleet.with_compute_p50 == fleet.row.monthly_cost.p50


def test_all_lines_add_up_to_their_sum_and_with_compute_exactly() -> None:
    fleet = lined(*Line)

    assert [row.line for row in fleet.lines] == ["database", "load_balancer", "load_balancer", "egress", "disk"]
    parts = sum((row.monthly_cost.p50.amount for row in fleet.lines), Decimal(0))
    assert fleet.lines_p50.amount == parts
    assert fleet.with_compute_p50.amount == parts + fleet.row.monthly_cost.p50.amount


def test_a_load_balancer_costs_its_hours_and_what_passes() -> None:
    hours, units = lined(Line.LOAD_BALANCER).lines

    assert hours.monthly_cost.p50.rounded() == Decimal("16.42")  # 730 x 0.0225 = 16.425, half to even
    # 304.1667M requests x 2,000 bytes are 566.55 GB, one unit-hour each
    assert units.monthly_cost.p50.rounded() == Decimal("4.53")


def test_what_leaves_is_the_payload_of_every_request() -> None:
    (egress,) = lined(Line.EGRESS).lines

    assert egress.quantity.p50.quantize(Decimal("0.01")) == Decimal("566.55")
    assert egress.monthly_cost.p50.rounded() == Decimal("50.99")


def test_a_response_of_unknown_size_has_no_egress_and_says_so() -> None:
    fleet = lined(Line.EGRESS, target=replace(TARGET, payload_bytes=0))

    assert fleet.lines == ()
    assert "payload_bytes" in fleet.uncounted[0].reason


def test_a_database_is_the_least_server_for_its_measured_work_and_a_second_for_a_lost_zone() -> None:
    # 115.7/s x 1.7 x 1.25 x 0.2 ms are 0.05 vCPUs: the least server has 2.
    (two,) = lined(Line.DATABASE).lines
    (one,) = lined(Line.DATABASE, target=replace(TARGET, redundancy=ONE_IS_ENOUGH)).lines

    assert one.monthly_cost.p50.rounded() == Decimal("129.94")  # 2 x 730 x 0.089
    assert two.monthly_cost.p50 == one.monthly_cost.p50 * 2


def test_a_database_grows_with_the_traffic() -> None:
    (row,) = lined(Line.DATABASE, target=replace(TARGET, requests_per_day=Decimal(10**10))).lines

    assert row.quantity.p50 > 4 * 730
    assert row.quantity.p10 <= row.quantity.p50 <= row.quantity.p90


def test_work_beyond_the_largest_server_is_told_not_priced() -> None:
    fleet = lined(Line.DATABASE, target=replace(TARGET, requests_per_day=Decimal(10**12)))

    assert "largest server listed has 192" in fleet.uncounted[0].reason


def test_a_stack_without_a_database_has_no_line_for_one() -> None:
    blocks = tuple(replace(block, database_demand_s=0.0) for block in stack().blocks)

    assert "without work of a database" in lined(Line.DATABASE, blocks=blocks).uncounted[0].reason  # type: ignore[arg-type]


def test_each_instance_has_its_disk() -> None:
    fleet = lined(Line.DISK)

    assert fleet.lines[0].quantity.p50 == fleet.row.instances.p50 * 20


def test_a_place_without_a_price_is_told() -> None:
    row = lined().row
    fleet = beside(row, load_of(stack(), TARGET), (), lines=[Line.DISK])

    assert fleet.uncounted[0].reason.startswith("no price is listed for it in aws us-east-1")


@pytest.mark.parametrize("line", list(Line))
def test_the_arithmetic_of_a_line_ends_at_its_bill(line: Line) -> None:
    row = lined(line).lines[-1]

    assert explain_line(row)[-1].value == row.monthly_cost.p50.amount
