"""Prices told in the currency that was asked for, and the currencies one can ask for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from estimator.domain.cost.exchange import Priced, in_currency
from estimator.domain.cost.traffic import TrafficTarget
from estimator.models import Price
from estimator.models.exchange import convertible, currency_problem, known_rates

_Offer = TypeVar("_Offer", bound=Priced)


def told_in(currency: str | None, offers: Sequence[_Offer]) -> list[_Offer]:
    """In one currency, as far as rates lead to it; as listed for None. Rates are read only where one is needed."""
    if currency is None or all(offer.currency == currency for offer in offers):
        return list(offers)
    return in_currency(offers, currency, known_rates())


def currencies() -> list[str]:
    """Those in which at least one price can be told, in alphabetical order."""
    listed, rates = listed_currencies(), known_rates()
    reached = {code for code in rates.currencies if any(rates.reaches(one, code) for one in listed)}
    return sorted(reached.union(listed))


def listed_currencies() -> list[str]:
    """Those in which machines are priced."""
    return list(Price.objects.order_by("currency").values_list("currency", flat=True).distinct())


def problem_with(currency: str) -> str | None:
    """Why nothing can be told in a currency, and the remedy; None where something can, or nothing is priced."""
    listed = listed_currencies()
    return currency_problem(listed, to=currency) if listed and not convertible(listed, to=currency) else None


def told_target(target: TrafficTarget, currency: str) -> TrafficTarget:
    """The target with its answers, and its budget, in a currency. Raises NoExchangeRate where the budget has no way."""
    if currency == target.currency:
        return target
    if target.monthly_budget is None:
        return replace(target, currency=currency)
    rate = known_rates().between(target.currency, currency)
    return replace(target, currency=currency, monthly_budget=target.monthly_budget * rate.rate)
