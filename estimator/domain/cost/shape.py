"""The shape of a week: how traffic spreads over its 168 hours, Monday 00:00 UTC first."""

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HOURS_PER_WEEK = 168
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OF_THE_WEEK = "one for each hour of the week from Monday 00:00 UTC on"


class ShapeError(ValueError):
    """A profile that cannot be read or makes no sense; the message names the row and the remedy."""


@dataclass(frozen=True, kw_only=True)
class TrafficShape:
    """168 factors of the mean rate. `assumed`: constructed, not measured. Raises ShapeError."""

    name: str
    factors: tuple[float, ...]  # of the mean rate; their own mean is 1
    source: str = ""
    assumed: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no week."""
        if len(self.factors) != HOURS_PER_WEEK:
            raise ShapeError(f"a shape has {len(self.factors)} hours; give {HOURS_PER_WEEK}, {_OF_THE_WEEK}.")
        for hour, factor in enumerate(self.factors):
            if not (math.isfinite(factor) and factor >= 0):
                raise ShapeError(f"{hour_name(hour)} has the factor {factor:g}; give finite ones from 0 on.")
        if not math.isclose(math.fsum(self.factors), HOURS_PER_WEEK, rel_tol=1e-6):
            raise ShapeError("the factors of a shape have a mean of 1; divide each by their mean.")

    @classmethod
    def of(cls, requests: Sequence[float], *, name: str, source: str = "", assumed: bool = False) -> "TrafficShape":
        """From requests in each hour, in any unit. Raises ShapeError."""
        total = math.fsum(requests)
        if not (math.isfinite(total) and total > 0):
            raise ShapeError("no hour has a request; give the requests of each hour, at least one above 0.")
        factors = tuple(value * HOURS_PER_WEEK / total for value in requests)
        return cls(name=name, factors=factors, source=source, assumed=assumed)

    @property
    def peak(self) -> float:
        """The busiest hour over the mean."""
        return max(1.0, *self.factors)  # a flat week may miss 1 by its last binary place

    @property
    def busiest_hour(self) -> int:
        """From 0 (Monday 00:00 UTC) to 167."""
        return self.factors.index(max(self.factors))

    def shares_ahead(self, hours: int) -> tuple[float, ...]:
        """In each hour, the most of it and the `hours` after it as a share of the busiest: what must stand by then."""
        busiest = max(self.factors)
        week = self.factors * (2 + hours // HOURS_PER_WEEK)
        return tuple(max(week[hour : hour + hours + 1]) / busiest for hour in range(HOURS_PER_WEEK))


def hour_name(hour: int) -> str:
    """`Tuesday 20:00 UTC`, for 0 to 167."""
    return f"{_DAYS[hour // 24]} {hour % 24:02d}:00 UTC"


def parse_requests(lines: Iterable[str]) -> tuple[float, ...]:
    """Requests in each of 168 hours from CSV: one column, or `hour,requests` with hours 0 to 167 in any order.

    A heading may stand above; commas, semicolons or tabs between. Raises ShapeError naming row and remedy.
    """
    rows = [(number, cells) for number, cells in enumerate(_cells(lines), start=1) if any(cells)]
    if rows and not _is_number(rows[0][1][-1]):
        rows = rows[1:]  # the heading
    values: dict[int, float] = {}
    for place, (number, cells) in enumerate(rows):
        hour, value = _figures(cells, place=place, row=f"row {number}")
        if hour in values:
            raise ShapeError(f"row {number}: hour {hour} is there already; give each hour from 0 to 167 once.")
        values[hour] = value
    if len(values) != HOURS_PER_WEEK:
        raise ShapeError(f"the file has {len(values)} rows of figures; give {HOURS_PER_WEEK}, {_OF_THE_WEEK}.")
    return tuple(values[hour] for hour in range(HOURS_PER_WEEK))


def _cells(lines: Iterable[str]) -> Iterable[list[str]]:
    text = [line.lstrip("\ufeff").rstrip("\r\n") for line in lines]
    divider = next((mark for mark in ("\t", ";", ",") if any(mark in line for line in text)), ",")
    return [[cell.strip() for cell in cells] for cells in csv.reader(text, delimiter=divider)]


def _figures(cells: Sequence[str], *, place: int, row: str) -> tuple[int, float]:
    if len(cells) > 2:
        raise ShapeError(
            f"{row} has {len(cells)} cells; give one (requests) or two (hour, requests), no separators in them."
        )
    hour = cells[0] if len(cells) == 2 else str(place)
    if not (hour.isascii() and hour.isdigit() and int(hour) < HOURS_PER_WEEK):
        why = f"{hour!r} is no hour of the week" if len(cells) == 2 else f"a week has {HOURS_PER_WEEK} hours"
        raise ShapeError(f"{row}: {why}; count them from 0 (Monday 00:00 UTC) to 167.")
    if not _is_number(cells[-1]) or float(cells[-1]) < 0:
        raise ShapeError(f"{row}: {cells[-1]!r} is no count of requests; write a number from 0 on, such as 1234.5.")
    return int(hour), float(cells[-1])


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False
