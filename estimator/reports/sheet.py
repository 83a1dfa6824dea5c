"""What a report shows, put in order from the same JSON that the API serves and an estimate freezes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from estimator.domain.reporting.sweep import TABLE
from estimator.reports.alternatives import AlternativeSheet, alternative_sheet
from estimator.reports.answers import AnswerSheet, answer_sheet
from estimator.reports.chart import Chart, style_of
from estimator.reports.comparisons import ComparisonRow, comparison_rows
from estimator.reports.cost_chart import cost_chart
from estimator.reports.hourly import HourlyRows, hourly_rows
from estimator.services.stacks import WORKLOAD_TITLES

Row = Mapping[str, Any]
_TERMS = {
    "on_demand": "on demand",
    "reserved_1y": "1-year commitment",
    "reserved_3y": "3-year commitment",
    "spot": "spot",
}
_MACHINE = ("hardware", "region", "hourly_price", "currency", "priced_as_of", "price_source")
_HEADLINES = {
    "same cost": "The framework does not change the bill.",
    "too close to call": "Too close to call.",
    "no stack": "No stack can be costed.",
    "not ranked": "Priced again, not ranked.",
}


@dataclass(frozen=True, kw_only=True)
class StackCosts:
    """One stack on every machine shown, cheapest first."""

    slug: str
    title: str
    style: int
    run: str
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

    @property
    def cheapest(self) -> Row:
        """The row with the lowest P50."""
        return self.rows[0]


@dataclass(frozen=True, kw_only=True)
class DecadeRow:
    """One stack's cheapest fleet at each traffic of the table."""

    title: str
    fleets: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A projection in the order in which it is read."""

    data: Mapping[str, Any]
    headline: str
    term: str
    lead: Row | None  # the cheapest row of all: its cost stands beside the headline
    stacks: tuple[StackCosts, ...]
    decades: tuple[Decimal, ...]
    decade_rows: tuple[DecadeRow, ...]
    cost_chart: Chart | None
    hourly: tuple[HourlyRows, ...]
    comparisons: tuple[ComparisonRow, ...]
    answers: AnswerSheet | None
    assumptions: tuple[str, ...]
    alternatives: AlternativeSheet | None
    workload: str  # its title
    oldest_price: str
    newest_price: str

    @property
    def shared_warnings(self) -> tuple[str, ...]:
        """What holds for every stack's cheapest fleet, told once; nothing where there is but one stack."""
        warned = [stack.cheapest["warnings"] for stack in self.stacks]
        if len(warned) < 2:
            return ()
        return tuple(text for text in warned[0] if all(text in others for others in warned))

    @property
    def shared_machine(self) -> Row | None:
        """The machine at its price, where every stack is cheapest on the same one."""
        rows = [stack.cheapest for stack in self.stacks]
        machines = {tuple(row[name] for name in _MACHINE) for row in rows}
        return rows[0] if len(rows) > 1 and len(machines) == 1 else None

    @property
    def told_apart(self) -> int:
        """How many pairs of stacks are not too close to call."""
        return sum(row.decided for row in self.comparisons)


def sheet_of(data: Mapping[str, Any]) -> Sheet:
    """Put a projection's JSON in order. Nothing is computed that the JSON does not hold."""
    slugs = dict.fromkeys(row["stack"] for row in data["rows"])
    styles = _styles(data["capacities"])
    stacks = tuple(_stack_costs(slug, styles.get(slug, 0), data["rows"]) for slug in slugs)
    dates = sorted(row["priced_as_of"] for row in data["rows"])
    cheapest = sorted((stack.cheapest for stack in stacks), key=_p50)
    titles = {stack.slug: stack.title for stack in stacks}
    return Sheet(
        data=data,
        headline=_headline(data["verdict"], titles),
        term=_TERMS.get(data["term"], data["term"]),
        lead=cheapest[0] if cheapest else None,
        stacks=stacks,
        decades=TABLE,
        decade_rows=tuple(_decade_row(title, slug, data["sweep"]) for slug, title in titles.items()),
        cost_chart=cost_chart(data, titles, styles),
        hourly=hourly_rows(data, styles),
        comparisons=comparison_rows(data),
        answers=answer_sheet(data, titles),
        assumptions=_unique(text for row in data["rows"] for text in row["assumptions"]),
        alternatives=alternative_sheet(data, [stack.cheapest for stack in stacks], styles),
        workload=WORKLOAD_TITLES.get(data.get("workload", ""), data.get("workload", "")),
        oldest_price=dates[0] if dates else "",
        newest_price=dates[-1] if dates else "",
    )


def _headline(verdict: Row, titles: Mapping[str, str]) -> str:
    """The verdict in a few words; its whole sentence stands below."""
    title = titles.get(verdict["cheapest"] or "", "")
    if verdict["outcome"] == "cheapest":
        return f"{title} is cheapest."
    if verdict["outcome"] == "one stack":
        return f"{title} is the only stack with a cost."
    return _HEADLINES.get(verdict["outcome"], str(verdict["outcome"]))


def _styles(capacities: Sequence[Row]) -> dict[str, int]:
    """Each stack's colour. Estimates that were frozen before stacks had a place in them go by their order."""
    places = {one["stack"]: one.get("position", place) for place, one in enumerate(capacities, 1)}
    return {slug: style_of(place) for slug, place in places.items()}


def _stack_costs(slug: str, style: int, rows: Sequence[Row]) -> StackCosts:
    own = sorted((row for row in rows if row["stack"] == slug), key=_p50)
    return StackCosts(
        slug=slug,
        title=own[0]["title"],
        style=style,
        run=own[0]["run"],
        rows=tuple(own),
        warnings=_unique(text for row in own for text in row["warnings"]),
    )


def _p50(row: Row) -> Decimal:
    return Decimal(row["monthly_cost"]["p50"])


def _decade_row(title: str, slug: str, sweep: Sequence[Row]) -> DecadeRow:
    own = {Decimal(fleet["requests_per_day"]): fleet for fleet in sweep if fleet["stack"] == slug}
    return DecadeRow(title=title, fleets=tuple(own[traffic] for traffic in TABLE if traffic in own))


def _unique(texts: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
