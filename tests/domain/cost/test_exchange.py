"""Exchange rates: published, turned round, by way of a third currency; amounts that stay exact and never mix."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.cost.exchange import ExchangeRate, ExchangeRates, NoExchangeRate, in_currency
from estimator.domain.cost.pricing import Candidate, CurrencyMismatch, shown_price
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.reporting.projection import Projection, project
from tests.domain.cases import candidate, capacity_of, price

DAY = date(2026, 10, 1)
few = settings(max_examples=30, deadline=None)


def rate(base: str, quote: str, worth: str, as_of: date = DAY) -> ExchangeRate:
    return ExchangeRate(base=base, quote=quote, rate=Decimal(worth), as_of=as_of, source="a central bank")


EURO = ExchangeRates([rate("EUR", "USD", "1.1298"), rate("EUR", "GBP", "0.85373"), rate("EUR", "JPY", "178.49")])


def test_a_published_rate_is_used_as_it_is() -> None:
    assert EURO.between("EUR", "USD") == rate("EUR", "USD", "1.1298")


def test_the_other_direction_is_calculated_in_eight_digits_and_says_from_what() -> None:
    found = EURO.between("USD", "EUR")

    assert found.rate == Decimal("0.88511241")
    assert found.sentence == (
        "1 USD = 0.88511241 EUR as of 2026-10-01, a central bank, calculated from 1 EUR = 1.1298 USD"
    )


def test_two_currencies_meet_in_a_third_and_take_the_older_day() -> None:
    rates = ExchangeRates([rate("EUR", "USD", "1.25"), rate("EUR", "GBP", "0.8", date(2026, 9, 30))])

    found = rates.between("USD", "GBP")

    assert (found.rate, found.as_of) == (Decimal("0.64"), date(2026, 9, 30))
    assert found.calculated_from == ("1 EUR = 1.25 USD", "1 EUR = 0.8 GBP")


def test_the_newest_day_counts_and_on_one_day_what_was_published() -> None:
    old, new = rate("EUR", "USD", "1.1", date(2026, 9, 1)), rate("EUR", "USD", "1.2")
    own = rate("USD", "GBP", "0.75")

    assert ExchangeRates([new, old]).between("EUR", "USD") == new
    assert ExchangeRates([*(rate("EUR", "USD", "1.25"), rate("EUR", "GBP", "0.8")), own]).between("USD", "GBP") == own


def test_no_way_is_told_with_the_pair_and_the_remedy() -> None:
    assert EURO.reaches("USD", "JPY") and not EURO.reaches("USD", "CHF")
    with pytest.raises(NoExchangeRate, match="from USD to CHF is known; enter one under Exchange rates, or ask in USD"):
        EURO.between("USD", "CHF")


@pytest.mark.parametrize(("quote", "worth"), [("USD", "0"), ("USD", "-1"), ("USD", "NaN"), ("EUR", "1")])
def test_what_is_no_rate_is_refused(quote: str, worth: str) -> None:
    with pytest.raises(ValueError, match="is no exchange rate"):
        rate("EUR", quote, worth)


@few
@given(st.decimals("0.00000001", "999", places=8), st.integers(1, 100_000))
def test_a_converted_bill_is_the_listed_bill_times_the_rate_exactly(hourly: Decimal, instances: int) -> None:
    listed, to_euro = price(str(hourly)), EURO.between("USD", "EUR")

    converted = listed.converted(to_euro)

    assert converted.monthly_cost(instances).amount == listed.monthly_cost(instances).amount * to_euro.rate
    assert (converted.currency, converted.listed, converted.rate) == ("EUR", listed, to_euro)


def test_a_rate_of_another_currency_converts_nothing() -> None:
    with pytest.raises(CurrencyMismatch, match="converts no USD"):
        price().converted(EURO.between("EUR", "USD"))


def test_a_price_listed_in_the_currency_wins_over_a_converted_one() -> None:
    offers = [candidate("m1"), candidate("m1", hourly="0.07", currency="EUR"), candidate("m2")]

    told = {one.hardware.name: one.price for one in in_currency(offers, "EUR", EURO)}

    assert told["m1"].listed is None and told["m1"].hourly == Decimal("0.07")
    assert told["m2"].listed == offers[2].price


@few
@given(
    st.lists(st.sampled_from(["USD", "EUR", "GBP", "CHF"]), min_size=1, max_size=6),
    st.sampled_from(["USD", "EUR", "JPY", "CHF"]),
)
def test_currency_never_mixes_whatever_is_listed_and_asked_for(listed: list[str], asked: str) -> None:
    offers = [candidate(f"m{number}", currency=currency) for number, currency in enumerate(listed)]
    told = in_currency(offers, asked, EURO)

    found = projected(told, asked)

    reached = [currency for currency in listed if EURO.reaches(currency, asked)]
    assert len(found.rows) == len(reached)
    assert all(row.monthly_cost.p50.currency == row.year_cost.p90.currency == asked for row in found.rows)
    reasons = {exclusion.reason for exclusion in found.excluded}
    assert reasons == {f"priced in {one}: {NoExchangeRate(one, asked)}" for one in listed if one not in reached}


@few
@given(st.sampled_from(["EUR", "GBP", "JPY"]))
def test_the_currency_changes_no_verdict_and_no_fleet(asked: str) -> None:
    offers = [candidate("m1"), candidate("m2", vcpus=4, hourly="0.11")]
    listed, told = projected(offers, "USD"), projected(in_currency(offers, asked, EURO), asked)

    assert (told.verdict.cheapest, told.verdict.outcome) == (listed.verdict.cheapest, listed.verdict.outcome)
    assert told.verdict.indifference_per_day == listed.verdict.indifference_per_day
    assert [row.instances for row in told.rows] == [row.instances for row in listed.rows]


def projected(offers: list[Candidate], currency: str) -> Projection:
    return project(target=TrafficTarget(currency=currency), capacities=[capacity_of()], candidates=offers, draws=200)


def test_prices_are_shown_as_listed_and_converted_ones_in_ten_digits() -> None:
    assert shown_price(Decimal("0.0000166667")) == "0.0000166667"
    assert shown_price(Decimal("0.1008") * Decimal("0.88511241")) == "0.08921933093"
