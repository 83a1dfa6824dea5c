"""Dated exchange rates: as published, the other way round, or through a third currency; never implied."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Protocol, Self, TypeVar

# Published rates have five or six digits: eight lose nothing, and amounts times such a rate stay exact.
_CALCULATED = Context(prec=8, rounding=ROUND_HALF_EVEN)


class NoExchangeRate(LookupError):
    """No rate leads from one currency to another."""

    def __init__(self, base: str, quote: str) -> None:
        """Name the pair and the remedy."""
        super().__init__(
            f"no exchange rate from {base} to {quote} is known; enter one under Exchange rates, or ask in {base}"
        )


@dataclass(frozen=True, kw_only=True)
class ExchangeRate:
    """One unit of `base` is worth `rate` units of `quote`, as `source` said on a day."""

    base: str
    quote: str
    rate: Decimal
    as_of: date
    source: str
    licence: str = ""
    calculated_from: tuple[str, ...] = ()  # the published rates; none where this one is published itself

    def __post_init__(self) -> None:
        """A rate is above zero and leads somewhere else."""
        if not (self.rate.is_finite() and self.rate > 0) or self.base == self.quote:
            raise ValueError(f"{self.quoted} is no exchange rate; enter one above 0 between two currencies.")

    @property
    def quoted(self) -> str:
        """`1 USD = 0.8 EUR`."""
        return f"1 {self.base} = {self.rate.normalize():f} {self.quote}"

    @property
    def sentence(self) -> str:
        """The rate with its day, its source, and what it was calculated from."""
        published = f", calculated from {' and '.join(self.calculated_from)}" if self.calculated_from else ""
        return f"{self.quoted} as of {self.as_of.isoformat()}, {self.source}{published}"


class ExchangeRates:
    """All known rates; of a pair the newest day counts, and on one day a published rate before a calculated one."""

    def __init__(self, rates: Iterable[ExchangeRate] = ()) -> None:
        """Rates as published, in any order."""
        self._published: dict[tuple[str, str], ExchangeRate] = {}
        for rate in sorted(rates, key=lambda rate: rate.as_of):
            self._published[rate.base, rate.quote] = rate
        self.currencies = frozenset(code for pair in self._published for code in pair)
        self._known: dict[tuple[str, str], ExchangeRate | None] = {}

    def between(self, base: str, quote: str) -> ExchangeRate:
        """The rate from one currency to another. Raises NoExchangeRate."""
        found = self._find(base, quote)
        if found is None:
            raise NoExchangeRate(base, quote)
        return found

    def reaches(self, base: str, quote: str) -> bool:
        """Whether amounts in one currency can be told in the other."""
        return base == quote or self._find(base, quote) is not None

    def _find(self, base: str, quote: str) -> ExchangeRate | None:
        if (base, quote) not in self._known:
            legs = max(self._routes(base, quote), key=lambda legs: (_day(legs), -len(legs)), default=())
            self._known[base, quote] = _rate_of(base, quote, legs) if legs else None
        return self._known[base, quote]

    def _routes(self, base: str, quote: str) -> Iterator[tuple[ExchangeRate, ...]]:
        """One step, or two by way of a third currency."""
        yield from ((leg,) for leg in self._legs(base, quote))
        for third in sorted(self.currencies - {base, quote}):
            for first in self._legs(base, third):
                yield from ((first, second) for second in self._legs(third, quote))

    def _legs(self, one: str, other: str) -> Iterator[ExchangeRate]:
        """Published either way."""
        pairs = ((one, other), (other, one))
        yield from (self._published[pair] for pair in pairs if pair in self._published)


def _day(legs: Sequence[ExchangeRate]) -> date:
    """What is calculated is as old as its oldest part."""
    return min(leg.as_of for leg in legs)


def _rate_of(base: str, quote: str, legs: Sequence[ExchangeRate]) -> ExchangeRate:
    """As published; else exact in fractions, then rounded once to eight significant digits."""
    if (legs[0].base, legs[0].quote) == (base, quote):
        return legs[0]
    worth, at = Fraction(1), base
    for leg in legs:
        forward = leg.base == at
        worth *= Fraction(leg.rate) if forward else 1 / Fraction(leg.rate)
        at = leg.quote if forward else leg.base
    return ExchangeRate(
        base=base,
        quote=quote,
        rate=_CALCULATED.divide(Decimal(worth.numerator), Decimal(worth.denominator)),
        as_of=_day(legs),
        source="; ".join(dict.fromkeys(leg.source for leg in legs)),
        licence="; ".join(dict.fromkeys(leg.licence for leg in legs if leg.licence)),
        calculated_from=tuple(leg.quoted for leg in legs),
    )


class Priced(Protocol):
    """Something with a price; `place` says what is priced, whatever the currency."""

    @property
    def currency(self) -> str: ...
    @property
    def as_of(self) -> date: ...
    @property
    def place(self) -> tuple[str, ...]: ...
    def converted(self, rate: ExchangeRate) -> Self: ...


_Offer = TypeVar("_Offer", bound=Priced)


def in_currency(offers: Iterable[_Offer], currency: str, rates: ExchangeRates) -> list[_Offer]:
    """Each thing once, in one currency: as it is listed there, else converted from its newest price.

    What no rate reaches stays in its own currency, so that whoever adds up refuses it by name.
    """
    offers = list(offers)
    if all(offer.currency == currency for offer in offers):
        return offers
    told: dict[tuple[str, ...], _Offer] = {}
    strange: list[_Offer] = []
    for offer in sorted(offers, key=lambda offer: (offer.currency != currency, -offer.as_of.toordinal())):
        if offer.place in told:
            continue
        if offer.currency == currency:
            told[offer.place] = offer
        elif rates.reaches(offer.currency, currency):
            told[offer.place] = offer.converted(rates.between(offer.currency, currency))
        else:
            strange.append(offer)
    return [*told.values(), *(offer for offer in strange if offer.place not in told)]
