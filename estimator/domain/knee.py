"""The knee: the highest utilisation at which a latency objective holds, from windows at several rates.

Windows of one planned rate are pooled over the blocks before the fit. Fitted one by one, the luckiest windows of a
rate would decide, and short windows at random utilisations would flatter the knee by 3-4 %; pooled, by about 1 %
(simulated M/M/1, M/D/1 and M/G/1 queues, five blocks of 5 s windows).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from estimator.domain.measurement import Window
from estimator.domain.statistics import Floats, resample_weights

ALLOWED_SHARE = 0.01  # a p99 objective: at most 1 % of the requests may be slower
# Slow requests come in clusters, so a level without any tells little: a smaller share is taken as this one.
LEAST_SHARE = ALLOWED_SHARE / 4
RHO_BEYOND = 0.95  # taken where even the fastest window met the objective: no window tells where it would break
REPLICATES = 200
_GRID = 48


@dataclass(frozen=True, kw_only=True)
class KneePoint:
    """One window: its utilisation and the share of requests over each objective of the curve."""

    block: int
    planned: float  # offered rate x service demand of the block / cores: orders windows free of their own luck
    rho: float  # as measured
    requests: int
    share_over: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class KneeCurve:
    """Share over the objective by utilisation, for objectives spaced from the lowest to the highest measured p99."""

    objectives_ms: tuple[float, ...]
    points: tuple[KneePoint, ...]  # ascending in planned utilisation

    @property
    def lowest_ms(self) -> float:
        """The lowest p99 at which some rate, over all blocks, held; a stricter objective was never seen to hold."""
        held = np.flatnonzero(~np.isnan(self._middle[0]))
        return self.objectives_ms[int(held[0])] if held.size else math.inf

    def at(self, objective_ms: float) -> float | None:
        """The knee for one objective; None where no measured utilisation met it."""
        if objective_ms < self.lowest_ms * (1 - 1e-9):
            return None
        position = float(self.positions(np.array([math.log(objective_ms)]))[0])
        cell = int(position)
        low, high = self._middle[0, cell : cell + 2].tolist()
        knee = low + (position - cell) * (high - low)
        return None if math.isnan(knee) else knee

    def is_beyond(self, objective_ms: float) -> bool:
        """Whether the objective is looser than every p99 that was measured."""
        return objective_ms > self.objectives_ms[-1]

    def positions(self, log_objectives: Floats) -> Floats:
        """Where objectives (ln ms) lie on the curve's grid, 0 at the strictest; outside it the ends hold."""
        first, last = math.log(self.objectives_ms[0]), math.log(self.objectives_ms[-1])
        scale = (len(self.objectives_ms) - 1) / (last - first)
        return np.clip((log_objectives - first) * scale, 0.0, np.nextafter(len(self.objectives_ms) - 1, 0))

    def draw(self, replicate: npt.NDArray[np.intp], log_objectives: Floats) -> Floats:
        """The knee of each draw in its own resampled curve, at its own objective (ln ms)."""
        return _look_up(self._resampled, replicate, self.positions(log_objectives))

    def draw_fixed(self, log_objectives: Floats) -> Floats:
        """The knee of each draw in the curve as measured."""
        table = np.nan_to_num(self._middle, nan=self._lowest_rho)
        return _look_up(table, np.zeros(log_objectives.size, dtype=np.intp), self.positions(log_objectives))

    @cached_property
    def _middle(self) -> Floats:
        return self._knees(np.ones((1, len(self.points))))

    @cached_property
    def _resampled(self) -> Floats:
        """Knees by replicate and objective. The seed is fixed, so stacks of one run resample the same blocks."""
        rng = np.random.default_rng(20_260_101)
        weights = resample_weights([point.block for point in self.points], REPLICATES, rng)
        return np.nan_to_num(self._knees(weights), nan=self._lowest_rho)

    @property
    def _lowest_rho(self) -> float:
        return min(point.rho for point in self.points)

    def _knees(self, weights: Floats) -> Floats:
        """Knees for each row of window weights and each objective; (rows, objectives)."""
        levels = np.arange(len(self.points)) // len({point.block for point in self.points})
        rho = _pooled(np.array([point.rho for point in self.points])[None, :], weights, levels)
        shares = np.array([point.share_over for point in self.points]).T
        pooled = (_pooled(share[None, :], weights, levels) for share in shares)
        mass = _sums(weights, levels)
        return np.stack([_knees_of(rho, share, mass) for share in pooled], axis=1)


