"""What the ORM costs: the same lookup with and without one, stack by stack."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from estimator.domain.performance.capacity import Capacity
from estimator.domain.statistics import Interval, interval_of
from estimator.queries.fits import DRAWS
from estimator.queries.measurements import HEADLINE_WORKLOAD, MeasuredStack

WITH_ORM, WITHOUT_ORM = HEADLINE_WORKLOAD, f"{HEADLINE_WORKLOAD}_raw"
OTHER_LOOKUP = {WITH_ORM: WITHOUT_ORM, WITHOUT_ORM: WITH_ORM}


@dataclass(frozen=True, kw_only=True)
class OrmCost:
    """One stack's two measurements. Ratios are ORM over driver for CPU, driver over ORM for capacity: above 1 it costs.

    A figure is None where no window met the objective."""

    slug: str
    title: str
    position: int
    runs: tuple[int, int]
    capacity_rps: tuple[Interval | None, Interval | None]  # with the ORM, without
    service_demand_ms: tuple[float, float]
    demand_ratio: Interval  # P10 to P90
    capacity_ratio: float | None

    @property
    def orm_share(self) -> float:
        """The part of a request's CPU time that goes to the ORM."""
        return 1 - 1 / self.demand_ratio.mid


def orm_costs(measured: Iterable[MeasuredStack]) -> tuple[OrmCost, ...]:
    """The stacks of which both workloads were measured, in display order."""
    pairs: dict[str, dict[str, MeasuredStack]] = {}
    for one in measured:
        if one.workload in (WITH_ORM, WITHOUT_ORM) and isinstance(one.outcome, Capacity):
            pairs.setdefault(one.stack.slug, {})[one.workload] = one
    both = [(pair[WITH_ORM], pair[WITHOUT_ORM]) for pair in pairs.values() if len(pair) == 2]
    return tuple(_cost(orm, raw) for orm, raw in sorted(both, key=lambda pair: pair[0].stack.position))


def _cost(orm: MeasuredStack, raw: MeasuredStack) -> OrmCost:
    with_orm, without = orm.fit.capacity_rps, raw.fit.capacity_rps
    return OrmCost(
        slug=orm.stack.slug,
        title=orm.stack.title,
        position=orm.stack.position,
        runs=(orm.run, raw.run),
        capacity_rps=(with_orm, without),
        service_demand_ms=(_demand_s(orm) * 1000, _demand_s(raw) * 1000),
        demand_ratio=_ratio(orm, raw),
        capacity_ratio=without.mid / with_orm.mid if with_orm and without else None,
    )


def _demand_s(one: MeasuredStack) -> float:
    assert isinstance(one.outcome, Capacity)  # noqa: S101 - only such pairs get here
    return one.outcome.service_demand_s


def _ratio(orm: MeasuredStack, raw: MeasuredStack) -> Interval:
    """D with the ORM over D without, from the draws of both: those of one run share their blocks."""
    assert isinstance(orm.outcome, Capacity) and isinstance(raw.outcome, Capacity)  # noqa: S101
    draws = [outcome.draws(DRAWS, seed=0).service_demand_s for outcome in (orm.outcome, raw.outcome)]
    low, high = interval_of(np.divide(*draws))
    middle = _demand_s(orm) / _demand_s(raw)
    return Interval(low=min(low, middle), mid=middle, high=max(high, middle))
