"""How much of a monthly budget the bill uses, which thresholds it crosses, and until which month the budget lasts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from estimator.domain.cost.pricing import Money, MoneyQuantiles
from estimator.domain.cost.traffic import BUDGET_THRESHOLDS

_TENTH = Decimal("0.1")


class BudgetStatus(StrEnum):
    """Of a month, in words."""

    WITHIN = "within"  # even P90 fits
    AT_RISK = "at risk"  # P90 does not
    OVER = "over"  # not even P50 fits


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """A share of the budget, and the first month (1 is now) whose bill exceeds it; None: none of those projected."""

    percent: int
    limit: Money
    p50_month: int | None
    p90_month: int | None

    @property
    def crossed_by(self) -> str | None:
        """What exceeds it now: `p50` (and so P90 too), only `p90`, or nothing."""
        if self.p50_month == 1:
            return "p50"
        return "p90" if self.p90_month == 1 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetAnswer:
    """The first month (1 is now) whose bill exceeds the budget, by its P50 and by its P90; None: none of `months`."""

    budget: Money
    months: int
    p50_month: int | None
    p90_month: int | None
    first_bill: MoneyQuantiles
    thresholds: tuple[Threshold, ...] = ()

    @property
    def status(self) -> BudgetStatus:
        """Of month 1."""
        return status_of(self.budget, self.first_bill)

    @property
    def used_p50(self) -> Decimal:
        """Share of the budget that the P50 bill of month 1 takes."""
        return self.first_bill.p50.amount / self.budget.amount

    @property
    def used_p90(self) -> Decimal:
        """The same of P90."""
        return self.first_bill.p90.amount / self.budget.amount

    @property
    def sentence(self) -> str:
        """Until when it lasts, in words."""
        usual, cautious = self._told(self.p50_month), self._told(self.p90_month)
        if usual == cautious:
            return f"A budget of {self.budget} a month is {usual}, by P50 and by P90."
        return f"A budget of {self.budget} a month is {usual} by P50, {cautious} by P90."

    @property
    def use_sentence(self) -> str:
        """What of it is used now, and which thresholds are crossed."""
        crossed = [f"{one.percent} % by {one.crossed_by.upper()}" for one in self.thresholds if one.crossed_by]
        told = f"thresholds crossed: {', '.join(crossed)}" if crossed else "no threshold crossed"
        used = f"P50 uses {percent(self.used_p50)} of the budget, P90 {percent(self.used_p90)}"
        return f"{self.status.capitalize()}: {used}; {told}."

    def _told(self, month: int | None) -> str:
        if month is None:
            return f"not exceeded within {self.months} months"
        return "already exceeded" if month == 1 else f"first exceeded in month {month}"


def budget_answer(
    budget: Money, bills: Sequence[MoneyQuantiles], thresholds: Sequence[int] = BUDGET_THRESHOLDS
) -> BudgetAnswer:
    """Compare a budget, and shares of it in percent, with the bills of month 1, 2, ... Raises CurrencyMismatch."""
    p50_month, p90_month = _months(budget, bills)
    return BudgetAnswer(
        budget=budget,
        months=len(bills),
        p50_month=p50_month,
        p90_month=p90_month,
        first_bill=bills[0],
        thresholds=tuple(_thresholds(budget, bills, thresholds)),
    )


def status_of(budget: Money, bill: MoneyQuantiles) -> BudgetStatus:
    """A bill that equals the budget fits. Raises CurrencyMismatch."""
    if budget < bill.p50:
        return BudgetStatus.OVER
    return BudgetStatus.AT_RISK if budget < bill.p90 else BudgetStatus.WITHIN


def percent(share: Decimal) -> str:
    """`62.5 %`, `81 %`."""
    rounded = (share * 100).quantize(_TENTH, rounding=ROUND_HALF_EVEN)
    return f"{rounded:,f}".removesuffix(".0") + " %"


def _thresholds(budget: Money, bills: Sequence[MoneyQuantiles], percents: Sequence[int]) -> Iterator[Threshold]:
    for share in percents:
        limit = budget * (Decimal(share) / 100)
        p50_month, p90_month = _months(limit, bills)
        yield Threshold(percent=share, limit=limit, p50_month=p50_month, p90_month=p90_month)


def _months(limit: Money, bills: Sequence[MoneyQuantiles]) -> tuple[int | None, int | None]:
    return _first_over(limit, [bill.p50 for bill in bills]), _first_over(limit, [bill.p90 for bill in bills])


def _first_over(limit: Money, bills: Sequence[Money]) -> int | None:
    return next((month for month, bill in enumerate(bills, start=1) if limit < bill), None)
