"""How figures are written. Rounding happens here and nowhere else: a value is rounded once, at display."""

import math
from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from django import template

from estimator.domain.cost.pricing import MINOR_UNITS, shown_price

register = template.Library()

SERIES_STYLES = 7  # colours in the style sheet
_SCALES = ((10**9, "B"), (10**6, "M"), (10**3, "k"))
# Empty text stands for a figure too that is not there: estimates that were frozen before it was recorded lack it.
_MISSING = (None, "")
_ABSENT = "–"  # noqa: RUF001 - an en dash stands for a figure that is not there


@register.filter
def money(value: Decimal | str | None, currency: str) -> str:
    """An amount with its currency before it: USD 1,234.50."""
    return _ABSENT if value in _MISSING else f"{currency} {_rounded(value, MINOR_UNITS.get(currency, 2))}"


@register.filter
def amount(value: Decimal | str | None, currency: str) -> str:
    """An amount in the currency's minor unit, for columns that name the currency above."""
    return _ABSENT if value in _MISSING else _rounded(value, MINOR_UNITS.get(currency, 2))


@register.filter
def unit_price(value: str | None) -> str:
    """A price of one unit, in so many places as a person reads."""
    return _ABSENT if value is None else shown_price(Decimal(value))


@register.filter
def fine_amount(value: Decimal | str | None) -> str:
    """An amount with three places: a million requests may cost less than a cent."""
    return _ABSENT if value in _MISSING else _rounded(value, 3)


def _rounded(value: Decimal | str, places: int) -> str:
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN):,f}"


@register.filter
def times(factor: float | None) -> str:
    """A factor: 7.6x below a hundred, 762x above."""
    if factor is None:
        return _ABSENT
    return f"{factor:,.0f}×" if factor >= 100 else f"{factor:,.1f}×"  # noqa: RUF001 - a multiplication sign


@register.filter
def quantity(value: float | str | None) -> str:
    """A number of the arithmetic, in six significant digits; exact ones, given as text, as they are."""
    if value is None:
        return _ABSENT
    if isinstance(value, str):
        return f"{Decimal(value):,f}"
    return f"{value:,}" if isinstance(value, int) else f"{float(f'{value:.6g}'):,.10g}"


@register.filter
def traffic(requests: Decimal | float | str | None) -> str:
    """A count of requests as people say it: 100k, 10M, 1B, 304.2M."""
    if requests is None:
        return _ABSENT
    value = float(requests)
    for scale, letter in _SCALES:
        if value >= scale:
            return f"{_trimmed(value / scale, 1)}{letter}"
    return _trimmed(value, 1)


@register.filter
def rate(value: float | str | None) -> str:
    """Requests per second: three digits that mean something, thousands in groups."""
    if value is None or isinstance(value, str):
        return _ABSENT
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


@register.filter
def ms(value: float | str | None) -> str:
    """Milliseconds with one place, so that columns align."""
    return _ABSENT if value is None or isinstance(value, str) else f"{value:,.1f}"


@register.filter
def growth(value: float | str | None) -> str:
    """A slope with its sign and two places; what rounds to nothing has neither."""
    if value is None or isinstance(value, str):
        return _ABSENT
    return "0.00" if abs(value) < 0.005 else f"{value:+,.2f}"


@register.filter
def series(position: int) -> int:
    """The number of a stack's colour in the style sheet: its own on every page."""
    return (position - 1) % SERIES_STYLES


@register.filter
def bar_width(share: float | None) -> str:
    """A share as a width in a picture 100 wide."""
    return f"{min(1.0, max(0.0, share or 0.0)) * 100:.1f}"


@register.filter
def lowest(values: Sequence[float]) -> float | None:
    """The least of several figures."""
    return min(values, default=None)


@register.filter
def highest(values: Sequence[float]) -> float | None:
    """The greatest of several figures."""
    return max(values, default=None)


@register.filter
def percent(share: float | None, places: int = 0) -> str:
    """A share as a percentage, sign included."""
    return _ABSENT if share is None else f"{float(share) * 100:.{places}f} %"


@register.filter
def plain(value: float | Decimal | None, places: int = 2) -> str:
    """A number with at most so many places, and no trailing zeros."""
    return _ABSENT if value is None else _trimmed(float(value), places)


@register.filter
def grouped(value: float | str | None) -> str:
    """A count with its thousands in groups."""
    return _ABSENT if value is None or isinstance(value, str) else f"{value:,.0f}"


@register.filter
def spaced(name: str) -> str:
    """A snake_case name as words."""
    return name.replace("_", " ")


@register.filter
def duration(seconds: float | None) -> str:
    """A span of time: 45 s, 2 min 05 s, 1 h 12 min."""
    if seconds is None:
        return _ABSENT
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


@register.filter
def minutes(seconds: float | None) -> str:
    """A span of time that is only expected, in whole minutes: 2 min, 1 h 12 min."""
    if seconds is None:
        return _ABSENT
    whole = math.ceil(seconds / 60)
    return f"{whole} min" if whole < 60 else f"{whole // 60} h {whole % 60:02d} min"


@register.filter
def moment(value: datetime | None) -> str:
    """A point in time to the minute, in UTC and saying so."""
    return _ABSENT if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def _trimmed(value: float, places: int) -> str:
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
