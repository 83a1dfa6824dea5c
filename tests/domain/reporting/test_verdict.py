"""Verdicts: same cost, cheapest, or too close to call; and from which traffic on the choice matters."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.capacity import Capacity, RefusedStack
from estimator.domain.performance.comparison import Ranking
from estimator.domain.reporting.projection import Projection, project
from estimator.domain.reporting.sweep import SWEEP
from estimator.domain.reporting.verdict import Outcome
from tests.domain.cases import candidate, capacity_of, catalogue


def verdict_at(requests_per_day: int, *capacities: Capacity | RefusedStack, **changes: Any) -> Projection:
    return project(
        target=TrafficTarget(requests_per_day=Decimal(requests_per_day), **changes),
        capacities=capacities,
        candidates=catalogue(),
        draws=4000,
    )


FASTAPI, DJANGO = capacity_of("fastapi", 0.0016, blocks=5), capacity_of("django", 0.0026, blocks=5)
FLASK = capacity_of("flask", 0.00162, blocks=5)


def test_at_ten_million_a_day_the_redundancy_sets_the_bill() -> None:
    verdict = verdict_at(10_000_000, FASTAPI, FLASK, DJANGO).verdict
    assert verdict.same_cost
    assert verdict.cheapest is None
    assert verdict.costs[0].instances.p50 == 3
    assert verdict.sentence.startswith(
        "At 10M requests/day Fastapi, Flask and Django cost the same, USD 65.70 a month (3 x aws m1.small):"
        " the redundancy minimum sets the bill, not the framework."
    )


def test_many_stacks_are_counted_and_not_listed() -> None:
    quart = capacity_of("quart", 0.0018, blocks=5)

    verdict = verdict_at(10_000_000, FASTAPI, FLASK, DJANGO, quart).verdict

    assert verdict.sentence.startswith("At 10M requests/day all 4 stacks cost the same, USD 65.70 a month")


def test_the_indifference_threshold_is_where_costs_first_part() -> None:
    projection = verdict_at(10_000_000, FASTAPI, DJANGO)
    threshold = projection.verdict.indifference_per_day
    assert threshold is not None
    assert f"first changes the bill at {float(threshold) / 1e6:.3g}M/day, where Django costs more" in (
        projection.verdict.sentence
    )
    for factor, equal in ((Decimal("0.999"), True), (Decimal("1.001"), False)):
        bills = {stack.cheapest(threshold * factor).p50.amount for stack in projection.options}
        assert (len(bills) == 1) is equal
    assert projection.verdict.first_to_grow == ("django",)
    swept = [traffic for traffic in SWEEP if traffic < threshold]
    for index in range(len(swept)):
        assert len({fleets[index].p50.amount for fleets in projection.sweep.values()}) == 1


def test_the_difference_at_ten_times_the_traffic_is_told() -> None:
    verdict = verdict_at(10_000_000, FASTAPI, DJANGO).verdict
    bills = [fleet.p50 for fleet in verdict.at_ten_times]
    assert verdict.difference_at_ten_times == bills[1] - bills[0]
    assert verdict.difference_at_ten_times.amount > 0
    assert all(fleet.requests_per_day == 100_000_000 for fleet in verdict.at_ten_times)


def test_a_clear_difference_ranks_with_its_probability() -> None:
    verdict = verdict_at(2 * 10**9, FASTAPI, DJANGO).verdict
    assert verdict.outcome is Outcome.CHEAPEST
    assert verdict.cheapest == "fastapi"
    assert verdict.probability is not None
    assert verdict.probability > 0.95
    (comparison,) = verdict.comparisons
    assert comparison.decided
    assert comparison.saving == verdict.costs[1].p50 - verdict.costs[0].p50
    assert "Fastapi is cheapest in 100% of draws" in verdict.sentence


def test_at_a_billion_a_day_stacks_rank_with_their_probability() -> None:
    verdict = verdict_at(1_000_000_000, FASTAPI, DJANGO).verdict
    first, second = verdict.cheapest_shares
    assert verdict.outcome is Outcome.CHEAPEST
    assert verdict.probability == first.alone > 0.95
    assert first.stack == "fastapi"
    assert second.alone < 0.05
    assert verdict.same_bill is not None
    assert first.alone + second.alone + verdict.same_bill == pytest.approx(1.0)


def test_where_bills_are_equal_nobody_is_cheapest_and_the_share_of_ties_is_told() -> None:
    verdict = verdict_at(10_000_000, FASTAPI, FLASK, DJANGO).verdict
    assert verdict.same_bill is not None
    assert verdict.same_bill > 0.8
    assert all(share.tied >= verdict.same_bill for share in verdict.cheapest_shares)
    assert max(share.alone for share in verdict.cheapest_shares) < 0.2


def test_a_small_difference_is_too_close_to_call_and_the_dearer_stack_named_apart() -> None:
    verdict = verdict_at(2 * 10**9, FASTAPI, FLASK, DJANGO).verdict
    assert verdict.outcome is Outcome.TOO_CLOSE
    assert verdict.cheapest is None
    assert "Fastapi and Flask are too close to call" in verdict.sentence
    assert "Surely dearer: Django" in verdict.sentence


@pytest.mark.parametrize(("ratio", "outcome"), [(1.45, Outcome.TOO_CLOSE), (1.75, Outcome.CHEAPEST)])
def test_one_block_ranks_only_beyond_the_ratio_of_its_prior(ratio: float, outcome: Outcome) -> None:
    quick, slow = capacity_of("fastapi", 0.0012), capacity_of("django", 0.0012 * ratio)
    assert verdict_at(10**10, quick, slow).verdict.outcome is outcome


def test_the_same_stack_twice_never_ranks() -> None:
    one, two = capacity_of("one", 0.002, spread=0.0, blocks=5), capacity_of("two", 0.002, spread=0.0, blocks=5)
    verdict = verdict_at(10**9, one, two).verdict
    assert verdict.same_cost
    assert verdict.indifference_per_day is None
    assert "does not change the bill at any traffic searched" in verdict.sentence


def test_stacks_that_part_from_the_start_have_a_threshold_of_nothing() -> None:
    hungry = capacity_of("django", 0.0026, blocks=5)
    small_only_for_one = [candidate("m1.tiny", vcpus=1, hourly="0.01", memory_mib=512), *catalogue()]
    light = capacity_of("fastapi", 0.0016, blocks=5)
    projection = project(
        target=TrafficTarget(),
        capacities=[light, replace(hungry, memory_p95_mib=500.0)],
        candidates=small_only_for_one,
        draws=500,
    )
    assert projection.verdict.indifference_per_day == 0
    assert projection.verdict.first_to_grow == ("django",)


def test_one_stack_is_simply_told() -> None:
    verdict = verdict_at(10_000_000, FASTAPI).verdict
    assert verdict.outcome is Outcome.ONE_STACK
    assert verdict.sentence == "At 10M requests/day Fastapi costs USD 65.70 a month (3 x aws m1.small)."
    assert verdict.difference_at_ten_times == Money(amount=Decimal(0), currency="USD")


def test_comparisons_use_shared_draws() -> None:
    """Peak and speed swing both bills by a factor; paired, they still tell 1.6 apart in every draw."""
    projection = verdict_at(10**10, FASTAPI, DJANGO)
    first, second = (fleet.row.monthly_cost for fleet in projection.verdict.costs)
    assert first.p90 > second.p10  # the intervals overlap widely
    assert projection.verdict.comparisons[0].probability == 1.0


def test_bills_that_follow_from_cpu_alone_never_part_where_the_capacities_do_not() -> None:
    """Twice the same stack: no draw of a large fleet may call one of them cheaper for sure."""
    twice = [capacity_of(name, 0.002, blocks=5) for name in ("one", "two")]
    verdict = verdict_at(10**10, *twice).verdict
    (capacities,) = verdict.capacity_comparisons
    assert not capacities.differs
    assert verdict.outcome is not Outcome.CHEAPEST


def test_capacities_that_differ_are_told_where_the_bills_are_too_close_to_call() -> None:
    """Ten per cent in D is more than the blocks' spread, and less than a fleet's steps can surely show."""
    projection = verdict_at(3 * 10**8, FASTAPI, capacity_of("slower", 0.00176, blocks=5))
    (capacities,) = projection.verdict.capacity_comparisons
    assert capacities.ranking is Ranking.MORE
    assert projection.verdict.outcome is Outcome.TOO_CLOSE
    assert f"Fastapi carries {capacities.ratio:.2f} (" in projection.verdict.sentence
    assert "too little to settle the bill" in projection.verdict.sentence
