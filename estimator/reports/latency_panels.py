"""Latency against rate, a small picture for each stack on the same axes: raw windows as points, the curve through them.

Points of one kind are one path of zero-length strokes with round ends, so that seven stacks stay a light page.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from estimator.domain.measuring.workload import StepKind
from estimator.domain.statistics import Interval
from estimator.queries.fits import SCHEDULED, Level
from estimator.queries.measurements import MeasuredStack
from estimator.queries.window_rows import WindowRow
from estimator.reports.chart import Axis, Placed, round_ticks, snug_ticks, style_of

WIDTH, HEIGHT = 360, 224
LEFT, RIGHT, TOP, BOTTOM = 40, 338, 12, 194
_SHOWN = SCHEDULED | {StepKind.CONFIRMATION}
_LAGS = 0.015  # an achieved rate this far below the offered one is drawn
_CROSS = 3.5
_FEWEST_TICKS = 4


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One stack. Paths are in the units of the view box; an empty one has nothing to show."""

    title: str
    style: int
    capacity_rps: Interval | None
    curve_p99: str
    curve_p50: str
    p99: str
    p50: str
    lags: str
    confirmed: str
    void: str
    capacity_x: float | None
    capacity_band: tuple[float, float] | None  # x and width


@dataclass(frozen=True, kw_only=True)
class Panels:
    """All stacks on common axes."""

    panels: tuple[Panel, ...]
    x: Axis
    y: Axis
    objective_ms: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM

    @cached_property
    def x_ticks(self) -> list[Placed]:
        """Every second label where there are many: a panel is narrow."""
        every = 2 if len(self.x.ticks) > _FEWEST_TICKS else 1
        return [Placed(at=_x(self.x, tick), label=self.x.label(tick)) for tick in self.x.ticks[::every]]

    @cached_property
    def y_ticks(self) -> list[Placed]:
        """Labels along the vertical axis."""
        return [Placed(at=_y(self.y, tick), label=self.y.label(tick)) for tick in self.y.ticks]

    @property
    def tall(self) -> int:
        """The height of the area between the axes."""
        return self.bottom - self.top

    @property
    def objective_y(self) -> float:
        """Where the objective lies."""
        return _y(self.y, self.objective_ms)

    @property
    def has_confirmations(self) -> bool:
        """Whether the legend needs their sign."""
        return any(panel.confirmed for panel in self.panels)

    @property
    def has_void(self) -> bool:
        """Whether the legend needs their sign."""
        return any(panel.void for panel in self.panels)


def latency_panels(measured: Sequence[MeasuredStack], *, objective_ms: float) -> Panels | None:
    """A panel for each stack with windows of a planned rate; None when no stack has one."""
    shown = [one for one in measured if any(map(_is_shown, one.fit.rows))]
    rows = [row for one in shown for row in one.fit.rows if _is_shown(row)]
    if not rows:
        return None
    latencies = [value for row in rows for value in (row.p50_ms, row.p99_ms) if value]
    x_ticks = round_ticks(max(max(row.offered_rate or 0.0, row.achieved_rate) for row in rows))
    y_ticks = _thinned(snug_ticks([objective_ms, *latencies]))
    x = Axis(title="req/s", low=0.0, high=x_ticks[-1], ticks=x_ticks, label=_rate, unit="rate", log=False)
    y = Axis(title="ms", low=y_ticks[0], high=y_ticks[-1], ticks=y_ticks, label=_ms, unit="ms")
    return Panels(panels=tuple(_panel(one, x, y) for one in shown), x=x, y=y, objective_ms=objective_ms)


def _is_shown(row: WindowRow) -> bool:
    return row.step in _SHOWN and row.offered_rate is not None and bool(row.p99_ms)


def _panel(one: MeasuredStack, x: Axis, y: Axis) -> Panel:
    shown = [row for row in one.fit.rows if _is_shown(row)]
    kept = [row for row in shown if not row.void]
    regular = [row for row in kept if row.step in SCHEDULED]
    capacity = one.fit.capacity_rps
    return Panel(
        title=one.stack.title,
        style=style_of(one.stack.position),
        capacity_rps=capacity,
        curve_p99=_curve(one.fit.curve, lambda level: level.p99_ms, x, y),
        curve_p50=_curve(one.fit.curve, lambda level: level.p50_ms, x, y),
        p99=_dots(_at(row.offered_rate, row.p99_ms, x, y) for row in regular),
        p50=_dots(_at(row.offered_rate, row.p50_ms, x, y) for row in regular),
        lags="".join(_lag(row, x, y) for row in regular if _lags(row)),
        confirmed=_dots(_at(row.offered_rate, row.p99_ms, x, y) for row in kept if row.step is StepKind.CONFIRMATION),
        void="".join(_cross(_at(row.offered_rate, row.p99_ms, x, y)) for row in shown if row.void),
        capacity_x=_x(x, capacity.mid) if capacity else None,
        capacity_band=_band(capacity, x) if capacity else None,
    )


def _x(axis: Axis, value: float) -> float:
    return round(LEFT + axis.share(value) * (RIGHT - LEFT), 1)


def _y(axis: Axis, value: float) -> float:
    return round(BOTTOM - axis.share(value) * (BOTTOM - TOP), 1)


def _at(rate: float | None, latency_ms: float | None, x: Axis, y: Axis) -> tuple[float, float]:
    return _x(x, rate or 0.0), _y(y, latency_ms or 0.0)


def _curve(levels: Iterable[Level], value: Callable[[Level], float], x: Axis, y: Axis) -> str:
    points = [_at(level.offered_rate, value(level), x, y) for level in levels]
    return "M" + "L".join(f"{across} {down}" for across, down in points) if len(points) > 1 else ""


def _dots(points: Iterable[tuple[float, float]]) -> str:
    return "".join(f"M{across} {down}h0" for across, down in points)


def _cross(point: tuple[float, float]) -> str:
    across, down = point
    left, top, size = across - _CROSS, down - _CROSS, 2 * _CROSS
    return f"M{left:.1f} {top:.1f}l{size} {size}m0 -{size}l-{size} {size}"


def _lags(row: WindowRow) -> bool:
    return row.achieved_rate < (row.offered_rate or 0.0) * (1 - _LAGS)


def _lag(row: WindowRow, x: Axis, y: Axis) -> str:
    across, down = _at(row.offered_rate, row.p99_ms, x, y)
    return f"M{across} {down}H{_x(x, row.achieved_rate)}"


def _band(capacity: Interval, x: Axis) -> tuple[float, float]:
    left, right = _x(x, capacity.low), _x(x, capacity.high)
    return left, round(max(1.0, right - left), 1)


def _thinned(ticks: tuple[float, ...]) -> tuple[float, ...]:
    """At most five labels in a low picture: both ends stay."""
    if len(ticks) <= _FEWEST_TICKS + 1:
        return ticks
    step = -(-(len(ticks) - 1) // _FEWEST_TICKS)
    return (*ticks[:-1:step], ticks[-1]) if (len(ticks) - 1) % step == 0 else (*ticks[:-step:step], ticks[-1])


def _rate(value: float) -> str:
    return f"{value:,.0f}"


def _ms(value: float) -> str:
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
