"""Charts as values: one description draws the server's SVG, the browser's interactive chart and the table behind."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 28, 44
MOST_TICKS = 9
SERIES_STYLES = 7  # colours and dashes in the style sheet; further series start again


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis. `label` writes a value; `unit` names what the browser writes the same way."""

    title: str
    low: float
    high: float
    ticks: tuple[float, ...]
    label: Callable[[float], str]
    unit: Literal["traffic", "money", "rate", "ms", "mib"]
    log: bool = True

    def share(self, value: float) -> float:
        """Where a value lies between both ends, from 0 to 1."""
        if self.log:
            value, low, high = (math.log10(max(number, 1e-12)) for number in (value, self.low, self.high))
        else:
            low, high = self.low, self.high
        return min(1.0, max(0.0, (value - low) / (high - low)))


@dataclass(frozen=True, kw_only=True)
class Point:
    """A value with its band, if it has one, and what else is told of it."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One stack's points, in the order of x. `style` picks colour and dash."""

    name: str
    style: int
    points: tuple[Point, ...]
    joined: bool = True


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A line across the chart at one value, with its meaning."""

    axis: Literal["x", "y"]
    at: float
    label: str
    kind: str = "plain"  # plain, difference, limit


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A label or line at its place in the picture."""

    at: float
    label: str
    kind: str = ""
    anchor: str = "middle"
    row: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A point at its place in the picture."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A series as paths."""

    name: str
    style: int
    line: str
    band: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A point as text."""

    name: str
    x: str
    y: str
    band: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart and its picture. Sizes in the units of the picture's view box."""

    name: str
    title: str
    summary: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    currency: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM

    def place_x(self, value: float) -> float:
        """The horizontal place of a value."""
        return round(self.left + self.x.share(value) * (self.right - self.left), 1)

    def place_y(self, value: float) -> float:
        """The vertical place of a value; the picture's origin is at the top."""
        return round(self.bottom - self.y.share(value) * (self.bottom - self.top), 1)

    @property
    def x_ticks(self) -> list[Placed]:
        """Labels along the horizontal axis."""
        return [Placed(at=self.place_x(tick), label=self.x.label(tick)) for tick in self.x.ticks]

    @property
    def y_ticks(self) -> list[Placed]:
        """Labels along the vertical axis."""
        return [Placed(at=self.place_y(tick), label=self.y.label(tick)) for tick in self.y.ticks]

    @property
    def upright_marks(self) -> list[Placed]:
        """Marks at a value of x; their labels take turns in two rows, so that close ones stay readable."""
        marks = sorted((mark for mark in self.marks if mark.axis == "x"), key=lambda mark: mark.at)
        middle = (self.left + self.right) / 2
        return [
            Placed(
                at=self.place_x(mark.at),
                label=mark.label,
                kind=mark.kind,
                anchor="start" if self.place_x(mark.at) < middle else "end",
                row=self.top - 16 + 13 * (number % 2),
            )
            for number, mark in enumerate(marks)
        ]

    @property
    def level_marks(self) -> list[Placed]:
        """Marks at a value of y."""
        level = (mark for mark in self.marks if mark.axis == "y")
        return [Placed(at=self.place_y(mark.at), label=mark.label, kind=mark.kind) for mark in level]

    @cached_property
    def drawn(self) -> list[Drawn]:
        """The series as paths and dots."""
        return [self._draw(series) for series in self.series]

    def _draw(self, series: Series) -> Drawn:
        points = series.points
        upper = [(point.x, point.high) for point in points if point.high is not None]
        lower = [(point.x, point.low) for point in points if point.low is not None]
        return Drawn(
            name=series.name,
            style=series.style,
            line=self._path((point.x, point.y) for point in points) if series.joined else "",
            band=self._path([*upper, *reversed(lower)]) + "Z" if upper else "",
            dots=() if upper else tuple(self._dot(series, point) for point in points),
        )

    def _path(self, places: Iterable[tuple[float, float]]) -> str:
        steps = (f"{self.place_x(x)} {self.place_y(y)}" for x, y in places)
        return "M" + "L".join(steps)

    def _dot(self, series: Series, point: Point) -> Dot:
        label = f"{series.name}: {self.y.label(point.y)} at {self.x.label(point.x)}"
        return Dot(x=self.place_x(point.x), y=self.place_y(point.y), label=label)

    @property
    def has_bands(self) -> bool:
        """Whether points carry an interval."""
        return any(point.low is not None for series in self.series for point in series.points)

    @property
    def table(self) -> list[TableRow]:
        """The same values as text."""
        return [self._table_row(series, point) for series in self.series for point in series.points]

    def _table_row(self, series: Series, point: Point) -> TableRow:
        band = ""
        if point.low is not None and point.high is not None:
            band = f"{point.low:,.2f} to {point.high:,.2f}"
        return TableRow(
            name=series.name,
            x=self.x.label(point.x),
            y=f"{point.y:,.2f}",
            band=band,
            note=point.note,
        )

    @property
    def for_browser(self) -> str:
        """What the interactive chart needs, as JSON in an attribute: htmx drops script elements, data or not."""
        return json.dumps(
            {
                "x": _axis_json(self.x),
                "y": _axis_json(self.y),
                "currency": self.currency,
                "series": [asdict(series) for series in self.series],
                "marks": [asdict(mark) for mark in self.marks],
            }
        )


def _axis_json(axis: Axis) -> dict[str, Any]:
    return {
        "title": axis.title,
        "low": axis.low,
        "high": axis.high,
        "ticks": list(axis.ticks),
        "unit": axis.unit,
        "log": axis.log,
    }


def style_of(position: int) -> int:
    """A stack's colour by its place among all, from 1: the same on every page, whichever others stand beside it."""
    return (position - 1) % SERIES_STYLES


def decades(values: Sequence[float]) -> tuple[float, ...]:
    """The powers of ten that enclose all values, at least two."""
    first = math.floor(math.log10(min(values)))
    last = max(first + 1, math.ceil(math.log10(max(values))))
    return tuple(10.0**power for power in range(first, last + 1))


def snug_ticks(values: Sequence[float]) -> tuple[float, ...]:
    """Ticks of a logarithmic axis at 1, 2 and 5 times powers of ten that leave a little room around all values."""
    low, high = min(values) / 1.1, max(values) * 1.1
    rungs = sorted(step * power for power in decades([low, high]) for step in (0.5, 1.0, 2.0, 5.0))
    below = max((rung for rung in rungs if rung <= low), default=rungs[0])
    above = min((rung for rung in rungs if rung >= high), default=rungs[-1])
    kept = [rung for rung in dict.fromkeys(rungs) if below <= rung <= above]
    return tuple(kept) if len(kept) <= MOST_TICKS else _sparse(kept)


def _sparse(rungs: Sequence[float]) -> tuple[float, ...]:
    """Both ends and the powers of ten between them."""
    inner = [rung for rung in rungs[1:-1] if math.log10(rung).is_integer()]
    return (rungs[0], *inner, rungs[-1])


def round_ticks(high: float, count: int = 6) -> tuple[float, ...]:
    """Ticks of a linear axis from 0 on, at steps of 1, 2 or 5 times a power of ten, past `high`."""
    rough = high / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return tuple(number * step for number in range(math.ceil(high / step) + 1))
