"""An estimate's frozen content taken apart: one line for each stack, machine and month, with exact amounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from estimator.domain.cost.pricing import HOURS_PER_MONTH, Money
from estimator.domain.reporting.budget import status_of
from estimator.domain.statistics import Quantiles
from estimator.models import Estimate
from estimator.services.estimates import frozen_content

Content = Mapping[str, Any]
QUANTILES = ("p10", "p50", "p90")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One month of a stack on a machine; without `month`, a stack that was refused a cost."""

    estimate: Estimate
    content: Content
    row: Content
    month: Content | None
    year_costs: Mapping[str, Decimal | None] = field(default_factory=dict)  # by quantile, once for all twelve months

    @property
    def number(self) -> int:
        """1 to 12; a refused stack stands in the first month."""
        return int(self.month["month"]) if self.month else 1

    @property
    def starts_at(self) -> datetime:
        """The calendar month it stands for: month 1 is the one after the freezing. UTC."""
        frozen_at = self.estimate.created_at.astimezone(UTC)
        return _months_later(frozen_at, self.number)

    @property
    def ends_at(self) -> datetime:
        """The first moment of the next month."""
        return _months_later(self.starts_at, 1)

    @property
    def hourly_price(self) -> Decimal | None:
        """Of one instance, in the row's currency."""
        return Decimal(self.row["hourly_price"]) if self.month else None

    @property
    def upfront_share(self) -> Decimal | None:
        """What one instance adds to a month beside its hours; None before it was frozen, and where nothing costs."""
        text = self.row.get("upfront_per_instance_month")
        return None if text is None else Decimal(text)

    @property
    def budget(self) -> Money | None:
        """The target's, for a month; None where it has none."""
        text, currency = self.content["traffic"].get("monthly_budget"), self.content["traffic"]["currency"]
        return None if text is None else Money(amount=Decimal(text), currency=currency)

    @property
    def budget_status(self) -> str | None:
        """Of this month: within, at risk or over."""
        costs = [self.cost(part) for part in QUANTILES]
        if self.budget is None or None in costs:
            return None
        low, middle, high = (Money(amount=cost or Decimal(0), currency=self.row["currency"]) for cost in costs)
        return str(status_of(self.budget, Quantiles(p10=low, p50=middle, p90=high)))

    @property
    def listed(self) -> Content:
        """What the source lists and the exchange rate, where the price was converted; else empty."""
        listed: Content = self.row.get("listed", {})
        return listed

    def instances(self, part: str = "p50") -> int | None:
        """P10, P50 or P90 of the fleet in this month."""
        return int(self.month["instances"][part]) if self.month else None

    def cost(self, part: str) -> Decimal | None:
        """Of this month; exact where the estimate froze its months, else as it was rounded then."""
        instances, share, hourly = self.instances(part), self.upfront_share, self.hourly_price
        if instances is None or hourly is None:
            return None
        if share is None:
            return Decimal(self.row["monthly_cost"][part])
        return instances * (HOURS_PER_MONTH * hourly + share)

    def requests_per_day(self) -> Decimal:
        """The traffic of this month."""
        return Decimal((self.month or {}).get("requests_per_day") or self.content["traffic"]["requests_per_day"])


def estimate_lines(estimate: Estimate) -> Iterator[Line]:
    """All lines of an estimate; twelve in a row make a year. Raises Tampered."""
    content = frozen_content(estimate)
    for row in content["rows"]:
        years = _year_costs(estimate, content, row)
        for month in months_of(row):
            yield Line(estimate=estimate, content=content, row=row, month=month, year_costs=years)
    for refused in content["refused"]:
        yield Line(estimate=estimate, content=content, row=refused, month=None)


def months_of(row: Content) -> list[Content]:
    """The frozen months; an estimate older than they are knows its first month only."""
    known: list[Content] | None = row.get("months")
    return known or [{"month": 1, "instances": row["instances_range"]}]


def _year_costs(estimate: Estimate, content: Content, row: Content) -> Mapping[str, Decimal | None]:
    """The sum of the row's months, exactly; as it was frozen where draws differ in growth or months are not known."""
    growth = content["traffic"]["growth_per_month"]
    months = months_of(row)
    frozen = {part: Decimal(row["year_cost"][part]) for part in QUANTILES}
    if len(months) == 1:
        return frozen
    lines = [Line(estimate=estimate, content=content, row=row, month=month) for month in months]
    summed = QUANTILES if growth["low"] == growth["high"] else ("p50",)
    return {**frozen, **{part: sum((line.cost(part) or Decimal(0) for line in lines), Decimal(0)) for part in summed}}


def _months_later(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    return datetime(moment.year + years, month + 1, 1, tzinfo=UTC)
