"""How sure a report is and what moves its bill, put in order from the projection's JSON; the tornado as a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]
WIDTH, LABELS, ROW_HEIGHT, TOP, MARGIN = 760, 250, 26, 10, 30
_BAR_HEIGHT = 16


@dataclass(frozen=True, kw_only=True)
class Part:
    """One end of a bar: from the middle to where the bill is with the input at its P10 (low) or P90 (high)."""

    x: float
    width: float
    end: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One input at its place in the picture."""

    label: str
    y: float
    text_y: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Tornado:
    """The swings as bars around the bill with every input at its middle. Sizes in units of the picture's view box."""

    bars: tuple[Bar, ...]
    middle_x: float
    height: float
    least: Decimal
    most: Decimal
    width: int = WIDTH
    left: int = LABELS
    right: int = WIDTH - MARGIN
    bar_height: int = _BAR_HEIGHT

    @property
    def bottom(self) -> float:
        """Where the axis lies."""
        return self.height - MARGIN + 6


@dataclass(frozen=True, kw_only=True)
class ShareRow:
    """How often a stack is cheapest."""

    title: str
    alone: float
    tied: float


@dataclass(frozen=True, kw_only=True)
class AnswerSheet:
    """What stands in the section. `lead` holds the answers about the cheapest row of all."""

    lead: Json
    title: str
    tornado: Tornado
    shares: tuple[ShareRow, ...]
    same_bill: float | None
    grows: bool


def answer_sheet(data: Json, titles: Mapping[str, str]) -> AnswerSheet | None:
    """None without a cost, and for estimates that were frozen before these questions were answered."""
    answers = data.get("answers")
    if not answers:
        return None
    verdict, lead = data["verdict"], answers[0]
    return AnswerSheet(
        lead=lead,
        title=titles.get(lead["stack"], lead["stack"]),
        tornado=_tornado(lead["sensitivity"]),
        shares=tuple(
            ShareRow(title=titles.get(one["stack"], one["stack"]), alone=one["alone"], tied=one["tied"])
            for one in verdict["cheapest_shares"]
        ),
        same_bill=verdict["same_bill_probability"],
        grows=any(data["traffic"]["growth_per_month"].values()),
    )


def _tornado(sensitivity: Json) -> Tornado:
    swings: Sequence[Json] = sensitivity["swings"]
    middle = Decimal(sensitivity["monthly_cost"])
    ends = [Decimal(swing[name]) for swing in swings for name in ("monthly_cost_low", "monthly_cost_high")]
    least, most = min(middle, *ends), max(middle, *ends)
    scale = (WIDTH - MARGIN - LABELS) / float(most - least or 1)

    def place(cost: Decimal) -> float:
        return round(LABELS + float(cost - least) * scale, 1)

    return Tornado(
        bars=tuple(_bar(number, swing, place(middle), place) for number, swing in enumerate(swings)),
        middle_x=place(middle),
        height=TOP + ROW_HEIGHT * len(swings) + MARGIN,
        least=least,
        most=most,
    )


def _bar(number: int, swing: Json, middle_x: float, place: Any) -> Bar:
    top = TOP + ROW_HEIGHT * number
    ends = {"low": place(Decimal(swing["monthly_cost_low"])), "high": place(Decimal(swing["monthly_cost_high"]))}
    parts = [Part(x=min(at, middle_x), width=round(abs(at - middle_x), 1), end=end) for end, at in ends.items()]
    return Bar(label=swing["input"], y=top, text_y=top + _BAR_HEIGHT - 4, parts=tuple(parts))
