"""The knee against queueing theory, against an isotonic fit done slowly, and its monotonicity."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.knee import ALLOWED_SHARE, LEAST_SHARE, RHO_BEYOND, KneeCurve, KneePoint, fit_knee
from estimator.domain.statistics import isotonic_fit
from tests.domain.cases import measured_windows, mm1_knee, window

OBJECTIVE_MS = 100.0


def curve_of(levels: list[tuple[float, float]]) -> KneeCurve:
    """One block with the given utilisations and shares over a single objective."""
    points = tuple(
        KneePoint(block=0, planned=rho, rho=rho, requests=10_000, share_over=(share, share)) for rho, share in levels
    )
    return KneeCurve(objectives_ms=(OBJECTIVE_MS, OBJECTIVE_MS * 1.001), points=points)


def slow_knee(levels: list[tuple[float, float]]) -> float | None:
    """The same by pool-adjacent-violators and a walk along the fit."""
    fitted = isotonic_fit([share for _, share in levels])
    held = [index for index, share in enumerate(fitted) if share <= ALLOWED_SHARE]
    if not held:
        return None
    last = held[-1]
    if last == len(levels) - 1:
        return max(RHO_BEYOND, levels[-1][0])
    below, above = max(float(fitted[last]), LEAST_SHARE), float(fitted[last + 1])
    step = (math.log(ALLOWED_SHARE) - math.log(below)) / (math.log(above) - math.log(below))
    return levels[last][0] + step * (levels[last + 1][0] - levels[last][0])


shares = st.lists(st.floats(min_value=0.0, max_value=1.0).map(lambda x: round(x**4, 6)), min_size=1, max_size=12)


@given(shares)
def test_the_fast_knee_is_the_crossing_of_the_isotonic_fit(found: list[float]) -> None:
    levels = [(0.5 + 0.04 * number, share) for number, share in enumerate(found)]
    expected = slow_knee(levels)
    assert curve_of(levels).at(OBJECTIVE_MS) == (None if expected is None else pytest.approx(expected, abs=1e-5))


@pytest.mark.parametrize("demand_s", [0.0005, 0.001, 0.002, 0.004])
def test_the_knee_of_an_mm1_queue_is_that_of_theory(demand_s: float) -> None:
    rates = (0.70, 0.80, 0.88, 0.94, 0.98)
    curve = fit_knee(measured_windows(demand_s=demand_s, rates=rates)[1:])
    assert curve.at(OBJECTIVE_MS) == pytest.approx(mm1_knee(demand_s, OBJECTIVE_MS), rel=0.03)


@settings(max_examples=30)
@given(st.floats(min_value=5.0, max_value=2000.0), st.floats(min_value=5.0, max_value=2000.0))
def test_a_stricter_objective_never_raises_the_knee(one_ms: float, other_ms: float) -> None:
    curve = fit_knee(measured_windows(blocks=3)[1:])
    stricter, looser = curve.at(min(one_ms, other_ms)), curve.at(max(one_ms, other_ms))
    assert stricter is None or (looser is not None and stricter <= looser)


def test_no_resampled_knee_falls_when_the_objective_loosens() -> None:
    curve = fit_knee([one for one in measured_windows(blocks=5) if one.sequence])
    replicate = np.arange(200)
    knees = [curve.draw(replicate, np.full(200, math.log(ms))) for ms in (30.0, 60.0, 100.0, 200.0, 400.0, 900.0)]
    assert all((looser >= stricter - 1e-12).all() for stricter, looser in itertools.pairwise(knees))


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
    planned = [0.7, 0.7, 0.7, 0.95, 0.95, 0.95]
    over = [0.0, 0.0, 0.0, 0.2, 0.0, 0.3]
    rho = [0.70, 0.69, 0.71, 0.93, 0.97, 0.95]  # the calm window was the busiest
    points = tuple(
        KneePoint(block=number % 3, planned=plan, rho=seen, requests=5000, share_over=(share, share))
        for number, (plan, seen, share) in enumerate(zip(planned, rho, over, strict=True))
    )
    knee = KneeCurve(objectives_ms=(OBJECTIVE_MS, OBJECTIVE_MS * 1.001), points=points).at(OBJECTIVE_MS)
    assert knee is not None
    assert 0.7 < knee < 0.93
