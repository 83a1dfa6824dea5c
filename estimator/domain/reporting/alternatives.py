"""Instances, containers and functions side by side, from the same measurements, target and draws."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import numpy as np

from estimator.domain.cost.containers import ContainerRow, Fleets, container_row
from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.functions import FunctionRow, function_row
from estimator.domain.cost.lines import DISK_GB, Line, LinedFleet, beside
from estimator.domain.cost.loads import SharedDraws, StackLoad
from estimator.domain.cost.options import StackOptions
from estimator.domain.cost.sizing import DoesNotFit
from estimator.domain.cost.tariffs import ContainerTariff, FunctionTariff, LineTariff
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict
from estimator.domain.reporting.crossover import fleet_cheaper_from
from estimator.domain.reporting.projection import Projection
from estimator.domain.statistics import Floats

_Tariff = TypeVar("_Tariff", ContainerTariff, FunctionTariff)


@dataclass(frozen=True, kw_only=True)
class Tariffs:
    """All that may be rented by use."""

    containers: tuple[ContainerTariff, ...] = ()
    functions: tuple[FunctionTariff, ...] = ()
    lines: tuple[LineTariff, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LinesAsked:
    """Which lines stand beside the fleets shown; none unless asked for."""

    lines: frozenset[Line] = frozenset()
    disk_gb: int = DISK_GB


@dataclass(frozen=True, kw_only=True)
class Unserved:
    """A stack that a service cannot carry, and why."""

    stack: str
    service: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FunctionChoice:
    """A function, and the traffic from which the stack's cheapest fleet of instances costs less for good."""

    row: FunctionRow
    fleet_cheaper_from: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Alternatives:
    """Computed now, never stored. Cheapest first within each stack."""

    containers: tuple[ContainerRow, ...]
    functions: tuple[FunctionChoice, ...]
    lined: tuple[LinedFleet, ...]
    unserved: tuple[Unserved, ...]


def price_alternatives(
    projection: Projection,
    *,
    capacities: Sequence[Capacity],
    tariffs: Tariffs,
    shown: Iterable[CostRow] = (),
    asked: LinesAsked | None = None,
) -> Alternatives:
    """Containers and functions for each stack of a projection, and the lines asked for beside the fleets `shown`."""
    target = projection.target
    shared = SharedDraws.of(target, count=projection.draws, seed=projection.seed)
    cold_normals = np.random.default_rng([projection.seed, 3]).standard_normal(projection.draws)
    loads = {
        one.stack: StackLoad(one, target, shared, seed=projection.seed, own=projection.sigmas) for one in capacities
    }
    options = {one.stack: one for one in projection.options}
    unserved: list[Unserved] = []
    containers: list[ContainerRow] = []
    functions: list[FunctionChoice] = []
    for name, stack in loads.items():
        containers += _containers(stack, _in_reach(tariffs.containers, projection), unserved)
        rows = _functions(stack, _in_reach(tariffs.functions, projection), cold_normals, unserved)
        functions += [_choice(row, options.get(name)) for row in rows]
    wanted = asked or LinesAsked()
    lined = [
        beside(row, loads[row.stack], tariffs.lines, lines=wanted.lines, disk_gb=wanted.disk_gb)
        for row in (shown if wanted.lines else ())
    ]
    return Alternatives(
        containers=tuple(containers), functions=tuple(functions), lined=tuple(lined), unserved=tuple(unserved)
    )


def _in_reach(tariffs: Iterable[_Tariff], projection: Projection) -> list[_Tariff]:
    """Those of the target's regions and currency; others were not asked for."""
    target = projection.target
    return [
        tariff
        for tariff in tariffs
        if tariff.currency == target.currency and (not target.regions or tariff.region in target.regions)
    ]


def _containers(stack: StackLoad, tariffs: Iterable[ContainerTariff], unserved: list[Unserved]) -> list[ContainerRow]:
    rows: list[ContainerRow] = []
    fleets: Fleets = {}
    for tariff in tariffs:
        try:
            rows.append(container_row(stack, tariff, fleets))
        except (DoesNotFit, ObjectiveTooStrict) as why:
            unserved.append(Unserved(stack=stack.capacity.stack, service=tariff.label, reason=str(why)))
    return sorted(rows, key=lambda row: (row.monthly_cost.p50.amount, row.label))


def _functions(
    stack: StackLoad, tariffs: Iterable[FunctionTariff], cold_normals: Floats, unserved: list[Unserved]
) -> list[FunctionRow]:
    rows: list[FunctionRow] = []
    for tariff in tariffs:
        try:
            rows.append(function_row(stack, tariff, cold_normals))
        except (DoesNotFit, ObjectiveTooStrict) as why:
            unserved.append(Unserved(stack=stack.capacity.stack, service=tariff.label, reason=str(why)))
    return sorted(rows, key=lambda row: (row.monthly_cost.p50.amount, row.label))


def _choice(row: FunctionRow, options: StackOptions | None) -> FunctionChoice:
    cheaper_from = fleet_cheaper_from(options, row.cost_per_million_requests) if options else None
    return FunctionChoice(row=row, fleet_cheaper_from=cheaper_from)
