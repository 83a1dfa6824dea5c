"""The window at the estimated capacity contradicts it only beyond what chance explains."""

from dataclasses import replace

import numpy as np
import pytest

from estimator.domain.measuring.measurement import Histogram, Window
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.confirmation import contradictions, share_limit
from tests.domain.cases import mm1_knee, window

OBJECTIVE_MS = 100.0
DEMAND_S = 0.003


def confirmation(*, late_share: float = 0.01, **changes: object) -> Window:
    """30 s at the capacity of an M/M/1 server."""
    one = window(
        demand_s=DEMAND_S, rho=mm1_knee(DEMAND_S, OBJECTIVE_MS), kind=StepKind.CONFIRMATION, duration_s=30, sequence=9
    )
    late = round(late_share * one.completed)
    latency = Histogram.of([20_000] * (one.completed - late) + [150_000] * late)
    return replace(one, **{"latency": latency, **changes})  # type: ignore[arg-type]


def said_of(*windows: Window) -> list[str]:
    return contradictions(windows, service_demand_s=DEMAND_S, objective_ms=OBJECTIVE_MS)


@pytest.mark.parametrize("late_share", [0.0, 0.01, 0.025])
def test_what_chance_explains_contradicts_nothing(late_share: float) -> None:
    assert said_of(confirmation(late_share=late_share)) == []


def test_a_p99_beyond_chance_is_said_with_rate_p99_and_objective() -> None:
    (label,) = said_of(confirmation(late_share=0.08))
    assert "287 req/s p99 was 150 ms over 30 s (objective 100 ms): 8.0% of the requests missed it" in label


def test_failed_requests_count_as_late() -> None:
    assert "missed it" in said_of(confirmation(late_share=0.0, errors=2000))[0]


def test_a_disturbed_confirmation_confirms_nothing() -> None:
    assert "confirms nothing" in said_of(confirmation(late_share=0.5, void=("steal of 20 %",)))[0]


def test_windows_of_other_kinds_are_no_confirmation() -> None:
    assert said_of(replace(confirmation(late_share=0.5), kind=StepKind.OPEN_LOOP)) == []


@pytest.mark.parametrize(("demand_s", "objective_ms"), [(0.003, 100.0), (0.0017, 25.0), (0.01, 100.0)])
def test_a_right_capacity_is_seldom_contradicted(demand_s: float, objective_ms: float) -> None:
    """Simulated M/M/1 queues at their true knee: at most 5 % of 30 s windows pass the limit (8 % allowed to chance)."""
    rho, windows = mm1_knee(demand_s, objective_ms), 300
    limit = share_limit(utilisation=rho, service_demand_s=demand_s, duration_s=30)
    late = _late_shares(demand_s, rho, objective_ms / 1000, windows)
    assert float((late > limit).mean()) <= 0.08


def _late_shares(demand_s: float, rho: float, objective_s: float, windows: int) -> np.ndarray:
    """The share over the objective in each of many windows of 30 s (Lindley's recursion as a running minimum)."""
    rng, size = np.random.default_rng(5), int(30 * rho / demand_s)
    arrivals, services = rng.exponential(demand_s / rho, size * windows), rng.exponential(demand_s, size * windows)
    walk = np.concatenate(([0.0], np.cumsum(services[:-1] - arrivals[1:])))
    response_s = walk - np.minimum.accumulate(walk) + services
    return np.asarray((response_s.reshape(windows, size) > objective_s).mean(axis=1))
