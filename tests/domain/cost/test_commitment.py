"""The committed base: never beaten by any other, exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.commitment import best_base, cost_of_base
from estimator.domain.cost.pricing import CurrencyMismatch
from tests.domain.cases import price

fleets = st.dictionaries(st.integers(1, 40), st.integers(1, 50), min_size=1, max_size=12)
cents = st.integers(1, 200).map(lambda cents: str(Decimal(cents) / 1000))


@given(fleets, cents, cents)
def test_the_base_is_the_one_that_trying_all_finds(seen: dict[int, int], committed: str, by_the_hour: str) -> None:
    prices = price(committed, term="reserved_1y"), price(by_the_hour)

    found = best_base(seen, committed=prices[0], by_the_hour=prices[1])

    costs = {base: cost_of_base(base, seen, *prices) for base in range(max(seen) + 2)}
    assert costs[found] == min(costs.values())
    assert found == min(base for base, cost in costs.items() if cost == costs[found])


@given(fleets, cents, cents)
def test_it_never_costs_more_than_none_or_all(seen: dict[int, int], committed: str, by_the_hour: str) -> None:
    prices = price(committed, term="reserved_1y"), price(by_the_hour)

    cost = cost_of_base(best_base(seen, committed=prices[0], by_the_hour=prices[1]), seen, *prices)

    assert cost <= cost_of_base(0, seen, *prices)
    assert cost <= cost_of_base(max(seen), seen, *prices)


def test_an_upfront_payment_counts_over_its_term() -> None:
    dear = price("0.001", term="reserved_1y", upfront=Decimal(1200))  # 100 a month beside 0.73

    assert best_base({3: 10}, committed=dear, by_the_hour=price("0.05")) == 0
    assert best_base({3: 10}, committed=dear, by_the_hour=price("0.50")) == 3


def test_commitments_are_worth_it_where_instances_stand_long_enough() -> None:
    seen = {2: 60, 6: 40}  # four more instances, 40 % of the time

    bases = [
        best_base(seen, committed=price(cost, term="reserved_1y"), by_the_hour=price("0.1"))
        for cost in ("0.03", "0.05")
    ]

    assert bases == [6, 2]


def test_currencies_never_mix() -> None:
    with pytest.raises(CurrencyMismatch, match="EUR and USD"):
        best_base({1: 1}, committed=price(currency="EUR"), by_the_hour=price())
