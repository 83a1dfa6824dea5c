"""The knee: the highest utilisation at which a latency objective holds, from windows at several rates.

Windows of one planned rate are pooled over the blocks, and the p99 of all rates joined into one curve by the law of
heavy traffic (docs/decisions/0005). The knee is where that curve crosses the objective; its spread is the jackknife's
over blocks: what leaving each one out does to it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from estimator.domain.measuring.measurement import Window
from estimator.domain.performance.heavy_traffic import LAW_SIGMA, LEAST_IDLE, log_p99, p99_curve
from estimator.domain.statistics import Floats

ALLOWED_SHARE = 0.01  # a p99 objective: at most 1 % of the requests may be slower
RHO_BEYOND = 0.95  # the most that is taken above the highest rate measured, where no window tells what breaks
_FASTEST_PERCENT = 1
_LOWEST_PERCENT = 96  # the curve's latencies start where 4 % are slower, see heavy_traffic
_MOST_FLOOR = 0.95  # of the lowest latency of the curve
_LEAST_KNEE = 0.02
_REACH = 8.0  # times the highest p99: looser objectives follow the law so far, up to the highest rate or 0.95
_GRID = 80


@dataclass(frozen=True, kw_only=True)
class KneePoint:
    """One window: its utilisation and the share of requests over each latency of the curve."""

    block: int
    planned: float  # offered rate x service demand of the block / cores: orders windows free of their own luck
    rho: float  # as measured
    requests: int
    share_over: tuple[float, ...]
    duration_s: float = 5.0


@dataclass(frozen=True, kw_only=True)
class KneeCurve:
    """The knee by objective, for objectives spaced from the lowest p96 of a window to well above its highest p99."""

    objectives_ms: tuple[float, ...]
    points: tuple[KneePoint, ...]  # ascending in planned utilisation
    highest_ms: float = math.inf  # p99 of any window
    floor_ms: float = 0.0  # what even the fastest requests waited for beside the CPU: the law is about the queue alone
    full: float = 1.0  # the utilisation at saturation: below 1 where something else is full before the CPU

    @property
    def lowest_ms(self) -> float:
        """The least p99 of any rate, over all blocks; a stricter objective was never seen to hold.

        Usually that of the lowest rate, but a machine that stalled there for a moment takes no cost from a stack that
        met the objective at higher ones.
        """
        return self._fitted[1]

    def at(self, objective_ms: float) -> float | None:
        """The knee for one objective; None where no measured utilisation met it."""
        if objective_ms < self.lowest_ms * (1 - 1e-9):
            return None
        return float(self.draw_fixed(np.array([math.log(objective_ms)]))[0])

    def is_beyond(self, objective_ms: float) -> bool:
        """Whether the objective is looser than every p99 that was measured."""
        return objective_ms > self.highest_ms

    def positions(self, log_objectives: Floats) -> Floats:
        """Where objectives (ln ms) lie on the curve's grid, 0 at the strictest; outside it the ends hold."""
        first, last = math.log(self.objectives_ms[0]), math.log(self.objectives_ms[-1])
        scale = (len(self.objectives_ms) - 1) / (last - first)
        return np.clip((log_objectives - first) * scale, 0.0, np.nextafter(len(self.objectives_ms) - 1, 0))

    def draw_fixed(self, log_objectives: Floats) -> Floats:
        """The knee as measured, for each draw's own objective (ln ms); carried on by the law below the lowest rate."""
        return self.draw(self._fitted[0][None, :], np.zeros(log_objectives.size, dtype=np.intp), log_objectives)

    def draw(self, table: Floats, replicate: npt.NDArray[np.intp], log_objectives: Floats) -> Floats:
        """The same from a table of `drawn`, each draw in its own row."""
        return _look_up(table, replicate, self.positions(log_objectives))

    def drawn(self, weights: Floats, law: Floats) -> Floats:
        """Knees by draw and objective, for weights of blocks (draws, blocks) and standard normals of the law's error.

        Spread is on the scale of ln(rho / (1 - rho)), so no knee leaves 0..1.
        """
        middle = self._fitted[0]
        logits = _logit(middle) + weights @ self._influences + LAW_SIGMA * law[:, None] / middle
        knees: Floats = np.maximum.accumulate(1 / (1 + np.exp(-logits)), axis=1)
        return knees

    def log_knees(self, objective_ms: float) -> Floats:
        """Pseudo-values of ln u*, one for each block in ascending order; their mean is ln u* as measured."""
        position = self.positions(np.array([math.log(objective_ms)]))
        rows = np.concatenate((self._fitted[0][None, :], self._influences))
        found = _look_up(rows, np.arange(rows.shape[0]), np.repeat(position, rows.shape[0]))
        pseudo: Floats = math.log(found[0]) + (1 - found[0]) * found[1:]  # d ln u = (1 - u) d logit(u)
        return pseudo

    @cached_property
    def _fitted(self) -> tuple[Floats, float]:
        """The knee at each objective, and the least p99 of a rate in ms."""
        knees, lowest = self._knees(np.ones((1, len(self.points))))
        return knees[0], float(lowest[0])

    @cached_property
    def _influences(self) -> Floats:
        """(n - 1)(mean of all that leave one out - that which leaves this block out), of logit(u*); (blocks, grid)."""
        blocks = np.array([point.block for point in self.points])
        names = np.unique(blocks)
        if names.size == 1:
            return np.zeros((1, len(self.objectives_ms)))
        without = _logit(self._knees((blocks != names[:, None]).astype(np.float64))[0])
        influences: Floats = (names.size - 1) * (without.mean(axis=0) - without)
        return influences

    def _knees(self, weights: Floats) -> tuple[Floats, Floats]:
        """Knees by row of window weights and objective, and each row's p99 in ms at its lowest rate."""
        by_level = weights[:, None, :] * self._levels
        seconds = by_level @ np.array([point.duration_s for point in self.points])
        pooled = by_level / np.maximum(by_level.sum(axis=2, keepdims=True), 1e-12)
        rho = pooled @ np.array([point.rho for point in self.points]) / self.full
        shares = pooled @ np.array([point.share_over for point in self.points])
        log_objectives = np.log(np.array(self.objectives_ms) - self.floor_ms)
        holds = np.logical_and.accumulate(shares[:, :, -1] <= ALLOWED_SHARE, axis=1)
        seen = holds | (np.arange(holds.shape[1]) == 0)
        by_rate = log_p99(shares, log_objectives)
        log_idle, log_p99s = p99_curve(by_rate, 1 - rho, seconds * seen)
        knees = _crossings(log_idle, log_p99s, log_objectives)
        bounded = self.full * np.clip(knees, _LEAST_KNEE, _highest(rho, holds)[:, None])
        least = np.minimum(log_p99s[:, 0], np.where(holds, by_rate, math.inf).min(axis=1))
        return bounded, np.where(holds[:, 0], self.floor_ms + np.exp(least), math.inf)

    @property
    def _levels(self) -> Floats:
        """Which windows make a level: as many of neighbouring planned rates as there are blocks; (levels, windows)."""
        numbers = np.arange(len(self.points)) // len({point.block for point in self.points})
        members: Floats = (numbers == np.unique(numbers)[:, None]).astype(np.float64)
        return members


