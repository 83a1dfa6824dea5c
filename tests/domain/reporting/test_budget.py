"""Until which month a budget lasts: never exceeded, exceeded in some month, already exceeded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.pricing import CurrencyMismatch, Money, MoneyQuantiles
from estimator.domain.cost.traffic import TrafficError, TrafficTarget
from estimator.domain.reporting.budget import BudgetAnswer, budget_answer
from estimator.domain.statistics import Quantiles


def usd(amount: int | str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def rising(first: int, step: int, months: int = 12) -> list[MoneyQuantiles]:
    """P50 rises by a step each month; P90 is one step ahead."""
    bills = [first + step * month for month in range(months)]
    return [Quantiles(p10=usd(first), p50=usd(bill), p90=usd(bill + step)) for bill in bills]


def test_a_budget_that_lasts_says_so() -> None:
    found = budget_answer(usd(1000), rising(100, 10))

    assert (found.p50_month, found.p90_month) == (None, None)
    assert found.sentence == "A budget of USD 1,000.00 a month is not exceeded within 12 months, by P50 and by P90."


def test_the_cautious_month_comes_before_the_usual_one() -> None:
    found = budget_answer(usd(145), rising(100, 10))

    assert (found.p50_month, found.p90_month) == (6, 5)
    assert found.sentence == (
        "A budget of USD 145.00 a month is first exceeded in month 6 by P50, first exceeded in month 5 by P90."
    )


def test_a_bill_equal_to_the_budget_fits() -> None:
    assert budget_answer(usd(100), rising(100, 10)).p50_month == 2


def test_a_budget_below_the_first_bill_is_exceeded_already() -> None:
    found = budget_answer(usd("99.99"), rising(100, 0))

    assert found.sentence == "A budget of USD 99.99 a month is already exceeded, by P50 and by P90."


def test_a_budget_in_another_currency_is_no_answer() -> None:
    with pytest.raises(CurrencyMismatch):
        budget_answer(Money(amount=Decimal(100), currency="EUR"), rising(100, 10))


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 30))
def test_a_larger_budget_never_ends_sooner(one: int, other: int, step: int) -> None:
    bills = rising(100, step)

    def month(found: BudgetAnswer) -> int:
        return found.p50_month or 13

    less, more = (budget_answer(usd(amount), bills) for amount in (min(one, other), max(one, other)))
    assert month(less) <= month(more)


@pytest.mark.parametrize(
    ("budget", "status", "told"),
    [
        (1000, "within", "Within: P50 uses 62.5 % of the budget, P90 70 %; thresholds crossed: 50 % by P50."),
        (
            700,
            "within",
            "Within: P50 uses 89.3 % of the budget, P90 100 %; thresholds crossed: 50 % by P50, 80 % by P50.",
        ),
        (
            650,
            "at risk",
            "At risk: P50 uses 96.2 % of the budget, P90 107.7 %; "
            "thresholds crossed: 50 % by P50, 80 % by P50, 100 % by P90.",
        ),
        (2000, "within", "Within: P50 uses 31.2 % of the budget, P90 35 %; no threshold crossed."),
        (100, "over", "Over: P50 uses 625 % of the budget, P90 700 %; "),
    ],
)
def test_status_and_thresholds_say_what_is_used_and_by_which_quantile(budget: int, status: str, told: str) -> None:
    found = budget_answer(usd(budget), rising(625, 75))

    assert found.status == status
    assert found.use_sentence.startswith(told)


def test_each_threshold_knows_the_first_month_that_crosses_it() -> None:
    found = budget_answer(usd(200), rising(100, 10), thresholds=(50, 75, 100))

    assert [(one.percent, one.p50_month, one.p90_month) for one in found.thresholds] == [
        (50, 2, 1),
        (75, 7, 6),
        (100, 12, 11),
    ]
    assert found.thresholds[0].crossed_by == "p90"
    assert found.thresholds[2].p50_month == found.p50_month


@given(st.integers(1, 300), st.integers(0, 30), st.lists(st.integers(1, 1000), unique=True, max_size=5).map(sorted))
def test_a_higher_threshold_is_never_crossed_sooner(budget: int, step: int, thresholds: list[int]) -> None:
    found = budget_answer(usd(budget), rising(100, step), thresholds=thresholds).thresholds

    months = [(one.p50_month or 13, one.p90_month or 13) for one in found]
    assert months == sorted(months)
    assert all(p90 <= p50 for p50, p90 in months)


@pytest.mark.parametrize("thresholds", [(80, 50), (50, 50), (0, 100), (50, 1001)])
def test_thresholds_out_of_order_or_range_are_refused_by_name(thresholds: tuple[int, ...]) -> None:
    with pytest.raises(TrafficError, match=r"budget_thresholds: .* rising order; enter some as 50, 80, 100"):
        TrafficTarget(budget_thresholds=thresholds)
