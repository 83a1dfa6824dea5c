"""The knee against queueing theory and against kriging done slowly, and its monotonicity."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.measuring.measurement import Histogram
from estimator.domain.performance.heavy_traffic import WANDER, log_p99, p99_curve
from estimator.domain.performance.knee import ALLOWED_SHARE, RHO_BEYOND, KneeCurve, KneePoint, fit_knee
from tests.domain.cases import exponential_us, measured_windows, mm1_knee, window

OBJECTIVE_MS = 100.0
LATENCIES_MS = np.geomspace(5, 2000, 64)


def mm1_shares(rho: float, demand_ms: float = 2.0) -> np.ndarray:
    """P(T > t) = exp(-(1 - rho) t / D)."""
    return np.exp(-(1 - rho) * LATENCIES_MS / demand_ms)


def curve_of(levels: list[tuple[float, np.ndarray]], blocks: int = 1) -> KneeCurve:
    """The given utilisations and shares over the latencies, the same in each block."""
    points = tuple(
        KneePoint(block=block, planned=rho, rho=rho, requests=10_000, share_over=tuple(map(float, shares)))
        for rho, shares in levels
        for block in range(blocks)
    )
    return KneeCurve(objectives_ms=tuple(map(float, LATENCIES_MS)), points=points)


@settings(deadline=None)
@given(st.floats(min_value=0.5, max_value=50.0))
def test_p99_is_read_off_the_tail_of_an_exponential(mean_ms: float) -> None:
    shares = np.exp(-LATENCIES_MS / mean_ms)
    expected = mean_ms * math.log(100)
    if expected < 1500 and mean_ms * math.log(25) > LATENCIES_MS[0]:
        assert float(log_p99(shares, np.log(LATENCIES_MS))) == pytest.approx(math.log(expected), abs=0.02)


def watched_long(curve: KneeCurve) -> KneeCurve:
    """The same shares, but from windows so long that chance has no part in them."""
    return replace(curve, points=tuple(replace(point, duration_s=100_000.0) for point in curve.points))


def test_a_short_window_is_not_taken_at_its_word() -> None:
    """A logarithm that scatters is low by half its variance: what few bursts say of p99 is raised by it."""
    short = fit_knee(measured_windows()[1:])
    knees = [curve.at(OBJECTIVE_MS) for curve in (short, watched_long(short))]
    assert knees[0] is not None and knees[1] is not None
    assert 0.0 < knees[1] - knees[0] < 0.02


sights = st.dictionaries(
    st.sampled_from([0.5, 0.3, 0.2, 0.12, 0.06, 0.02]), st.floats(min_value=2.8, max_value=3.2), min_size=1
)


@settings(deadline=None)
@given(sights)
def test_the_curve_is_the_best_estimate_of_a_random_walk(found: dict[float, float]) -> None:
    """Against the normal equations of the walk: each sight weighs by its precision, each step ties two neighbours."""
    idle = np.array(sorted(found, reverse=True))
    seen = np.array([found[one] for one in idle])
    log_idle, log_p99s = p99_curve((seen - np.log(idle))[None, :], idle[None, :], np.full((1, idle.size), 100.0))
    variances = 4 * math.exp(float(np.median(seen))) / 1000 / 100 / idle**2
    precision = np.diag(1 / variances)
    for cell, step in enumerate(-np.diff(np.log(idle)) * WANDER**2):
        precision[cell : cell + 2, cell : cell + 2] += np.array([[1, -1], [-1, 1]]) / step
    unbiased = seen + np.minimum(variances, 1.0) / 2
    walk = np.linalg.solve(precision, unbiased / variances)
    assert np.interp(-np.log(idle), -log_idle[0], (log_p99s + log_idle)[0]) == pytest.approx(walk, abs=0.02)


@pytest.mark.parametrize("demand_s", [0.0005, 0.001, 0.002, 0.004])
def test_the_knee_of_an_mm1_queue_is_that_of_theory(demand_s: float) -> None:
    rates = (0.70, 0.80, 0.88, 0.94, 0.98)
    curve = watched_long(fit_knee(measured_windows(demand_s=demand_s, rates=rates)[1:]))
    assert curve.at(OBJECTIVE_MS) == pytest.approx(mm1_knee(demand_s, OBJECTIVE_MS), rel=0.01)


@settings(max_examples=30, deadline=None)
@given(st.floats(min_value=5.0, max_value=2000.0), st.floats(min_value=5.0, max_value=2000.0))
def test_a_stricter_objective_never_raises_the_knee(one_ms: float, other_ms: float) -> None:
    curve = fit_knee(measured_windows(blocks=3)[1:])
    stricter, looser = curve.at(min(one_ms, other_ms)), curve.at(max(one_ms, other_ms))
    assert stricter is None or (looser is not None and stricter <= looser)


def test_no_drawn_knee_falls_when_the_objective_loosens_or_leaves_0_to_1() -> None:
    curve = fit_knee([one for one in measured_windows(blocks=5) if one.sequence])
    rng = np.random.default_rng(3)
    knees = curve.drawn(3 * rng.standard_normal((200, 5)), rng.standard_normal(200))
    assert (np.diff(knees, axis=1) >= 0).all()
    assert ((knees > 0) & (knees < 1)).all()


def test_what_blocks_say_of_the_knee_has_the_knee_as_its_mean() -> None:
    curve = fit_knee([one for one in measured_windows(blocks=5, spread=0.1) if one.sequence])
    knee = curve.at(OBJECTIVE_MS)
    assert knee is not None
    assert float(np.mean(curve.log_knees(OBJECTIVE_MS))) == pytest.approx(math.log(knee))


def test_an_objective_below_the_lowest_p99_has_no_knee() -> None:
    curve = fit_knee(measured_windows()[1:])
    assert curve.at(curve.lowest_ms * 0.9) is None
    assert curve.at(curve.lowest_ms) is not None


def test_above_all_that_was_measured_utilisation_is_taken_at_95_percent() -> None:
    curve = fit_knee([window(rho=0.6), window(rho=0.7, sequence=2)])
    assert curve.is_beyond(10_000.0)
    assert curve.at(10_000.0) == pytest.approx(RHO_BEYOND)


def test_failed_and_unsent_requests_count_as_over_every_objective() -> None:
    fine, failing = window(rho=0.7), window(rho=0.7, errors=30, unsent=20)
    assert fit_knee([fine]).points[0].share_over[-1] < ALLOWED_SHARE
    assert fit_knee([failing]).points[0].share_over[-1] >= 50 / (failing.completed + 50)


def test_one_lucky_window_does_not_decide() -> None:
    """At the same planned rate, a window that happened to stay calm is pooled with those that did not."""
    busy, calm = mm1_shares(0.95), mm1_shares(0.5)
    lucky = curve_of([(0.7, mm1_shares(0.7)), (0.95, busy)], blocks=3)
    spoilt = replace(lucky.points[-1], share_over=tuple(map(float, calm)), rho=0.97)
    knee = KneeCurve(objectives_ms=lucky.objectives_ms, points=(*lucky.points[:-1], spoilt)).at(OBJECTIVE_MS)
    assert knee is not None
    assert knee == pytest.approx(1 - math.log(100) * 0.02, abs=0.02)


def test_a_rate_at_which_requests_failed_bounds_the_knee() -> None:
    failing = np.maximum(mm1_shares(0.9), 2 * ALLOWED_SHARE)
    bounded = curve_of([(0.7, mm1_shares(0.7)), (0.8, mm1_shares(0.8)), (0.9, failing)])
    assert bounded.at(1000.0) == pytest.approx(0.8)
    assert curve_of([(0.7, np.maximum(mm1_shares(0.7), 2 * ALLOWED_SHARE))]).at(1000.0) is None


def test_a_constant_wait_shifts_the_objective_and_nothing_else() -> None:
    """Requests that wait 60 ms for another service, on top of an M/M/1 queue of 2 ms."""
    waiting = [
        replace(one, latency=Histogram.of((exponential_us(0.002 / (1 - rho), one.completed) + 60_000).tolist()))
        for rho in (0.7, 0.8, 0.9, 0.95)
        for one in [window(rho=rho)]
    ]
    assert watched_long(fit_knee(waiting)).at(160.0) == pytest.approx(mm1_knee(0.002, 100.0), abs=0.005)


def test_a_tail_that_the_law_does_not_know_is_followed_where_it_was_well_seen() -> None:
    """p99 x (1 - rho) that doubles towards high rates: long windows at each rate outweigh the law."""
    scales = {0.7: 1.0, 0.8: 1.2, 0.9: 1.6, 0.95: 2.0}
    levels = [(rho, mm1_shares(rho, 2.0 * scale)) for rho, scale in scales.items()]
    curve = watched_long(curve_of(levels))
    for rho, scale in scales.items():
        assert curve.at(2.0 * scale * math.log(100) / (1 - rho)) == pytest.approx(rho, abs=0.01)


ragged = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=3),  # block
        st.floats(min_value=0.0, max_value=1.0),  # rho
        st.floats(min_value=0.1, max_value=3000.0),  # mean latency in ms
        st.sampled_from([0.0, 0.0, 0.0, 0.005, 0.4]),  # share of failures
    ),
    min_size=1,
    max_size=16,
)


@settings(max_examples=60, deadline=None)
@given(ragged)
def test_whatever_was_measured_knees_are_shares_that_rise_with_the_objective(
    found: list[tuple[int, float, float, float]],
) -> None:
    """Blocks of unequal size, overload, failures at any rate, latencies without order."""
    points = tuple(
        KneePoint(
            block=block,
            planned=rho,
            rho=rho,
            requests=1000,
            share_over=tuple(map(float, np.maximum(np.exp(-LATENCIES_MS / mean_ms), failed))),
        )
        for block, rho, mean_ms, failed in sorted(found, key=lambda one: one[1])
    )
    curve = KneeCurve(objectives_ms=tuple(map(float, LATENCIES_MS)), points=points)
    blocks = len({point.block for point in points})
    knees = curve.drawn(np.random.default_rng(1).standard_normal((20, blocks)), np.zeros(20))
    middle = [knee for ms in (1.0, 20.0, 100.0, 1e5) if (knee := curve.at(ms)) is not None]
    assert ((knees > 0) & (knees < 1)).all()
    assert all(0 < knee < 1 for knee in middle)
    assert middle == sorted(middle)
    assert (np.diff(knees, axis=1) >= 0).all()


def test_a_stall_at_the_lowest_rate_takes_no_cost_from_a_stack_that_met_the_objective_at_higher_ones() -> None:
    p99s_ms = {0.70: 500.0, 0.80: 60.0, 0.90: 70.0}
    levels = [(rho, np.exp(-LATENCIES_MS * math.log(100) / p99_ms)) for rho, p99_ms in p99s_ms.items()]
    stalled, calm = curve_of(levels), curve_of(levels[1:])

    assert stalled.lowest_ms == pytest.approx(60, rel=0.05)
    assert stalled.at(50.0) is None
    assert 0 < (stalled.at(OBJECTIVE_MS) or 0) < (calm.at(OBJECTIVE_MS) or 0)  # it counts, all the same
