"""Intervals hold the truth about as often as they say, on simulated queues whose true capacity is known."""

import math

import numpy as np
import pytest

from benchmarks.validation.synthetic import MD1, MH2, MM1, QUEUES, Queue, synthetic_run
from estimator.domain.measuring.workload import QUICK, RIGOROUS, Profile
from estimator.domain.statistics import prediction_interval

RUNS = 60


@pytest.mark.parametrize(
    ("queue", "demand_s", "objective_ms"), [(MM1, 0.002, 100.0), (MD1, 0.002, 50.0), (MH2, 0.001, 100.0)]
)
def test_intervals_of_capacity_cover_and_the_estimate_is_hardly_biased(
    queue: Queue, demand_s: float, objective_ms: float
) -> None:
    truth = queue.capacity(demand_s, objective_ms)
    capacities = [
        synthetic_run(seed, queue=queue, demand_s=demand_s, objective_ms=objective_ms) for seed in range(RUNS)
    ]
    intervals = [capacity.interval(objective_ms, level=0.9, count=1000) for capacity in capacities]
    covered = sum(low <= truth <= high for low, high in intervals)
    bias = float(np.mean([capacity.cpu_rate(objective_ms) for capacity in capacities])) / truth - 1
    assert covered >= 47  # of 60 at 90 %: 47 or more in all but two of a thousand
    assert abs(bias) < 0.01


@pytest.mark.parametrize(("profile", "runs", "within"), [(QUICK, 40, 0.08), (RIGOROUS, 3, 0.03)])
def test_other_profiles_are_no_worse(profile: Profile, runs: int, within: float) -> None:
    """Nine in ten estimates: quick ones well inside their stated prior of 0.15, rigorous ones closer than standard."""
    truth = MM1.capacity(0.002, 100.0)
    rates = np.array([synthetic_run(seed, profile=profile).cpu_rate(100.0) for seed in range(runs)])
    assert float(np.quantile(np.abs(np.log(rates / truth)), 0.9)) < within


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("rho", [0.5, 0.7])
def test_the_theory_of_each_queue_agrees_with_its_simulation(queue: Queue, rho: float) -> None:
    rng = np.random.default_rng(8)
    services, gaps = queue.services(rng, 600_000), rng.standard_exponential(600_000) / rho
    walk = np.concatenate(([0.0], np.cumsum(services[:-1] - gaps[1:])))
    times = walk - np.minimum.accumulate(walk) + services
    limit = float(np.quantile(times, 0.99))
    assert float(services.var()) == pytest.approx(queue.variation, rel=0.05)
    assert queue.share_over(rho, limit) == pytest.approx(0.01, rel=0.35)
    assert queue.knee(0.001, limit) == pytest.approx(rho, abs=0.02)


def test_the_demand_of_a_held_out_block_lies_in_the_prediction_interval() -> None:
    """mean +- t s sqrt(1 + 1/n) over 2,000 synthetic runs holds 90 % of the next blocks."""
    logs = np.random.default_rng(4).normal(math.log(0.002), 0.03, size=(2000, 6))
    intervals = [prediction_interval(seen, level=0.9) for seen in logs[:, :5]]
    inside = [low <= held_out <= high for (low, high), held_out in zip(intervals, logs[:, 5], strict=True)]
    assert float(np.mean(inside)) == pytest.approx(0.90, abs=0.03)


def test_fewer_than_two_blocks_predict_nothing() -> None:
    assert prediction_interval([1.0]) == (-math.inf, math.inf)
