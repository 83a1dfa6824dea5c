"""Fleets by the hour as a report shows them: a table of policies, and the week as a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from estimator.domain.cost.shape import HOURS_PER_WEEK

Row = Mapping[str, Any]
WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP = 12, 12, 16
BOTTOM_LINE = HEIGHT - 28
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_POLICIES = {"fixed": "Fixed at the peak", "autoscaled": "Autoscaled by the hour"}
_TERMS = {"reserved_1y": "1 year", "reserved_3y": "3 years", "on_demand": "on demand", "spot": "spot"}


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A line with its label at its place in the picture."""

    at: float
    label: str


@dataclass(frozen=True, kw_only=True)
class WeekChart:
    """Instances through a week: what the load is worth, what stands, and what a fixed fleet would hold."""

    load: Sequence[float]
    instances: Sequence[int]
    fixed: int
    base: int
    width: int = WIDTH
    height: int = HEIGHT

    @cached_property
    def _most(self) -> float:
        return max(self.fixed, *self.instances, *self.load) * 1.05

    def _x(self, hour: float) -> float:
        return round(LEFT + hour / HOURS_PER_WEEK * (WIDTH - LEFT - RIGHT), 1)

    def _y(self, count: float) -> float:
        return round(BOTTOM_LINE - count / self._most * (BOTTOM_LINE - TOP), 1)

    @property
    def load_area(self) -> str:
        """The instances' worth of load in each hour, filled down to zero."""
        return f"M{self._x(0)} {BOTTOM_LINE}L{self._steps(self.load)[1:]}V{BOTTOM_LINE}Z"

    @property
    def instances_line(self) -> str:
        """The autoscaled fleet as steps."""
        return self._steps(self.instances)

    def _steps(self, values: Sequence[float]) -> str:
        first = f"M{self._x(0)} {self._y(values[0])}"
        return first + "".join(f"V{self._y(value)}H{self._x(hour + 1)}" for hour, value in enumerate(values))

    @property
    def levels(self) -> list[Tick]:
        """The fixed fleet, and the committed base where there is one."""
        levels = [Tick(at=self._y(self.fixed), label=f"fixed: {self.fixed:,}")]
        if self.base and self.base != self.fixed:
            levels.append(Tick(at=self._y(self.base), label=f"committed base: {self.base:,}"))
        return levels

    @property
    def days(self) -> list[Tick]:
        """Midnights in UTC."""
        return [Tick(at=self._x(day * 24), label=name) for day, name in enumerate(_DAYS)]

    @property
    def left(self) -> int:
        """Where the picture begins."""
        return LEFT

    @property
    def right(self) -> int:
        """Where it ends."""
        return WIDTH - RIGHT

    @property
    def top(self) -> int:
        """Its upper end."""
        return TOP

    @property
    def bottom(self) -> int:
        """Where zero is."""
        return BOTTOM_LINE


@dataclass(frozen=True, kw_only=True)
class PolicyRow:
    """One policy of one stack."""

    title: str
    instances: str
    cost: Row  # as in the JSON
    asked: bool
    cheapest: bool


@dataclass(frozen=True, kw_only=True)
class HourlyRows:
    """One stack's policies and its week."""

    data: Row
    style: int
    rows: tuple[PolicyRow, ...]
    chart: WeekChart


def hourly_rows(data: Mapping[str, Any], styles: Mapping[str, int]) -> tuple[HourlyRows, ...]:
    """Each stack's fleet by the hour; none without a shape, or in an estimate older than shapes."""
    return tuple(_rows(fleet, styles.get(fleet["stack"], 0)) for fleet in data.get("fleets", ()))


def _rows(fleet: Row, style: int) -> HourlyRows:
    rows = tuple(_policy(cost, fleet) for cost in fleet["policies"])
    committed = [cost for cost in fleet["policies"] if cost["policy"] == "committed"]
    base = next((cost["base"] for cost in committed if cost["asked"] or cost["cheapest"]), 0)
    chart = WeekChart(
        load=fleet["load"],
        instances=fleet["instances"],
        fixed=fleet["fixed_instances"],
        base=base or (committed[0]["base"] if committed else 0),
    )
    return HourlyRows(data=fleet, style=style, rows=rows, chart=chart)


def _policy(cost: Row, fleet: Row) -> PolicyRow:
    fewest, most, fixed = min(fleet["instances"]), max(fleet["instances"]), fleet["fixed_instances"]
    changing = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
    if cost["policy"] == "committed":
        committed = cost["base_price"]["term"]
        title, instances = (
            f"Committed base, {_TERMS.get(committed, committed)}",
            f"{cost['base']:,} committed, up to {max(most, cost['base']):,}",
        )
    else:
        title = _POLICIES.get(cost["policy"]) or str(cost["policy"])
        instances = f"{fixed:,}" if cost["policy"] == "fixed" else changing
    return PolicyRow(title=title, instances=instances, cost=cost, asked=cost["asked"], cheapest=cost["cheapest"])
