"""Which input moves the bill most: each at its P10 and at its P90, every other at its middle.

The scenarios run through the very code that prices draws, as a handful of draws with chosen inputs. What a person
decides (headroom, objective, redundancy) is not in doubt and stands in the what-if instead.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.loads import SharedDraws, StackLoad
from estimator.domain.cost.months import MONTHS, counts_by_month
from estimator.domain.cost.pricing import Money
from estimator.domain.cost.sizing import CONTENTION
from estimator.domain.hardware import SMT_YIELD, Smt
from estimator.domain.performance.capacity import CapacityDraws
from estimator.domain.statistics import SHARES, Z10, Floats, Ints, order_index, quantiles

PRICE_TOLERANCE = Decimal("0.02")  # prices on which two sources disagree by more decide nothing
_LOW, _HIGH = SHARES[0], SHARES[-1]
_Values = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Swing:
    """One input from its P10 to its P90. Costs are a month's, averaged over the year; loads relative to the middle."""

    name: str
    unit: str
    low: float
    mid: float
    high: float
    cost_low: Money
    cost_high: Money
    load_low: float
    load_high: float

    @property
    def swing(self) -> Money:
        """By how much the bill differs between both ends."""
        return Money(amount=abs(self.cost_high.amount - self.cost_low.amount), currency=self.cost_low.currency)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensitivity:
    """The bill with every input at its middle (a month, averaged over the year), and the swings, widest first."""

    cost: Money
    swings: tuple[Swing, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Doubt:
    """An input in doubt: as it is shown, and as the draws hold it. `field` names the array that it stands in."""

    name: str
    unit: str
    shown: _Values  # P10, middle, P90
    field: str
    drawn: _Values


def sensitivity_of(row: CostRow, stack: StackLoad) -> Sensitivity:
    """The tornado of one row. `stack` holds the draws of the row's stack and target."""
    doubts = list(_doubts(row, stack))
    costs, loads = _priced(row, stack, doubts)
    price = row.price
    cost = [Money(amount=price.monthly * count / MONTHS, currency=price.currency) for count in costs.tolist()]
    swings = [
        Swing(
            name=doubt.name,
            unit=doubt.unit,
            low=doubt.shown[0],
            mid=doubt.shown[1],
            high=doubt.shown[2],
            cost_low=cost[place],
            cost_high=cost[place + 1],
            load_low=float(loads[place] / loads[0]),
            load_high=float(loads[place + 1] / loads[0]),
        )
        for place, doubt in zip(range(1, 2 * len(doubts), 2), doubts, strict=True)
    ]
    swings.append(_price_swing(row, cost[0]))
    return Sensitivity(cost=cost[0], swings=tuple(sorted(swings, key=_by_swing)))


def _by_swing(swing: Swing) -> tuple[Decimal, float, str]:
    """Inputs that leave the bill alone stand by what they do to the load: the next to matter comes first."""
    return -swing.swing.amount, -abs(math.log(swing.load_high / swing.load_low)), swing.name


def _doubts(row: CostRow, stack: StackLoad) -> Iterator[_Doubt]:
    """What is in doubt for this row; inputs known exactly are left out."""
    target, carrying = stack.target, row.fleet.carrying
    peak, growth = target.peak, target.growth_per_month
    if not peak.is_exact:
        yield _plain("peak/mean", "ratio", "peak", (peak.low, peak.mid, peak.high))
    if not growth.is_exact:
        yield _plain("growth", "share per month", "growth", (growth.low, growth.mid, growth.high))
    yield _demand(stack)
    if stack.draws.knees is not None:
        yield _knee(row, stack)
    sigma = carrying.sigma * Z10
    speeds = math.exp(-sigma), 1.0, math.exp(sigma)
    yield _Doubt(name="CPU time on the machine", unit="factor", shown=speeds, field="eps", drawn=(-Z10, 0.0, Z10))
    yield from _yield("SMT yield of the benchmark host", "host_yield", carrying.smt_host)
    yield from _yield("SMT yield of the machine", "hardware_yield", carrying.smt_hardware)
    span = math.log(CONTENTION.high / CONTENTION.low)
    ends = [CONTENTION.low * math.exp(share * span) for share in (_LOW, _HIGH)]
    yield _plain("contention between workers", "per worker", "contention", (ends[0], CONTENTION.mid, ends[1]))


def _plain(name: str, unit: str, field: str, values: _Values) -> _Doubt:
    return _Doubt(name=name, unit=unit, shown=values, field=field, drawn=values)


def _demand(stack: StackLoad) -> _Doubt:
    """With too few blocks the prior on D stands for the knee's doubt as well."""
    found = quantiles(stack.draws.service_demand_s)
    values = found.p10, stack.capacity.service_demand_s, found.p90
    name = "service demand D" if stack.draws.knees is not None else "service demand D and knee (stated prior)"
    return _plain(name, "CPU-s/request", "demand", values)


def _knee(row: CostRow, stack: StackLoad) -> _Doubt:
    """Shown at the row's own objective; drawn as whole curves, see `_curves`."""
    objective = np.array([math.log(row.fleet.middle.objective_host_ms)])
    middle, low, high = (_at(stack, curve, objective) for curve in _curves(stack))
    values = min(low, middle), middle, max(high, middle)
    return _Doubt(name="knee utilisation u*", unit="share", shown=values, field="knee", drawn=(1.0, 0.0, 2.0))


def _curves(stack: StackLoad) -> Floats:
    """The knee by objective as measured, at its P10 and at its P90; (3, grid)."""
    curve, drawn = stack.capacity.curve, stack.draws.knees
    middle = curve.draw_fixed(np.log(curve.objectives_ms))
    if drawn is None:
        return middle[None, :]
    ends = [order_index(drawn.shape[0], share) for share in (_LOW, _HIGH)]
    return np.vstack((middle, np.partition(drawn, ends, axis=0)[ends]))


def _at(stack: StackLoad, curve: Floats, objective: Floats) -> float:
    return float(stack.capacity.curve.draw(curve[None, :], np.zeros(1, dtype=np.intp), objective)[0])


def _yield(name: str, field: str, smt: Smt) -> Iterator[_Doubt]:
    """The draws hold shares of the yield's range."""
    known = SMT_YIELD[smt]
    if not known.is_exact:
        low, high = known.uniform(np.array([_LOW, _HIGH])).tolist()
        yield _Doubt(
            name=name, unit="share of a core", shown=(low, known.mid, high), field=field, drawn=(_LOW, 0.5, _HIGH)
        )


def _priced(row: CostRow, stack: StackLoad, doubts: list[_Doubt]) -> tuple[Ints, Floats]:
    """Instance-months of the year and its load, by scenario: the middle, then P10 and P90 of each doubt."""
    inputs = _scenarios(stack, doubts)
    growth = inputs["growth"] if not stack.target.growth_per_month.is_exact else None
    shared = SharedDraws(
        eps=inputs["eps"],
        peak=np.maximum(1.0, inputs["peak"]),
        host_yield=inputs["host_yield"],
        hardware_yield=inputs["hardware_yield"],
        contention=inputs["contention"],
        growth=growth,
    )
    knees = _curves(stack)[inputs["knee"].astype(np.intp)]
    draws = CapacityDraws(service_demand_s=inputs["demand"], curve=stack.capacity.curve, knees=knees)
    scenario = StackLoad(stack.capacity, stack.target, shared, draws=draws)
    loads = scenario.loads(row.fleet.carrying, row.fleet.packing)
    counts = list(counts_by_month(row.fleet.rule, stack.target, loads, growth))
    grown = loads if growth is None else loads * sum((1 + growth) ** month for month in range(MONTHS))
    return np.sum(counts, axis=0), grown


def _scenarios(stack: StackLoad, doubts: list[_Doubt]) -> dict[str, Floats]:
    """Every input as an array over the scenarios."""
    middles = {
        "eps": 0.0,
        "peak": stack.target.peak.mid,
        "growth": stack.target.growth_per_month.mid,
        "host_yield": 0.5,
        "hardware_yield": 0.5,
        "contention": CONTENTION.mid,
        "demand": stack.capacity.service_demand_s,
        "knee": 0.0,
    }
    inputs = {field: np.full(1 + 2 * len(doubts), middle) for field, middle in middles.items()}
    for number, doubt in enumerate(doubts):
        inputs[doubt.field][[1 + 2 * number, 2 + 2 * number]] = doubt.drawn[0], doubt.drawn[2]
    return inputs


def _price_swing(row: CostRow, cost: Money) -> Swing:
    """What two sources may differ by before a price is disputed."""
    hourly = row.price.hourly
    return Swing(
        name="price, as far as sources may differ",
        unit=f"{row.price.currency}/h",
        low=float(hourly * (1 - PRICE_TOLERANCE)),
        mid=float(hourly),
        high=float(hourly * (1 + PRICE_TOLERANCE)),
        cost_low=cost * (1 - PRICE_TOLERANCE),
        cost_high=cost * (1 + PRICE_TOLERANCE),
        load_low=1.0,
        load_high=1.0,
    )
