"""Until which month a monthly budget lasts."""

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.domain.cost.pricing import Money, MoneyQuantiles


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetAnswer:
    """The first month (1 is now) whose bill exceeds the budget, by its P50 and by its P90; None: none of `months`."""

    budget: Money
    months: int
    p50_month: int | None
    p90_month: int | None

    @property
    def sentence(self) -> str:
        """The answer in words."""
        usual, cautious = self._told(self.p50_month), self._told(self.p90_month)
        if usual == cautious:
            return f"A budget of {self.budget} a month is {usual}, by P50 and by P90."
        return f"A budget of {self.budget} a month is {usual} by P50, {cautious} by P90."

    def _told(self, month: int | None) -> str:
        if month is None:
            return f"not exceeded within {self.months} months"
        return "already exceeded" if month == 1 else f"first exceeded in month {month}"


def budget_answer(budget: Money, bills: Sequence[MoneyQuantiles]) -> BudgetAnswer:
    """Compare a budget with the bills of month 1, 2, ... Raises CurrencyMismatch."""
    return BudgetAnswer(
        budget=budget,
        months=len(bills),
        p50_month=_first_over(budget, [bill.p50 for bill in bills]),
        p90_month=_first_over(budget, [bill.p90 for bill in bills]),
    )


def _first_over(budget: Money, bills: Sequence[Money]) -> int | None:
    return next((month for month, bill in enumerate(bills, start=1) if budget < bill), None)
