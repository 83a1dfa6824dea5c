"""How long one row takes whose fleet is priced through every hour of a growing year, in every draw."""

import statistics
import time

from benchmarks.validation.figures import Figure
from benchmarks.validation.projection_speed import REPEATS, catalogue_candidates, on_core, synthetic_stack
from benchmarks.validation.synthetic import OBJECTIVE_MS
from estimator.catalogue.reader import read_catalogue
from estimator.catalogue.shapes import read_profiles
from estimator.domain.cost.costing import DRAWS, CostRow
from estimator.domain.cost.hourly import HourlyFleet, plan_hours
from estimator.domain.cost.loads import SharedDraws, StackLoad
from estimator.domain.cost.pricing import Candidate, Price
from estimator.domain.cost.shape import TrafficShape
from estimator.domain.cost.traffic import TrafficTarget, parse_traffic
from estimator.domain.reporting.projection import SEED, project
from estimator.domain.statistics import Interval

_DEMAND_S, _MACHINE, _REGION = 0.0016, "m7i.large", "us-east-1"
_GROWTH = Interval(low=0.01, mid=0.03, high=0.06)  # in doubt: every draw has twelve months of its own


def hourly_figure(*, core: int, repeats: int = REPEATS) -> Figure:
    """The shipped profile that was measured, whose 168 hours all differ, under all policies."""
    target = measured_week_target()
    offers = _offers()
    row, prices = _row(target, offers), [offer.price for offer in offers]
    times_s = []
    with on_core(core):
        for _ in range(repeats):
            started_s = time.perf_counter()
            fleet = _planned(target, row, prices)
            times_s.append(time.perf_counter() - started_s)
    size = f"{len(set(fleet.load))} different hours x 12 months, {DRAWS:,} draws, {len(fleet.costs)} policies, one core"
    return Figure(
        what=f"one row by the hour over a growing year ({size})",
        measured=f"{statistics.median(times_s):.2f} s",
        spread=f"{min(times_s):.2f}-{max(times_s):.2f} s in {len(times_s)} repeats",
    )


def measured_week_target() -> TrafficTarget:
    """A billion requests a day through the shipped week that was measured."""
    profile = next(one for one in read_profiles() if not one.assumed)
    shape = TrafficShape.of(profile.hourly, name=profile.name)
    return TrafficTarget(
        requests_per_day=parse_traffic("1B/day"), shape=shape, growth_per_month=_GROWTH, objective_ms=OBJECTIVE_MS
    )


def _offers() -> list[Candidate]:
    candidates = catalogue_candidates(read_catalogue())
    return [one for one in candidates if one.hardware.name == _MACHINE and one.price.region == _REGION]


def _row(target: TrafficTarget, offers: list[Candidate]) -> CostRow:
    return project(target=target, capacities=[synthetic_stack(_DEMAND_S)], candidates=offers).cheapest[0]


def _planned(target: TrafficTarget, row: CostRow, prices: list[Price]) -> HourlyFleet:
    shared = SharedDraws.of(target, count=DRAWS, seed=SEED)
    return plan_hours(StackLoad(row.fleet.capacity, target, shared, seed=SEED), row, prices)
