"""Properties of projections that must hold for any traffic, objective and catalogue."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.cost.exchange import NoExchangeRate
from estimator.domain.cost.pricing import Candidate, Term
from estimator.domain.cost.traffic import Redundancy, TrafficTarget
from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.performance.capacity import RefusedStack
from estimator.domain.reporting.projection import Projection, project
from estimator.domain.reporting.rendering import to_json
from estimator.domain.reporting.sweep import SWEEP, TABLE
from estimator.domain.statistics import Interval
from tests.domain.cases import candidate, capacity_of, catalogue

few = settings(max_examples=25, deadline=None)
traffic = st.decimals(min_value=1, max_value=10**11, places=0).map(Decimal)


def target_of(requests_per_day: Decimal | int = 10_000_000, **changes: Any) -> TrafficTarget:
    return TrafficTarget(requests_per_day=Decimal(requests_per_day), **changes)


def projected(
    target: TrafficTarget | None = None, *, candidates: list[Candidate] | None = None, blocks: int = 5, **changes: Any
) -> Projection:
    capacities = changes.pop("capacities", None) or [
        capacity_of("fastapi", 0.0016, blocks=blocks),
        capacity_of("django", 0.0026, blocks=blocks),
    ]
    return project(
        target=target or target_of(),
        capacities=capacities,
        candidates=catalogue() if candidates is None else candidates,
        draws=changes.pop("draws", 400),
        **changes,
    )


def p50s(projection: Projection) -> list[Decimal]:
    return [row.monthly_cost.p50.amount for row in projection.rows]


@few
@given(traffic, traffic)
def test_more_traffic_never_costs_less(one: Decimal, other: Decimal) -> None:
    less, more = projected(target_of(min(one, other))), projected(target_of(max(one, other)))
    for low, high in zip(less.rows, more.rows, strict=True):
        assert low.monthly_cost.p10 <= high.monthly_cost.p10
        assert low.monthly_cost.p50 <= high.monthly_cost.p50
        assert low.monthly_cost.p90 <= high.monthly_cost.p90


@few
@given(st.floats(min_value=60, max_value=1000), st.floats(min_value=60, max_value=1000))
def test_a_stricter_slo_never_costs_less(one_ms: float, other_ms: float) -> None:
    strict, loose = (projected(target_of(10**9, objective_ms=ms)) for ms in sorted((one_ms, other_ms)))
    assert all(low >= high for low, high in zip(p50s(strict), p50s(loose), strict=True))


@few
@given(st.floats(min_value=0.7, max_value=4), st.floats(min_value=0.7, max_value=4))
def test_a_faster_core_never_needs_more_instances(one: float, other: float) -> None:
    capacity = replace(capacity_of(blocks=5), host=CpuSpeed(canary=1.0, smt=Smt.CORE))
    slow, fast = (
        projected(
            target_of(10**9), capacities=[capacity], candidates=[candidate(speed=CpuSpeed(canary=speed, smt=Smt.CORE))]
        ).rows[0]
        for speed in sorted((one, other))
    )
    assert slow.instances.p10 >= fast.instances.p10
    assert slow.instances.p50 >= fast.instances.p50
    assert slow.instances.p90 >= fast.instances.p90


@few
@given(traffic, st.integers(min_value=1, max_value=40))
def test_a_minimum_of_n_costs_at_least_n_instances(requests_per_day: Decimal, minimum: int) -> None:
    target = target_of(requests_per_day, redundancy=Redundancy(minimum_instances=minimum))
    assert all(row.monthly_cost.p10.amount >= row.price.monthly * minimum for row in projected(target).rows)


@few
@given(traffic, st.integers(min_value=2, max_value=5))
def test_a_minimum_that_already_survives_a_zone_adds_nothing(requests_per_day: Decimal, zones: int) -> None:
    bare = target_of(requests_per_day, redundancy=Redundancy(zones=zones, minimum_instances=1))
    with_minimum = replace(bare, redundancy=Redundancy(zones=zones, minimum_instances=zones))
    assert p50s(projected(bare)) == p50s(projected(with_minimum))


@few
@given(traffic, st.floats(min_value=-0.1, max_value=0.3))
def test_quantiles_stand_in_order(requests_per_day: Decimal, growth: float) -> None:
    target = target_of(requests_per_day, growth_per_month=Interval(low=growth, mid=growth + 0.05, high=growth + 0.1))
    for row in projected(target).rows:
        for cost in (row.monthly_cost, row.year_cost):
            assert cost.p10 <= cost.p50 <= cost.p90


@few
@given(st.integers(min_value=0, max_value=2**31))
def test_a_projection_is_bit_for_bit_repeatable(seed: int) -> None:
    one, two = (projected(seed=seed) for _ in range(2))
    assert to_json(one, all_rows=True) == to_json(two, all_rows=True)
    assert [row.fleet.load for row in one.rows] == [row.fleet.load for row in two.rows]


def test_another_seed_gives_other_draws_of_the_same_answer() -> None:
    one, two = projected(target_of(10**9), seed=1, draws=5000), projected(target_of(10**9), seed=2, draws=5000)
    assert one.rows[0].fleet.load != two.rows[0].fleet.load
    assert one.rows[0].fleet.load.p50 == pytest.approx(two.rows[0].fleet.load.p50, rel=0.05)


def test_a_stack_is_costed_the_same_whoever_stands_beside_it() -> None:
    alone = projected(target_of(10**9), capacities=[capacity_of("django", 0.0026, blocks=5)])
    beside = projected(target_of(10**9))
    assert [row.fleet.load for row in alone.rows] == [row.fleet.load for row in beside.rows if row.stack == "django"]


@few
@given(st.lists(st.sampled_from(["USD", "EUR", "JPY"]), min_size=1, max_size=6), st.sampled_from(["USD", "EUR"]))
def test_currencies_never_mix(priced_in: list[str], asked: str) -> None:
    offers = [candidate(f"m{number}", currency=currency) for number, currency in enumerate(priced_in)]
    projection = projected(target_of(currency=asked), candidates=offers)
    assert len(projection.rows) == 2 * priced_in.count(asked)
    assert {row.price.currency for row in projection.rows} <= {asked}
    told = {exclusion.reason for exclusion in projection.excluded}
    lacking = {currency: NoExchangeRate(currency, asked) for currency in {*priced_in} - {asked}}
    assert told == {f"priced in {currency}: {why}" for currency, why in lacking.items()}


def test_the_year_is_twelve_months_and_grows_with_the_traffic() -> None:
    flat = projected(target_of(10**9)).rows[0]
    growing = projected(target_of(10**9, growth_per_month=Interval.exact(0.1))).rows[0]
    assert flat.year_cost.p50 == flat.monthly_cost.p50 * 12
    assert growing.monthly_cost == flat.monthly_cost
    assert growing.year_cost.p50.amount > flat.year_cost.p50.amount * Decimal("1.7")
    assert growing.fleet.instances_month_12.p50 == pytest.approx(flat.instances.p50 * 1.1**11, rel=0.05)


def test_growth_in_doubt_widens_the_year() -> None:
    sure = projected(target_of(10**9, growth_per_month=Interval.exact(0.1))).rows[0]
    doubt = projected(target_of(10**9, growth_per_month=Interval(low=0.0, mid=0.1, high=0.2))).rows[0]
    assert doubt.monthly_cost == sure.monthly_cost
    assert doubt.year_cost.p90.amount > sure.year_cost.p90.amount
    assert doubt.year_cost.p10.amount < sure.year_cost.p10.amount


@few
@given(traffic, st.floats(min_value=-0.2, max_value=0.2), st.floats(min_value=0.001, max_value=0.2))
def test_growth_in_doubt_leaves_month_1_and_is_shared_by_all_stacks(
    requests_per_day: Decimal, middle: float, spread: float
) -> None:
    doubt = Interval(low=middle - spread, mid=middle, high=middle + spread)
    found = projected(target_of(requests_per_day, growth_per_month=doubt))
    known = projected(target_of(requests_per_day, growth_per_month=Interval.exact(middle)))
    for row, sure in zip(found.rows, known.rows, strict=True):
        assert row.monthly_cost == sure.monthly_cost
        assert row.fleet.year.months[0] == row.instances
        assert row.fleet.instances_month_12.p90 >= sure.fleet.instances_month_12.p50
        assert row.fleet.instances_month_12.p10 <= sure.fleet.instances_month_12.p50
    growths = [row.fleet.stack.shared.growth for row in found.rows]
    assert all(one is growths[0] is not None for one in growths)


def test_cost_per_million_follows_from_the_bill() -> None:
    row = projected().rows[0]
    per_million = row.cost_per_million_requests
    assert per_million.amount * (10_000_000 * 730 / Decimal(24) / 10**6) == pytest.approx(row.monthly_cost.p50.amount)


def test_headroom_is_the_factor_at_which_the_fleet_grows() -> None:
    row = projected(target_of(10**9)).rows[0]
    below, above = (
        projected(target_of(int(10**9 * row.headroom * factor))).rows[0].instances.p50 for factor in (0.9999, 1.0001)
    )
    assert below == row.instances.p50 < above


def test_burstable_machines_are_left_out_unless_allowed() -> None:
    burstable = candidate("t1.small", hourly="0.001", burstable=True, sustained_share=0.2)
    without, with_it = (projected(candidates=[*catalogue(), burstable], allow_burstable=it) for it in (False, True))
    assert all(not row.hardware.burstable for row in without.rows)
    assert without.excluded[0].hardware == ("aws t1.small",)
    assert with_it.cheapest[0].hardware.name == "t1.small"


def test_a_burstable_machine_whose_share_nobody_tells_is_refused_with_a_sentence() -> None:
    unknown = candidate("vps.1", hourly="0.001", burstable=True)
    projection = projected(candidates=[*catalogue(), unknown], allow_burstable=True)
    assert unknown.hardware.label not in {row.hardware.label for row in projection.rows}
    (exclusion,) = projection.excluded
    assert (exclusion.hardware, "sustains; enter one" in exclusion.reason) == ((unknown.hardware.label,), True)


@few
@given(st.floats(min_value=0.01, max_value=1), st.floats(min_value=0.01, max_value=1))
def test_what_a_burstable_machine_sustains_bounds_it_in_every_draw(one: float, other: float) -> None:
    low, high = sorted((one, other))
    less, more, whole = (
        projected(
            target_of(10**9),
            candidates=[candidate(burstable=share is not None, sustained_share=share)],
            allow_burstable=True,
        ).rows[0]
        for share in (low, high, None)
    )
    assert less.fleet.load.p10 >= more.fleet.load.p10 >= whole.fleet.load.p10
    assert less.fleet.load.p90 >= more.fleet.load.p90 >= whole.fleet.load.p90
    assert less.fleet.middle.rate <= more.fleet.middle.rate <= whole.fleet.middle.rate
    told = "sustained CPU" if low < whole.fleet.middle.knee else "cpu"
    assert less.fleet.middle.binding_constraint == told


def test_only_the_regions_asked_for_are_priced() -> None:
    elsewhere = candidate("m1.far", region="eu-west-1", hourly="0.0001")
    projection = projected(target_of(regions=("us-east-1",)), candidates=[*catalogue(), elsewhere])
    assert {row.price.region for row in projection.rows} == {"us-east-1"}


def test_a_disputed_price_is_shown_with_its_label_and_never_decides() -> None:
    disputed = candidate("m1.odd", hourly="0.0001", disputed="another source says 0.2")
    projection = projected(candidates=[*catalogue(), disputed])
    shown = [row for row in projection.rows if row.hardware.name == "m1.odd"]
    assert any("disputed price" in warning for warning in shown[0].warnings)
    assert all(row.hardware.name != "m1.odd" for row in projection.cheapest)


def test_rows_hold_all_terms_but_the_verdict_one() -> None:
    reserved = [candidate("m1.large", hourly="0.02", term=Term.RESERVED_3Y), *catalogue()]
    projection = projected(candidates=reserved)
    assert {row.price.term for row in projection.rows} == {Term.ON_DEMAND, Term.RESERVED_3Y}
    assert {row.price.term for row in projection.cheapest} == {Term.ON_DEMAND}


def test_a_refused_stack_keeps_its_reason_and_gets_no_row() -> None:
    refused = RefusedStack(stack="flask", workload="user_lookup", reasons=("3 answers had the wrong body",))
    projection = projected(capacities=[refused, capacity_of()])
    assert projection.refused == (refused,)
    assert {row.stack for row in projection.rows} == {"fastapi"}


def test_a_stack_that_misses_the_objective_everywhere_is_refused() -> None:
    projection = projected(target_of(objective_ms=20.0))
    assert projection.rows == ()
    assert {stack.stack for stack in projection.refused} == {"fastapi", "django"}
    assert "nothing is known at 20 ms" in projection.refused[0].reasons[0]


def test_without_prices_every_stack_is_refused_and_nothing_is_free() -> None:
    projection = projected(candidates=[])
    assert len(projection.refused) == 2
    assert "no undisputed price in USD for the term" in projection.refused[0].reasons[0]
    assert projection.verdict.sentence == "No stack can be costed; see the reasons."


def test_one_stack_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="given twice"):
        projected(capacities=[capacity_of(), capacity_of()])


def test_find_and_rows_of_agree() -> None:
    projection = projected()
    rows = projection.rows_of("django", "on_demand")
    assert rows == sorted(rows, key=lambda row: row.sort_key)
    found = projection.find(stack="django", hardware="aws m1.large", region="us-east-1", term="on_demand")
    assert found in rows
    assert projection.find(stack="django", hardware="aws x9", region="us-east-1", term="on_demand") is None


def test_the_sweep_passes_through_the_row_at_its_own_traffic() -> None:
    projection = projected()
    at_target = {stack: fleets[SWEEP.index(Decimal(10_000_000))] for stack, fleets in projection.sweep.items()}
    for row in projection.cheapest:
        assert at_target[row.stack].monthly_cost == row.monthly_cost
    assert tuple(Decimal(10) ** power for power in (5, 6, 7, 8, 9)) == TABLE


def test_the_sweep_never_falls() -> None:
    for fleets in projected().sweep.values():
        costs = [fleet.p50.amount for fleet in fleets]
        assert costs == sorted(costs)


def test_odds_rise_to_certainty_and_agree_with_the_quantiles() -> None:
    projection = projected(target_of(10**8), draws=4000)
    row = projection.rows[0]
    odds = projection.answers_of(row).odds
    assert [share for _, share in odds] == sorted(share for _, share in odds)
    assert odds[-1][1] == pytest.approx(1.0)
    assert next(share for count, share in odds if count >= row.instances.p50) >= 0.5


def test_a_short_sample_of_draws_is_enough_for_any_count_of_them() -> None:
    assert projected(draws=1).rows[0].instances.p50 >= 3
