"""Money and prices: exact, in one currency, and never free by omission."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.pricing import CurrencyMismatch, Money, PriceNotListed, Term
from tests.domain.cases import price

amounts = st.decimals(min_value=0, max_value=10**9, places=6, allow_nan=False, allow_infinity=False)


def usd(amount: str | Decimal) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


@given(amounts, st.integers(min_value=0, max_value=10**6))
def test_parts_add_up_to_their_total_exactly(amount: Decimal, parts: int) -> None:
    parts = parts % 50 + 1
    total = usd("0")
    for _ in range(parts):
        total += usd(amount)
    assert total == usd(amount) * parts


@given(
    amounts,
    amounts,
    st.lists(st.sampled_from(["USD", "EUR", "JPY", "CHF"]), min_size=2, max_size=2, unique=True),
    st.sampled_from(["__add__", "__sub__", "__lt__", "__le__"]),
)
def test_currencies_never_mix(one: Decimal, other: Decimal, currencies: list[str], operation: str) -> None:
    first, second = (
        Money(amount=amount, currency=currency) for amount, currency in zip((one, other), currencies, strict=True)
    )
    with pytest.raises(CurrencyMismatch, match=f"{currencies[0]} and {currencies[1]}"):
        getattr(first, operation)(second)


def test_money_is_rounded_once_half_to_even_in_its_minor_unit() -> None:
    assert usd("0.125").rounded() == Decimal("0.12")
    assert usd("0.135").rounded() == Decimal("0.14")
    assert Money(amount=Decimal("1234.5"), currency="JPY").rounded() == Decimal(1234)
    assert str(usd("1234567.891")) == "USD 1,234,567.89"


def test_a_month_is_730_hours() -> None:
    assert price("0.0416").monthly == Decimal("30.368")
    assert price("0.0416").monthly_cost(3) == usd("91.104")


def test_an_upfront_payment_is_spread_over_its_term() -> None:
    assert price("0.01", term=Term.RESERVED_1Y, upfront=Decimal(120)).monthly == Decimal("17.30")
    assert price("0", term=Term.RESERVED_3Y, upfront=Decimal(360)).monthly == Decimal(10)


def test_an_upfront_payment_without_a_term_is_refused() -> None:
    with pytest.raises(ValueError, match="upfront"):
        price("0.01", upfront=Decimal(5))


@pytest.mark.parametrize("hourly", ["0", "-1"])
def test_zero_is_not_listed_and_never_free(hourly: str) -> None:
    with pytest.raises(PriceNotListed, match="no listed price in us-east-1"):
        price(hourly)
