"""What a projection says of one row beside its cost: odds of each count, bill by month, budget, sensitivity."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.loads import StackLoad
from estimator.domain.cost.pricing import Money, MoneyQuantiles
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.reporting.budget import BudgetAnswer, budget_answer
from estimator.domain.reporting.sensitivity import Sensitivity, sensitivity_of
from estimator.domain.statistics import Quantiles

MOST_ODDS = 20
Odds = tuple[tuple[int, float], ...]


@dataclass(frozen=True, kw_only=True)
class RowAnswers:
    """Answers about one row. `odds`: P(n <= k) by count k in month 1; `bills`: by month, from month 1."""

    row: CostRow
    odds: Odds
    bills: tuple[MoneyQuantiles, ...]
    sensitivity: Sensitivity
    budget: BudgetAnswer | None  # None where the target has no budget


def answers_of(row: CostRow, stack: StackLoad) -> RowAnswers:
    """All of them. `stack` holds the draws of the row's stack and target."""
    target = stack.target
    loads = stack.loads(row.fleet.carrying, row.fleet.packing)
    cost = row.price.monthly_cost
    bills = tuple(Quantiles(p10=cost(one.p10), p50=cost(one.p50), p90=cost(one.p90)) for one in row.fleet.year.months)
    budget = target.monthly_budget
    return RowAnswers(
        row=row,
        odds=_odds(row.fleet.rule.instances_of(loads * target.mean_rate)),
        bills=bills,
        sensitivity=sensitivity_of(row, stack),
        budget=None if budget is None else _budget(budget, target, bills),
    )


def _budget(amount: Decimal, target: TrafficTarget, bills: Sequence[MoneyQuantiles]) -> BudgetAnswer:
    budget = Money(amount=amount, currency=target.currency)
    return budget_answer(budget, bills, target.budget_thresholds)


def _odds(drawn: np.typing.NDArray[np.int64]) -> Odds:
    """P(n <= k) for each count k that was drawn; of many, 20 that are evenly spread."""
    counts, times = np.unique(drawn, return_counts=True)
    shares = np.cumsum(times) / drawn.size
    shown = np.unique(np.linspace(0, counts.size - 1, min(MOST_ODDS, counts.size)).round().astype(int))
    return tuple((int(counts[index]), float(shares[index])) for index in shown)
