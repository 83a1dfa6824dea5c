"""Monthly cost against traffic, from 100k to 1B requests a day."""

from collections.abc import Mapping, Sequence
from typing import Any

from estimator.reports.chart import Axis, Chart, Mark, Point, Series, decades, snug_ticks

_LETTERS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))


def cost_chart(data: Mapping[str, Any], titles: Mapping[str, str], styles: Mapping[str, int]) -> Chart | None:
    """The sweep of a projection's JSON with bands, the target and the first difference; None without a sweep.

    `titles` and `styles` by stack slug."""
    sweep = data["sweep"]
    if not sweep:
        return None
    currency = sweep[0]["currency"]
    y_ticks = snug_ticks([float(fleet["monthly_cost"][name]) for fleet in sweep for name in ("p10", "p50", "p90")])
    traffic = sorted({float(fleet["requests_per_day"]) for fleet in sweep})
    x_ticks = decades(traffic)
    return Chart(
        name="cost",
        title="Cost against traffic",
        summary="Compute cost per month of each stack's cheapest fleet; the band holds 80 % of the draws.",
        x=Axis(title="requests per day", low=x_ticks[0], high=x_ticks[-1], ticks=x_ticks, label=short, unit="traffic"),
        y=Axis(
            title=f"{currency} per month", low=y_ticks[0], high=y_ticks[-1], ticks=y_ticks, label=short, unit="money"
        ),
        series=tuple(_series(sweep, slug, title, styles.get(slug, 0)) for slug, title in titles.items()),
        marks=_marks(data, x_ticks),
        currency=currency,
    )


def _series(sweep: Sequence[Mapping[str, Any]], slug: str, title: str, style: int) -> Series:
    fleets = [fleet for fleet in sweep if fleet["stack"] == slug]
    return Series(name=title, style=style, points=tuple(_point(fleet) for fleet in fleets))


def _point(fleet: Mapping[str, Any]) -> Point:
    cost = fleet["monthly_cost"]
    return Point(
        x=float(fleet["requests_per_day"]),
        y=float(cost["p50"]),
        low=float(cost["p10"]),
        high=float(cost["p90"]),
        note=f"{fleet['instances']:,} x {fleet['hardware']}",
    )


def _marks(data: Mapping[str, Any], ticks: Sequence[float]) -> tuple[Mark, ...]:
    target = float(data["traffic"]["requests_per_day"])
    marks = [Mark(axis="x", at=target, label=f"this target: {short(target)} a day")]
    first = data["verdict"]["indifference_requests_per_day"]
    if first is not None and float(first) > 0:
        label = f"costs first differ: {short(float(first))} a day"
        marks.append(Mark(axis="x", at=float(first), label=label, kind="difference"))
    return tuple(mark for mark in marks if ticks[0] <= mark.at <= ticks[-1])


def short(value: float) -> str:
    """Three digits with k, M or B."""
    for scale, letter in _LETTERS:
        if value >= scale * 0.9995:
            return f"{float(f'{value / scale:.3g}'):g}{letter}"
    return f"{value:.3g}"
