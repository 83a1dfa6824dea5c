"""How figures are written. Rounding happens here and nowhere else: a value is rounded once, at display."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from django import template

register = template.Library()

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
_SCALES = ((10**9, "B"), (10**6, "M"), (10**3, "k"))
_ABSENT = "–"  # noqa: RUF001 - an en dash stands for a figure that is not there


@register.filter
def money(value: Decimal | None, currency: str = "USD") -> str:
    """An amount with its currency: whole units from 100 on, cents below."""
    return _ABSENT if value is None else _amount(value, currency, places=0 if abs(value) >= 100 else 2)


@register.filter
def whole_money(value: Decimal | None, currency: str = "USD") -> str:
    """An amount in whole units: for columns, where figures stand below each other."""
    return _ABSENT if value is None else _amount(value, currency, places=0)


@register.filter
def fine_money(value: Decimal | None, currency: str = "USD") -> str:
    """A price per hour or per million requests: four places."""
    return _ABSENT if value is None else _amount(value, currency, places=4)


def _amount(value: Decimal, currency: str, places: int) -> str:
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    symbol = _SYMBOLS.get(currency)
    sign = "−" if rounded < 0 else ""  # noqa: RUF001 - the minus sign is as wide as a digit
    return f"{sign}{symbol}{abs(rounded):,}" if symbol else f"{sign}{abs(rounded):,} {currency}"


@register.filter
def traffic(requests: Decimal | float | None) -> str:
    """A count of requests as people say it: 100k, 10M, 1B, 304.2M."""
    if requests is None:
        return _ABSENT
    value = float(requests)
    for scale, letter in _SCALES:
        if value >= scale:
            return f"{_trimmed(value / scale, 1)}{letter}"
    return _trimmed(value, 1)


@register.filter
def rate(value: float | None) -> str:
    """Requests per second: three digits that mean something, thousands in groups."""
    if value is None:
        return _ABSENT
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


@register.filter
def ms(value: float | None) -> str:
    """Milliseconds with one place, so that columns align."""
    return _ABSENT if value is None else f"{value:,.1f}"


@register.filter
def percent(share: float | None, places: int = 0) -> str:
    """A share as a percentage, sign included."""
    return _ABSENT if share is None else f"{float(share) * 100:.{places}f} %"


@register.filter
def plain(value: float | Decimal | None, places: int = 2) -> str:
    """A number with at most so many places, and no trailing zeros."""
    return _ABSENT if value is None else _trimmed(float(value), places)


@register.filter
def grouped(value: float | None) -> str:
    """A count with its thousands in groups."""
    return _ABSENT if value is None else f"{value:,.0f}"


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
def moment(value: datetime | None) -> str:
    """A point in time to the minute, in UTC and saying so."""
    return _ABSENT if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def _trimmed(value: float, places: int) -> str:
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
