"""Blocks of one stack under two names: told apart or not, held-out blocks and rates, and workers predicted from one."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.errors import AppError
from benchmarks.stack_catalogue import read_manifests
from benchmarks.validation.blocks import (
    PROFILE,
    TWICE,
    block_row,
    held_out_positions,
    held_out_rows,
    p99_at,
    planned_rates,
    same_stack_row,
)
from benchmarks.validation.cost_beside_app import cost_rows
from benchmarks.validation.ground import Ground
from benchmarks.validation.rows import Outcome
from benchmarks.validation.sitting import fitted, of_kind
from benchmarks.validation.workers import Pair, split, with_workers, workers_row
from estimator.domain.measuring.measurement import Histogram, ResourceUse, Window
from estimator.domain.measuring.workload import StepKind

DEMAND_S = 0.002


def queue_window(stack: str, block: int, rho: float, *, demand_s: float = DEMAND_S, seconds: float = 20.0) -> Window:
    """A window of a simulated M/M/1 queue (Lindley)."""
    rng = np.random.default_rng([block, int(rho * 100), len(stack)])
    count = round(rho / demand_s * seconds)
    services_s = rng.exponential(demand_s, count)
    walk = np.cumsum(np.concatenate(([0.0], services_s[:-1] - rng.exponential(demand_s / rho, count - 1))))
    response_s = walk - np.minimum.accumulate(walk) + services_s
    return Window(
        stack=stack,
        workload="json",
        block=block,
        sequence=int(rho * 100),
        kind=StepKind.OPEN_LOOP,
        offered_rate=rho / demand_s,
        duration_s=seconds,
        scheduled=count,
        sent=count,
        completed=count,
        latency=Histogram.of(map(int, response_s * 1e6)),
        resources=ResourceUse(app_cpu_s=float(services_s.sum()), generator_cpu_s=count * 20e-6),
    )


def queue_run(stack: str, *, demand_s: float = DEMAND_S, blocks: int = 6) -> list[Window]:
    """Blocks at the rates of the real check."""
    rates = PROFILE.window_rates
    return [queue_window(stack, block, rho, demand_s=demand_s) for block in range(blocks) for rho in rates]


@pytest.fixture(scope="module")
def twice() -> list[Window]:
    return [window for name in TWICE for window in queue_run(name)]


def test_same_stack_is_too_close_to_call(twice: Sequence[Window]) -> None:
    row = same_stack_row(*(fitted(twice, name) for name in TWICE))

    assert row.outcome is Outcome.HOLDS
    assert row.measured.startswith("too close to call: C ") and "6 blocks" in row.measured


def test_a_stack_that_needs_more_is_told_apart() -> None:
    first, second = queue_run(TWICE[0]), queue_run(TWICE[1], demand_s=DEMAND_S * 1.2)

    assert same_stack_row(fitted(first, TWICE[0]), fitted(second, TWICE[1])).outcome is Outcome.FALLS_SHORT


def test_other_rows_stand_where_no_window_met_the_objective(twice: Sequence[Window]) -> None:
    late = Histogram.of([900_000] * 1000)
    windows = [replace(window, latency=late) for window in twice]

    row = same_stack_row(*(fitted(windows, name) for name in TWICE))

    assert row.outcome is Outcome.FALLS_SHORT
    assert "nothing is known at 100 ms" in row.measured
    assert [one.outcome for one in held_out_rows(windows)] == [Outcome.HOLDS, Outcome.HOLDS], "p99 is 900 ms throughout"


def test_held_out_block_lies_inside_unless_it_is_an_outlier() -> None:
    usual = [1.00, 1.01, 0.99, 1.005, 0.995]

    assert all(abs(position) < 1 for position in held_out_positions(usual))
    positions = held_out_positions([*usual, 1.2])
    assert abs(positions[-1]) > 1
    assert all(abs(position) < 1 for position in positions[:-1]), "the outlier widens the others' interval"


def test_prediction_interval_is_that_of_student() -> None:
    # Four others with mean 0 and s 1: t(0.975, 3) = 3.182, so a block at its end lies 3.182 x sqrt(1.25) off.
    others = [-1.161895, -0.387298, 0.387298, 1.161895]
    end = 3.18245 * math.sqrt(1.25)

    assert held_out_positions([*map(math.exp, others), math.exp(end)])[-1] == pytest.approx(1, rel=1e-3)


def test_block_row_counts_both_names(twice: Sequence[Window]) -> None:
    row = block_row([fitted(twice, name) for name in TWICE])

    assert "of 12 inside" in row.measured
    assert row.outcome is Outcome.HOLDS


def test_held_out_rate_of_a_queue_is_predicted_from_the_others(twice: Sequence[Window]) -> None:
    rho, p99 = held_out_rows(twice)

    assert (rho.outcome, p99.outcome) == (Outcome.HOLDS, Outcome.HOLDS)
    assert "12 of 12 windows" in rho.measured


def test_held_out_rate_of_a_machine_that_slowed_down_tells_nothing() -> None:
    rates = (0.86, 0.90, 0.93, 0.96)
    windows = [queue_window(name, block, rho) for name in TWICE for block in range(3) for rho in rates]

    for row in held_out_rows(windows):
        assert row.outcome is Outcome.NOT_TESTABLE
        assert row.measured.startswith(
            "the machine was too disturbed: 6 of 6 windows are left of the held-out rate, where"
        )


def test_held_out_rate_is_the_planned_one_whatever_was_spoilt_or_added(twice: Sequence[Window]) -> None:
    own = [window for window in twice if window.stack == TWICE[0]]
    spoilt = [replace(one, void=("a neighbour",)) if one.sequence == 55 else one for one in own]
    added = [replace(queue_window(TWICE[0], block, 0.35), sequence=99) for block in range(2)]

    rates = planned_rates([*spoilt, *added], 1)
    assert set(rates.values()) == {0.70 / DEMAND_S} and len(rates) == 6


def test_held_out_rate_of_which_nothing_is_left_takes_no_other_row_along(twice: Sequence[Window]) -> None:
    windows = [replace(one, void=("a neighbour",)) if one.sequence == 70 else one for one in twice]

    for row in held_out_rows(windows):
        assert row.outcome is Outcome.NOT_TESTABLE
        assert row.measured == "the machine was too disturbed: 0 of 12 windows are left of the held-out rate"


def test_held_out_rate_is_judged_by_the_windows_that_are_left_of_either_name(twice: Sequence[Window]) -> None:
    spoilt = [one for one in twice if one.sequence == 70 and (one.stack == TWICE[1] or one.block > 5)]
    windows = [replace(one, void=("a neighbour",)) if one in spoilt else one for one in twice]

    rho, p99 = held_out_rows(windows)

    assert (rho.outcome, p99.outcome) == (Outcome.HOLDS, Outcome.HOLDS)
    assert "(6 of 12 windows)" in rho.measured and "middle of 6 windows" in p99.measured


def test_held_out_rate_that_is_slower_than_the_curve_says_falls_short(twice: Sequence[Window]) -> None:
    slow = Histogram.of([900_000] * 1000)
    windows = [replace(one, latency=slow) if one.sequence == 70 else one for one in twice]

    rho, p99 = held_out_rows(windows)

    assert (rho.outcome, p99.outcome) == (Outcome.HOLDS, Outcome.FALLS_SHORT)
    assert p99.measured.startswith("900.")


def test_held_out_rate_is_held_against_its_own_block_so_a_stall_in_some_decides_nothing(
    twice: Sequence[Window],
) -> None:
    stalled = Histogram.of([5_000_000] * 1000)
    windows = [replace(one, latency=stalled) if one.block < 2 and one.sequence == 55 else one for one in twice]

    usual, disturbed = held_out_rows(twice)[1], held_out_rows(windows)[1]

    assert (usual.outcome, disturbed.outcome) == (Outcome.HOLDS, Outcome.HOLDS)
    assert disturbed.measured != usual.measured


@pytest.mark.parametrize("rho", [0.6, 0.68, 0.8])
def test_p99_read_from_the_curve_is_that_of_theory(twice: Sequence[Window], rho: float) -> None:
    theory_ms = math.log(100) * DEMAND_S / (1 - rho) * 1000  # M/M/1

    assert p99_at(fitted(twice, TWICE[0]).curve, rho) == pytest.approx(theory_ms, rel=0.3)


def test_disturbed_windows_are_left_out_where_others_remain() -> None:
    good, bad = queue_window("flask", 0, 0.7), replace(queue_window("flask", 0, 0.7), void=("steal",))

    assert of_kind([good, bad], "flask", StepKind.OPEN_LOOP) == [good]
    assert of_kind([bad], "flask", StepKind.OPEN_LOOP) == [bad]
    with pytest.raises(AppError, match="flask: no saturation window"):
        of_kind([good], "flask", StepKind.SATURATION)


def test_cost_is_held_against_the_fastest_stack() -> None:
    slow, fast = queue_window("slow", 0, 0.7), queue_window("fast", 0, 0.7, demand_s=100e-6, seconds=2)
    windows = {"slow": [slow], "fast": [fast]}

    dear, beside = cost_rows([40.0, 30.0, 31.0], windows, windows)

    assert dear.outcome is Outcome.FALLS_SHORT, "31 us of 100 us"
    assert dear.measured.startswith("1/3.") and "; fast " in dear.measured
    assert beside.outcome is Outcome.FOR_INFORMATION
    assert beside.measured.count("20 of") == 2
    assert cost_rows([12.0], windows, windows)[0].outcome is Outcome.HOLDS
    assert cost_rows([40.0], {"slow": [slow]}, {"slow": [slow]})[0].outcome is Outcome.HOLDS


@pytest.mark.parametrize(("alone", "rate"), [(False, 1600.0), (True, 2000.0)])
def test_two_workers_are_held_against_the_law_of_their_machine(alone: bool, rate: float) -> None:
    usual, slow = (Pair(0.001, 0.00015, 0.0001, rate * share) for share in (1.0, 0.75))

    assert workers_row([usual], alone=alone).outcome is Outcome.HOLDS
    assert workers_row([slow], alone=alone).outcome is Outcome.FALLS_SHORT


def test_the_middle_pair_decides_and_its_figures_are_shown() -> None:
    pairs = [Pair(0.001, 0.00015, 0.0001, rate) for rate in (400.0, 1610.0, 1650.0, 1700.0, 900.0)]

    row = workers_row(pairs, alone=False)

    assert row.outcome is Outcome.HOLDS
    assert row.measured.startswith("1,610 against 1,600 req/s, +0.6% in the middle pair")
    assert "1000 + 150 + 100 us; 5 pairs -75% to +6%" in row.measured


def test_workers_share_cores_only_where_there_are_too_few() -> None:
    assert (split([0, 1]).app, split([0, 1]).load) == ((0, 1), (0, 1))
    assert (split([0, 1, 2, 3]).app, split([0, 1, 2, 3]).load) == ((2, 3), (0, 1))


def test_every_stack_with_workers_can_have_two() -> None:
    for stack in read_manifests(Ground.stacks_folder):
        if "--workers" in stack.command:
            argv = with_workers(stack, 2).argv
            assert argv[argv.index("--workers") + 1] == "2"