def fit_knee(windows: Sequence[Window], *, full: float = 1.0) -> KneeCurve:
    """The curve through open-loop windows (at least one, each with requests). `full`: the utilisation of saturation."""
    lowest, highest = min(_latencies(windows, _LOWEST_PERCENT)), max(_latencies(windows, 99))
    grid = np.geomspace(lowest, max(highest, lowest) * _REACH, _GRID)
    demands = _demand_by_block(windows)
    points = [_point(window, demands[window.block], grid) for window in windows]
    return KneeCurve(
        objectives_ms=tuple(map(float, grid)),
        points=tuple(sorted(points, key=lambda point: point.planned)),
        highest_ms=highest,
        floor_ms=_floor_ms(windows, max(demands.values()), lowest),
        full=full,
    )


def _floor_ms(windows: Sequence[Window], demand_s: float, lowest_ms: float) -> float:
    fastest_ms = min(_latencies(windows, _FASTEST_PERCENT)) - 1000 * demand_s
    return max(0.0, min(fastest_ms, _MOST_FLOOR * lowest_ms))


def _latencies(windows: Sequence[Window], percent: float) -> list[float]:
    return [window.latency.percentile_ms(percent) or 0.001 for window in windows]


def _demand_by_block(windows: Sequence[Window]) -> dict[int, float]:
    cpu_s: dict[int, float] = {}
    served: dict[int, int] = {}
    for window in windows:
        cpu_s[window.block] = cpu_s.get(window.block, 0.0) + window.resources.app_cpu_s
        served[window.block] = served.get(window.block, 0) + window.served
    return {block: cpu_s[block] / max(1, served[block]) for block in cpu_s}


def _point(window: Window, demand_s: float, grid: Floats) -> KneePoint:
    """Failed requests and those never sent count as over every objective."""
    failed = window.errors + window.wrong + window.unsent
    requests = window.latency.total + failed
    over = (window.latency.count_above(grid) + failed) / requests
    offered = window.achieved_rate if window.offered_rate is None else window.offered_rate
    return KneePoint(
        block=window.block,
        planned=offered * demand_s / window.resources.app_cores,
        rho=min(1.0, window.utilisation),
        requests=requests,
        share_over=tuple(map(float, over)),
        duration_s=window.duration_s,
    )


def _crossings(log_idle: Floats, log_p99s: Floats, log_objectives: Floats) -> Floats:
    """The utilisation at which each row's curve meets each objective; below its lowest rate by the law alone."""
    found = np.array([np.interp(log_objectives, *row) for row in zip(log_p99s, log_idle, strict=True)])
    below = log_idle[:, :1] + np.maximum(0.0, log_p99s[:, :1] - log_objectives)
    knees: Floats = 1 - np.exp(np.where(log_objectives < log_p99s[:, :1], below, found))
    return knees


def _highest(rho: Floats, holds: npt.NDArray[np.bool_]) -> Floats:
    """No knee is higher than the highest rate without failures, or 0.95 where none failed; nor an overload's 1."""
    highest = np.maximum(np.where(holds.all(axis=1), RHO_BEYOND, _LEAST_KNEE), (rho * holds).max(axis=1))
    bounded: Floats = np.minimum(highest, 1 - LEAST_IDLE)
    return bounded


def _logit(shares: Floats) -> Floats:
    logits: Floats = np.log(shares / (1 - shares))
    return logits


def _look_up(table: Floats, replicate: npt.NDArray[np.intp], positions: Floats) -> Floats:
    """Linear interpolation along the grid, one row of the table per draw."""
    cell = positions.astype(np.intp)
    left = replicate * table.shape[1] + cell
    flat = table.ravel()
    low = flat.take(left)
    knees: Floats = low + (positions - cell) * (flat.take(left + 1) - low)
    return knees
