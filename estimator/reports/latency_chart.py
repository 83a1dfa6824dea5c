"""Measured p99 against the offered rate, with the objective."""

from collections.abc import Sequence

from estimator.domain.measurement import Window
from estimator.domain.workload import StepKind
from estimator.queries.measurements import MeasuredStack
from estimator.reports.chart import SERIES_STYLES, Axis, Chart, Mark, Point, Series, round_ticks, snug_ticks

_OPEN = (StepKind.OPEN_LOOP, StepKind.HALF_CAPACITY)


def latency_chart(measured: Sequence[MeasuredStack], *, objective_ms: float) -> Chart | None:
    """One point for each open-loop window that is not void; None when there is none."""
    series = [_series(one, style) for style, one in enumerate(measured)]
    points = [point for one in series for point in one.points]
    if not points:
        return None
    x_ticks = round_ticks(max(point.x for point in points))
    y_ticks = snug_ticks([objective_ms, *(point.y for point in points)])
    return Chart(
        name="latency",
        title="Latency against rate",
        summary="p99 of each window on the benchmark host, counted from the moment a request was due.",
        x=Axis(
            title="offered requests per second",
            low=x_ticks[0],
            high=x_ticks[-1],
            ticks=x_ticks,
            label=lambda value: f"{value:,.0f}",
            unit="rate",
            log=False,
        ),
        y=Axis(title="p99 in ms", low=y_ticks[0], high=y_ticks[-1], ticks=y_ticks, label=_ms, unit="ms"),
        series=tuple(one for one in series if one.points),
        marks=(Mark(axis="y", at=objective_ms, label=f"objective: {objective_ms:g} ms", kind="limit"),),
    )


def _series(one: MeasuredStack, style: int) -> Series:
    windows = [window for window in one.windows if window.kind in _OPEN and not window.void]
    points = sorted((point for window in windows if (point := _point(window))), key=lambda point: point.x)
    blocks = {window.block for window in windows}
    return Series(
        name=one.stack.title,
        style=style % SERIES_STYLES,
        points=tuple(points),
        joined=len(blocks) == 1,  # rates differ from block to block: a line through all would zigzag
    )


def _point(window: Window) -> Point | None:
    p99_ms = window.latency.percentile_ms(99)
    if p99_ms is None or window.offered_rate is None:
        return None
    return Point(x=window.offered_rate, y=p99_ms, note=f"utilisation {window.utilisation:.2f}")


def _ms(value: float) -> str:
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
