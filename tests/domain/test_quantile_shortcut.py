"""The shortcut over load quantiles gives exactly what pricing every draw would: month and year of 50 random cells."""

from decimal import Decimal
from typing import TypeVar

import numpy as np
import pytest

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.loads import SharedDraws, StackLoad
from estimator.domain.cost.months import MONTHS
from estimator.domain.cost.pricing import Candidate, MoneyQuantiles
from estimator.domain.cost.traffic import Redundancy, TrafficTarget
from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.performance.capacity import ServingLimits
from estimator.domain.reporting.projection import Projection, project
from estimator.domain.statistics import SHARES, Floats, Interval, Ints, order_index
from tests.domain.cases import candidate, capacity_of

Number = TypeVar("Number", int, Decimal)
DRAWS, SEED = 10_000, 5
GROWTHS = (Interval.exact(0.0), Interval.exact(0.04), Interval(low=-0.02, mid=0.03, high=0.09))


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


def random_target(rng: np.random.Generator, *, growth: Interval) -> TrafficTarget:
    return TrafficTarget(
        requests_per_day=Decimal(int(10 ** rng.uniform(5, 10))),
        objective_ms=float(rng.uniform(80, 400)),
        growth_per_month=growth,
        redundancy=Redundancy(
            zones=int(rng.integers(2, 5)),
            survive_zone_loss=bool(rng.random() < 0.5),
            minimum_instances=int(rng.integers(1, 5)),
            spares=int(rng.integers(0, 3)),
        ),
    )


def exact_quantiles(values: list[Number]) -> list[Number]:
    ordered = sorted(values)
    return [ordered[order_index(len(values), share)] for share in SHARES]


CELLS = 50  # price rows; each is compared in the month, in month 12 and over the year


def random_cell(case: int) -> tuple[Projection, StackLoad]:
    """One stack on one random machine at a random price, for a random target; growth none, known or in doubt."""
    rng = np.random.default_rng([11, case])
    target = random_target(rng, growth=GROWTHS[case % 3])
    limits = ServingLimits(threads_per_worker=8 if case % 2 else None)
    host = CpuSpeed(single_thread=3.0, smt=Smt.HIDDEN)
    capacity = capacity_of("django", 0.0021, blocks=5 if case % 4 else 1, limits=limits, host=host)
    projection = project(
        target=target, capacities=[capacity], candidates=random_candidates(rng, 1), draws=DRAWS, seed=SEED
    )
    shared = SharedDraws.of(target, count=DRAWS, seed=SEED)
    return projection, StackLoad(capacity, target, shared, seed=SEED)


@pytest.mark.parametrize("case", range(CELLS))
def test_random_cells_equal_brute_force_exactly(case: int) -> None:
    projection, stack = random_cell(case)
    (row,) = projection.rows
    loads = stack.loads(row.fleet.carrying, row.fleet.packing)

    month = [row.price.monthly * row.fleet.rule.instances(load * stack.target.mean_rate) for load in loads.tolist()]
    counts = every_month(row, stack, loads)

    assert amounts(row.monthly_cost) == exact_quantiles(month)
    assert amounts(row.year_cost) == exact_quantiles(
        [row.price.monthly * int(count) for count in np.sum(counts, axis=0)]
    )
    last = row.fleet.instances_month_12
    assert [last.p10, last.p50, last.p90] == exact_quantiles(counts[-1].tolist())


def every_month(row: CostRow, stack: StackLoad, loads: Floats) -> list[Ints]:
    """Each draw sized month by month; that arrays are sized as single loads are is test_fleet's."""
    known, drawn = stack.target.growth_per_month.mid, stack.shared.growth
    growth = np.full(loads.size, known) if drawn is None else drawn
    rates = [stack.target.mean_rate * np.maximum(1 + growth, 0.0) ** month for month in range(MONTHS)]
    return [row.fleet.rule.instances_of(rate * loads) for rate in rates]


def amounts(found: MoneyQuantiles) -> list[Decimal]:
    return [found.p10.amount, found.p50.amount, found.p90.amount]
