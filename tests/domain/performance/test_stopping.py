"""The stopping rule: stops on narrow intervals only, never on what the figures are."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.measuring.measurement import StackFailed, Window
from estimator.domain.measuring.workload import QUICK, RIGOROUS, STANDARD, Precision, Profile, Trial
from estimator.domain.performance.stopping import BlockFigures, Decision, Looks, decide, half_width, looks_at
from estimator.domain.statistics import student_t_quantile
from tests.domain.cases import WORKLOAD, measured_windows

FASTAPI, FLASK = (Trial(stack=name, workload=WORKLOAD) for name in ("fastapi", "flask"))
NARROW, WIDE = 0.001, 0.06


def decided(profile: Profile, blocks: int, *, spread: float = NARROW, **changes: object) -> Decision:
    values: dict[str, object] = {
        "trials": [FASTAPI],
        "windows": [window for window in _twenty_blocks(spread) if window.block < blocks],
        "objective_ms": 100.0,
    }
    return decide(profile=profile, blocks=blocks, **{**values, **changes})  # type: ignore[arg-type]


@cache
def _twenty_blocks(spread: float) -> list[Window]:
    return measured_windows("fastapi", blocks=20, spread=spread)


@pytest.mark.parametrize("profile", [QUICK, STANDARD, RIGOROUS], ids=lambda one: one.name)
def test_a_run_begins_with_its_profiles_number_of_blocks_expected(profile: Profile) -> None:
    assert decided(profile, 0) == Decision(goes_on=True, expected_blocks=profile.blocks)


def test_a_quick_run_has_exactly_one_block() -> None:
    assert decided(QUICK, 0).goes_on
    assert not decided(QUICK, 1).goes_on


@pytest.mark.parametrize(("blocks", "goes_on"), [(2, True), (3, True), (4, False)])
def test_a_standard_run_ends_early_when_its_blocks_agree_after_three_and_still_after_four(
    blocks: int, goes_on: bool
) -> None:
    assert decided(STANDARD, blocks).goes_on is goes_on


def test_a_rigorous_run_never_ends_before_ten_blocks() -> None:
    assert decided(RIGOROUS, 9).goes_on
    assert not decided(RIGOROUS, 10).goes_on
    assert "narrow enough after 10 blocks" in decided(RIGOROUS, 10).reason


def test_a_rigorous_run_goes_on_to_twenty_blocks_while_its_intervals_are_wide() -> None:
    assert decided(RIGOROUS, 10, spread=WIDE).goes_on
    assert decided(RIGOROUS, 19, spread=WIDE).goes_on
    ended = decided(RIGOROUS, 20, spread=WIDE)
    assert (ended.goes_on, ended.expected_blocks) == (False, 20)
    assert "all 20 blocks measured; the interval of fastapi is still wider" in ended.reason


def test_a_standard_run_never_has_more_than_five_blocks() -> None:
    assert decided(STANDARD, 4, spread=WIDE).goes_on
    assert not decided(STANDARD, 5, spread=WIDE).goes_on


def test_a_spent_budget_ends_a_run_only_beyond_its_fewest_blocks() -> None:
    late = RIGOROUS.precision.budget_s if RIGOROUS.precision else 0.0
    assert decided(RIGOROUS, 9, spread=WIDE, spent_s=late, block_s=1).goes_on
    ended = decided(RIGOROUS, 10, spread=WIDE, spent_s=late - 100, block_s=101)
    assert not ended.goes_on
    assert "time budget is spent after 10 blocks" in ended.reason
    assert decided(RIGOROUS, 10, spread=WIDE, spent_s=late - 100, block_s=99).goes_on


def test_a_standard_run_has_so_much_time_for_each_of_its_stacks() -> None:
    windows = [
        *measured_windows("fastapi", blocks=4, spread=WIDE),
        *measured_windows("flask", blocks=4, spread=WIDE),
    ]
    assert decided(STANDARD, 4, trials=[FASTAPI, FLASK], windows=windows, spent_s=400, block_s=79).goes_on
    ended = decided(STANDARD, 4, trials=[FASTAPI, FLASK], windows=windows, spent_s=400, block_s=81)
    assert "time budget is spent after 4 blocks" in ended.reason


def test_the_widest_stack_decides_for_all() -> None:
    windows = [
        *measured_windows("fastapi", blocks=4, spread=NARROW),
        *measured_windows("flask", blocks=4, spread=WIDE),
    ]
    assert decided(STANDARD, 4, trials=[FASTAPI, FLASK], windows=windows).goes_on


def test_a_failed_stack_holds_up_nobody() -> None:
    failed = StackFailed(stack="flask", workload=WORKLOAD, block=0, reason="crashed")
    windows = [*measured_windows("fastapi", blocks=4, spread=NARROW), *measured_windows("flask", blocks=4, spread=WIDE)]
    ended = decided(STANDARD, 4, trials=[FASTAPI, FLASK], windows=windows, failures=[failed])
    assert not ended.goes_on


def test_a_run_without_a_stack_left_ends_at_once() -> None:
    failed = StackFailed(stack="fastapi", workload=WORKLOAD, block=0, reason="crashed")
    ended = decided(STANDARD, 1, windows=[], failures=[failed])
    assert (ended.goes_on, ended.reason) == (False, "no stack is left to measure")


def test_refused_stacks_alone_are_measured_for_the_profiles_blocks() -> None:
    wrong = [replace(one, wrong=1) for one in measured_windows(blocks=4)]
    assert decided(STANDARD, 4, windows=wrong).goes_on
    assert not decided(STANDARD, 5, windows=wrong).goes_on


def test_an_objective_that_nothing_met_leaves_the_service_demand_to_decide() -> None:
    assert not decided(STANDARD, 4, objective_ms=1.0).goes_on


def test_the_width_of_a_disturbed_stack_is_that_of_its_widened_interval() -> None:
    windows = measured_windows(blocks=4, spread=NARROW)
    disturbed = [replace(one, void=("steal of 20 %",)) if one.sequence == 1 else one for one in windows]
    assert _figures(windows).widening == 1.0
    assert _figures(disturbed).widening == 1.5


def _figures(windows: list[Window]) -> BlockFigures:
    looks = looks_at(FASTAPI, windows, (), 100.0)
    assert looks is not None
    return looks.now


def test_the_look_before_knows_nothing_of_the_newest_block() -> None:
    windows = measured_windows(blocks=4, spread=WIDE)
    looks = looks_at(FASTAPI, windows, (), 100.0)
    fewer = looks_at(FASTAPI, [one for one in windows if one.block < 3], (), 100.0)
    assert looks is not None and fewer is not None
    assert looks.before == fewer.now


def test_a_block_without_a_capacity_makes_the_width_unknown() -> None:
    figures = BlockFigures(name="x", ln_demand=(0.0, 0.0, 0.0), ln_capacity=(1.0, math.nan, 1.0))
    assert math.isinf(figures.excess(Precision(fewest_blocks=3, most_blocks=5)))


def test_half_widths_are_those_of_student() -> None:
    expected = student_t_quantile(0.975, 3) * np.std([1.0, 2.0, 3.0, 4.0], ddof=1) / 2
    assert half_width([1.0, 2.0, 3.0, 4.0]) == pytest.approx(expected)
    assert math.isinf(half_width([1.0]))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-0.05, 0.05), min_size=3, max_size=6),
    st.floats(-3, 3),
    st.sampled_from([1.0, -1.0]),
)
def test_stopping_depends_on_the_spread_and_never_on_the_mean_or_its_sign(
    values: list[float], shift: float, sign: float
) -> None:
    """Symmetry and shift invariance are why the rule biases no estimate."""
    precision = Precision(fewest_blocks=3, most_blocks=20)
    moved = [sign * value + shift for value in values]
    here, there = (BlockFigures(name="x", ln_demand=tuple(one), ln_capacity=None) for one in (values, moved))
    assert here.excess(precision) == pytest.approx(there.excess(precision), abs=1e-6)


def test_more_blocks_are_expected_the_wider_the_spread() -> None:
    expected = [decided(RIGOROUS, 10, spread=spread).expected_blocks for spread in (NARROW, 0.035, WIDE)]
    assert expected == sorted(expected)
    assert (expected[0], expected[-1]) == (10, 20)


@pytest.mark.parametrize(("fewest", "most"), [(3, 5), (10, 20)])
@pytest.mark.parametrize("sigma", [0.01, 0.015, 0.02, 0.035])
def test_intervals_keep_their_coverage_under_the_rule(fewest: int, most: int, sigma: float) -> None:
    """4,000 runs of one stack of known demand: the 90 % interval holds the truth in 87-93 % of them."""
    precision = Precision(fewest_blocks=fewest, most_blocks=most)
    runs = np.random.default_rng(7).normal(0, sigma, (4000, most))
    deviations = {count: runs[:, :count].std(axis=1, ddof=1) for count in range(2, most + 1)}
    excess = {
        count: student_t_quantile(0.975, count - 1) * deviation / math.sqrt(count) / precision.demand
        for count, deviation in deviations.items()
    }
    covered, open_runs = 0, np.ones(len(runs), dtype=bool)
    for count in range(fewest, most + 1):
        narrow = (excess[count] <= 1) & (excess[count - 1] <= 1) & (count > 3)
        ends = open_runs & (narrow | (count == most))
        half = student_t_quantile(0.95, count - 1) * deviations[count] / math.sqrt(count)
        covered += int((np.abs(runs[:, :count].mean(axis=1)) <= half)[ends].sum())
        open_runs &= ~ends
    assert 0.87 <= covered / len(runs) <= 0.93


def test_the_simulated_rule_is_the_rule() -> None:
    """The vectorised form above and `Looks.is_narrow` agree; three blocks are too few for two looks."""
    precision = Precision(fewest_blocks=3, most_blocks=5)
    for values in np.random.default_rng(3).normal(0, 0.01, (200, 4)).tolist():
        three, four = (BlockFigures(name="x", ln_demand=tuple(values[:n]), ln_capacity=None) for n in (3, 4))
        wanted = all(half_width(values[:count]) <= precision.demand for count in (3, 4))
        assert Looks(now=four, before=three).is_narrow(precision) is wanted
        assert not Looks(now=three, before=replace(three, ln_demand=three.ln_demand[:2])).is_narrow(precision)