def fit_knee(windows: Sequence[Window]) -> KneeCurve:
    """The curve through open-loop windows (at least one, each with requests)."""
    p99s = [window.latency.percentile_ms(99) or 0.001 for window in windows]
    grid = np.geomspace(min(p99s), max(*p99s, min(p99s) * 1.001), _GRID)
    demands = _demand_by_block(windows)
    points = [_point(window, demands[window.block], grid) for window in windows]
    return KneeCurve(
        objectives_ms=tuple(map(float, grid)), points=tuple(sorted(points, key=lambda point: point.planned))
    )


def _demand_by_block(windows: Sequence[Window]) -> dict[int, float]:
    cpu_s: dict[int, float] = {}
    completed: dict[int, int] = {}
    for window in windows:
        cpu_s[window.block] = cpu_s.get(window.block, 0.0) + window.resources.app_cpu_s
        completed[window.block] = completed.get(window.block, 0) + window.completed
    return {block: cpu_s[block] / completed[block] for block in cpu_s}


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
    )


def _sums(values: Floats, levels: npt.NDArray[np.intp]) -> Floats:
    """Sums over the windows of each level; (rows, levels)."""
    starts = np.flatnonzero(np.diff(levels, prepend=-1))
    sums: Floats = np.add.reduceat(values, starts, axis=1)
    return sums


def _pooled(values: Floats, weights: Floats, levels: npt.NDArray[np.intp]) -> Floats:
    """Weighted means over the windows of each level; 0 where a level has no weight, which no one then reads."""
    return _sums(values * weights, levels) / np.maximum(_sums(weights, levels), 1e-12)


def _look_up(table: Floats, replicate: npt.NDArray[np.intp], positions: Floats) -> Floats:
    """Linear interpolation along the grid, one row of the table per draw."""
    cell = positions.astype(np.intp)
    left = replicate * table.shape[1] + cell
    flat = table.ravel()
    low = flat.take(left)
    knees: Floats = low + (positions - cell) * (flat.take(left + 1) - low)
    return knees


def _knees_of(rho: Floats, share: Floats, weights: Floats) -> Floats:
    """Where the isotonic fit of share on rho crosses 1 %, row by row; NaN where all of it is above. (rows, levels).

    The fit lies at or below a value up to the last minimum of the cumulated weighted excess over that value, so no
    pooling loop is needed. Between two levels ln(share) is taken as linear in rho, as in a queue with an exponential
    tail: P(T > t) = exp(-(1 - rho) t / D) (M/M/1).
    """
    rows, columns = np.arange(rho.shape[0]), np.arange(rho.shape[1])
    excess = _cumulated(weights * (share - ALLOWED_SHARE))
    last = columns.size - np.argmin(excess[:, ::-1], axis=1)
    before = np.where((weights > 0) & (columns < last[:, None]), columns, -1).max(axis=1)
    after = np.where((weights > 0) & (columns >= last[:, None]), columns, columns.size).min(axis=1)
    low, high = np.maximum(before, 0), np.minimum(after, columns.size - 1)
    total, weight = _cumulated(weights * share), _cumulated(weights)
    below = np.log(np.maximum(_pool_ending_at(total, weight, low), LEAST_SHARE))
    above = np.log(np.maximum(_pool_starting_at(total, weight, high), ALLOWED_SHARE * 1.000001))
    step = np.clip((math.log(ALLOWED_SHARE) - below) / np.maximum(above - below, 1e-9), 0, 1)
    crossing = rho[rows, low] + step * (np.maximum(rho[rows, high], rho[rows, low]) - rho[rows, low])
    beyond = np.maximum(RHO_BEYOND, rho.max(axis=1))
    return np.where(before < 0, math.nan, np.where(after == columns.size, beyond, crossing))


def _cumulated(values: Floats) -> Floats:
    return np.concatenate((np.zeros((values.shape[0], 1)), np.cumsum(values, axis=1)), axis=1)


def _pool_ending_at(total: Floats, weight: Floats, end: npt.NDArray[np.intp]) -> Floats:
    """The fitted value at a window that ends its pool: the greatest mean over stretches ending there."""
    rows = np.arange(end.size)
    masses = weight[rows, end + 1][:, None] - weight[:, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        means = (total[rows, end + 1][:, None] - total[:, :-1]) / masses
    fitted: Floats = np.where(masses > 0, means, -np.inf).max(axis=1)
    return fitted


def _pool_starting_at(total: Floats, weight: Floats, start: npt.NDArray[np.intp]) -> Floats:
    """The fitted value at a window that starts its pool: the least mean over stretches starting there."""
    rows = np.arange(start.size)
    masses = weight[:, 1:] - weight[rows, start][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        means = (total[:, 1:] - total[rows, start][:, None]) / masses
    fitted: Floats = np.where(masses > 0, means, np.inf).min(axis=1)
    return fitted
