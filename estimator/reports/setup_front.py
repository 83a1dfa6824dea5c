"""Set-ups as points: capacity per core upwards, memory across, and the front of those that no other beats in both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from estimator.domain.performance.setups import SetupResult
from estimator.reports.chart import Axis, Placed

WIDTH, HEIGHT = 760, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 720, 28, 276
_STEPS = 5  # between ticks, about
_ROOM = 0.12  # beside the outermost points, as a share of what lies between them
_FEWEST_POINTS = 2


@dataclass(frozen=True, kw_only=True)
class SetupDot:
    """One set-up at its place; `label` stands beside it where it is on the front or as shipped."""

    x: float
    y: float
    title: str
    label: str
    on_front: bool
    anchor: str


@dataclass(frozen=True, kw_only=True)
class SetupFront:
    """The picture's values, in the units of its view box."""

    results: tuple[SetupResult, ...]
    x: Axis
    y: Axis
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM

    @cached_property
    def dots(self) -> tuple[SetupDot, ...]:
        """All set-ups that have both figures."""
        return tuple(self._dot(one) for one in self.results)

    @property
    def line(self) -> str:
        """Through the front, from the least memory to the most; empty for a front of one."""
        points = sorted((dot.x, dot.y) for dot in self.dots if dot.on_front)
        return "M" + "L".join(f"{x} {y}" for x, y in points) if len(points) > 1 else ""

    @property
    def x_ticks(self) -> list[Placed]:
        """Labels along the horizontal axis."""
        return [Placed(at=self._x(tick), label=self.x.label(tick)) for tick in self.x.ticks]

    @property
    def y_ticks(self) -> list[Placed]:
        """Labels along the vertical axis."""
        return [Placed(at=self._y(tick), label=self.y.label(tick)) for tick in self.y.ticks]

    def _dot(self, one: SetupResult) -> SetupDot:
        memory_mib, rate = one.memory_mib or 0.0, one.rate_per_core or 0.0
        x = self._x(memory_mib)
        return SetupDot(
            x=x,
            y=self._y(rate),
            title=f"{one.setup.label}: {rate:,.0f} req/s per core, {memory_mib:,.0f} MiB",
            label=one.setup.label if one.on_front or one.setup.default else "",
            on_front=one.on_front,
            anchor="start" if x < (self.left + self.right) / 2 else "end",
        )

    def _x(self, value: float) -> float:
        return round(self.left + self.x.share(value) * (self.right - self.left), 1)

    def _y(self, value: float) -> float:
        return round(self.bottom - self.y.share(value) * (self.bottom - self.top), 1)


def setup_front(measured: Sequence[SetupResult]) -> SetupFront | None:
    """Of the set-ups with a capacity and a memory; None where a picture would hold fewer than two points."""
    results = tuple(one for one in measured if one.rate_per_core and one.memory_mib)
    if len(results) < _FEWEST_POINTS:
        return None
    x_ticks = _ticks([one.memory_mib or 0.0 for one in results])
    y_ticks = _ticks([one.rate_per_core or 0.0 for one in results])
    x = Axis(title="MiB", low=x_ticks[0], high=x_ticks[-1], ticks=x_ticks, label=_plain, unit="mib", log=False)
    y = Axis(title="req/s", low=y_ticks[0], high=y_ticks[-1], ticks=y_ticks, label=_plain, unit="rate", log=False)
    return SetupFront(results=results, x=x, y=y)


def _ticks(values: Sequence[float]) -> tuple[float, ...]:
    """At steps of 1, 2 or 5 times a power of ten, around all values with a little room, never below 0."""
    room = _ROOM * (max(values) - min(values)) or 0.1 * max(values)
    low, high = max(0.0, min(values) - room), max(values) + room
    power = 10.0 ** math.floor(math.log10((high - low) / _STEPS))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power * _STEPS >= high - low)
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(number * step for number in range(first, last + 1))


def _plain(value: float) -> str:
    return f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"
