"""What a projection answers about a row: odds of counts, bill by month, budget, and what moves the bill most."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.reporting.answers import RowAnswers
from estimator.domain.reporting.projection import Projection, project
from estimator.domain.reporting.sensitivity import Swing
from estimator.domain.reporting.trace import explain
from estimator.domain.statistics import Interval
from tests.domain.cases import candidate, capacity_of

MACHINE = candidate("m7.xlarge", vcpus=4, hourly="0.2", speed=CpuSpeed(single_thread=3.6, smt=Smt.HYPERTHREAD))
HOST = CpuSpeed(single_thread=3.0, smt=Smt.HIDDEN)
NO_GROWTH, SOME_GROWTH = Interval.exact(0.0), Interval(low=0.0, mid=0.03, high=0.08)


def projected(*, blocks: int = 5, draws: int = 4000, **changes: Any) -> Projection:
    values: dict[str, Any] = {"requests_per_day": Decimal(1_000_000_000), **changes}
    return project(
        target=TrafficTarget(**values),
        capacities=[capacity_of("django", 0.002, blocks=blocks, host=HOST)],
        candidates=[MACHINE],
        draws=draws,
    )


def answered(**changes: Any) -> RowAnswers:
    (found,) = projected(**changes).answers
    return found


def swings(**changes: Any) -> dict[str, Swing]:
    return {swing.name: swing for swing in answered(**changes).sensitivity.swings}


def test_the_middle_of_the_tornado_is_the_arithmetic_that_is_shown() -> None:
    found = answered()

    (scenario,) = [step for step in explain(found.row) if step.name == "monthly cost, every input at its middle"]
    assert found.sensitivity.cost.amount == scenario.value


def test_swings_stand_widest_first() -> None:
    found = [swing.swing.amount for swing in answered().sensitivity.swings]

    assert found == sorted(found, reverse=True)
    assert found[0] > 0


def test_the_peak_moves_the_load_in_proportion() -> None:
    peak = swings()["peak/mean"]

    assert (peak.low, peak.mid, peak.high) == (1.4, 1.7, 2.75)
    assert peak.load_low == pytest.approx(1.4 / 1.7)
    assert peak.load_high == pytest.approx(2.75 / 1.7)
    assert peak.cost_low < peak.cost_high


def test_a_swing_is_the_projection_with_that_input_alone_changed() -> None:
    """An independent way to the same figure: another target whose middle is this one's P90."""
    peak = swings()["peak/mean"]
    elsewhere = answered(peak_to_mean=Interval.exact(2.75)).sensitivity

    assert elsewhere.cost == peak.cost_high


def test_inputs_without_doubt_are_left_out() -> None:
    names = set(swings(peak_to_mean=Interval.exact(2.0)))

    assert "peak/mean" not in names
    assert "growth" not in names
    assert "SMT yield of the machine" in names


def test_growth_in_doubt_moves_the_average_of_the_year() -> None:
    growth = swings(growth_per_month=SOME_GROWTH)["growth"]

    assert growth.cost_low < growth.cost_high
    assert growth.load_low == pytest.approx(12 / sum(1.03**month for month in range(12)))


def test_a_slower_machine_and_a_higher_demand_cost_more_a_higher_knee_less() -> None:
    found = swings()

    assert found["CPU time on the machine"].load_low < 1 < found["CPU time on the machine"].load_high
    assert found["service demand D"].load_low < 1 < found["service demand D"].load_high
    assert found["knee utilisation u*"].load_low > 1 > found["knee utilisation u*"].load_high
    assert found["SMT yield of the machine"].load_low > 1 > found["SMT yield of the machine"].load_high


def test_one_block_says_that_its_doubt_is_a_prior() -> None:
    names = set(swings(blocks=1))

    assert "service demand D and knee (stated prior)" in names
    assert "knee utilisation u*" not in names


def test_at_little_traffic_only_the_price_moves_the_bill() -> None:
    first, second, *_ = answered(requests_per_day=Decimal(100_000)).sensitivity.swings

    assert first.name == "price, as far as sources may differ"
    assert second.swing.amount == 0
    assert second.load_high > 1  # what would matter next stands next


def test_odds_rise_to_certainty() -> None:
    odds = answered().odds

    shares = [share for _, share in odds]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(odds) <= 20


@pytest.mark.parametrize("growth", [NO_GROWTH, Interval.exact(0.05), SOME_GROWTH])
def test_months_begin_with_the_bill_shown_and_end_with_month_12(growth: Interval) -> None:
    found = answered(growth_per_month=growth)

    row: CostRow = found.row
    assert len(found.bills) == 12
    assert found.bills[0] == row.monthly_cost
    assert found.bills[-1].p50.amount == row.price.monthly * row.fleet.instances_month_12.p50


def test_the_budget_is_compared_with_every_month() -> None:
    bills = answered(growth_per_month=Interval.exact(0.1)).bills
    budget = bills[4].p50.amount

    found = answered(growth_per_month=Interval.exact(0.1), monthly_budget=budget).budget

    assert found is not None
    assert found.p50_month is not None
    assert bills[found.p50_month - 1].p50.amount > budget >= bills[found.p50_month - 2].p50.amount


def test_without_a_budget_nothing_is_said_of_one() -> None:
    assert answered().budget is None


def test_answers_are_repeatable() -> None:
    one, other = projected(draws=500), projected(draws=500)

    assert one.answers[0].odds == other.answers[0].odds
    assert one.answers[0].sensitivity == other.answers[0].sensitivity


def test_answers_of_any_row_can_be_asked() -> None:
    projection = projected(draws=500)
    dearer = replace(projection.rows[0].price, hourly=Decimal("0.4"))
    row = projection.rows[0]._replace(price=dearer)

    assert projection.answers_of(row).bills[0].p50.amount == row.monthly_cost.p50.amount
