"""The shortcut over load quantiles gives exactly what pricing every draw would."""

from decimal import Decimal

import numpy as np
import pytest

from estimator.domain.capacity import ServingLimits
from estimator.domain.costing import SharedDraws, StackLoad
from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.months import MONTHS
from estimator.domain.pricing import Candidate
from estimator.domain.projection import project
from estimator.domain.statistics import SHARES, Interval, order_index
from estimator.domain.traffic import Redundancy, TrafficTarget
from tests.domain.cases import candidate, capacity_of

DRAWS, SEED = 10_000, 5


def random_candidates(rng: np.random.Generator, count: int) -> list[Candidate]:
    kinds = list(Smt)
    return [
        candidate(
            f"m{number}",
            vcpus=int(rng.choice([1, 2, 4, 8, 16, 48])),
            hourly=str(Decimal(int(rng.integers(1000, 900_000))) / 1_000_000),
            speed=CpuSpeed(
                single_thread=float(rng.uniform(2, 5)) if rng.random() < 0.6 else None,
                smt=kinds[int(rng.integers(3))],
            ),
        )
        for number in range(count)
    ]


def random_target(rng: np.random.Generator) -> TrafficTarget:
    return TrafficTarget(
        requests_per_day=Decimal(int(10 ** rng.uniform(5, 10))),
        objective_ms=float(rng.uniform(80, 400)),
        growth_per_month=Interval.exact(float(rng.choice([0.0, 0.04]))),
        redundancy=Redundancy(
            zones=int(rng.integers(2, 5)),
            survive_zone_loss=bool(rng.random() < 0.5),
            minimum_instances=int(rng.integers(1, 5)),
            spares=int(rng.integers(0, 3)),
        ),
    )


def exact_quantiles(values: list[Decimal]) -> list[Decimal]:
    ordered = sorted(values)
    return [ordered[order_index(len(values), share)] for share in SHARES]


@pytest.mark.parametrize("case", range(8))
def test_random_cells_equal_brute_force_exactly(case: int) -> None:
    rng = np.random.default_rng([11, case])
    target = random_target(rng)
    host = CpuSpeed(single_thread=3.0, smt=Smt.HIDDEN)
    limits = ServingLimits(threads_per_worker=8 if case % 2 else None)
    capacity = capacity_of("django", 0.0021, blocks=5 if case % 3 else 1, limits=limits, host=host)
    projection = project(
        target=target, capacities=[capacity], candidates=random_candidates(rng, 6), draws=DRAWS, seed=SEED
    )
    stack = StackLoad(capacity, target, SharedDraws.of(target, count=DRAWS, seed=SEED), seed=SEED)
    assert projection.rows
    for row in projection.rows:
        loads = stack.loads(row.fleet.carrying, row.fleet.packing) * target.mean_rate
        month = [row.price.monthly * row.fleet.rule.instances(load) for load in loads.tolist()]
        found = row.monthly_cost
        assert [found.p10.amount, found.p50.amount, found.p90.amount] == exact_quantiles(month)


def test_a_year_of_known_growth_equals_brute_force_exactly() -> None:
    target = TrafficTarget(requests_per_day=Decimal(300_000_000), growth_per_month=Interval.exact(0.07))
    capacity = capacity_of(blocks=5)
    projection = project(target=target, capacities=[capacity], candidates=[candidate(vcpus=4)], draws=DRAWS, seed=SEED)
    (row,) = projection.rows
    shared = SharedDraws.of(target, count=DRAWS, seed=SEED)
    loads = StackLoad(capacity, target, shared, seed=SEED).loads(row.fleet.carrying, row.fleet.packing)
    years = sum(
        row.fleet.rule.instances_of(loads * (target.mean_rate * target.growth_factor(month)))
        for month in range(1, MONTHS + 1)
    )
    expected = exact_quantiles([row.price.monthly * int(count) for count in np.asarray(years)])
    assert [money.amount for money in (row.year_cost.p10, row.year_cost.p50, row.year_cost.p90)] == expected
