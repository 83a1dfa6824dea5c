"""Money that never mixes currencies, and the price of a rented instance."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from functools import cached_property

from estimator.domain.cost.exchange import ExchangeRate
from estimator.domain.hardware import HardwareProfile
from estimator.domain.statistics import Quantiles

HOURS_PER_MONTH = Decimal(730)
MINOR_UNITS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "TND": 3}  # ISO 4217; 2 elsewhere
_SHOWN = Context(prec=10, rounding=ROUND_HALF_EVEN)


class Term(StrEnum):
    """How long one commits."""

    ON_DEMAND = "on_demand"
    RESERVED_1Y = "reserved_1y"
    RESERVED_3Y = "reserved_3y"
    SPOT = "spot"


TERM_MONTHS = {Term.RESERVED_1Y: 12, Term.RESERVED_3Y: 36}


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum."""


class PriceNotListed(LookupError):
    """There is no price; a missing price is never free."""

    def __init__(self, hardware: str, region: str) -> None:
        """Name the row and the remedy."""
        super().__init__(f"{hardware} has no listed price in {region}; import one or choose another region.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """An exact amount in one currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def _amount_of(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up; convert with a dated rate.")
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        """The sum, in the one currency."""
        return Money(amount=self.amount + self._amount_of(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """The difference, in the one currency."""
        return Money(amount=self.amount - self._amount_of(other), currency=self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        """The amount times a whole or exact number."""
        return Money(amount=self.amount * factor, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Order within one currency."""
        return self.amount < self._amount_of(other)

    def __le__(self, other: "Money") -> bool:
        """Order within one currency."""
        return self.amount <= self._amount_of(other)

    def rounded(self) -> Decimal:
        """The amount as shown, in the currency's minor unit (half to even); the only place where money is rounded."""
        unit = Decimal(1).scaleb(-MINOR_UNITS.get(self.currency, 2))
        return self.amount.quantize(unit, rounding=ROUND_HALF_EVEN)

    def __str__(self) -> str:
        """`USD 1,234.50`."""
        return f"{self.currency} {self.rounded():,f}"


MoneyQuantiles = Quantiles[Money]


@dataclass(frozen=True, kw_only=True)
class Price:
    """A dated, sourced price of one instance. `hourly` and `upfront` are in `currency`."""

    region: str
    term: str = Term.ON_DEMAND
    hourly: Decimal
    upfront: Decimal = Decimal(0)
    currency: str = "USD"
    source: str = ""
    as_of: date
    licence: str = ""
    disputed: str = ""  # why two sources differ by more than 2 %; such a row never decides a verdict
    listed: "Price | None" = None  # what the source lists, where this one was converted from it
    rate: ExchangeRate | None = None  # what it was converted at

    def __post_init__(self) -> None:
        """Zero is `not listed`, and an upfront payment needs months to spread over."""
        if self.hourly < 0 or self.upfront < 0 or self.hourly + self.upfront == 0:
            raise PriceNotListed(f"A row of {self.source or 'an unnamed source'}", self.region)
        if self.upfront and self.term not in TERM_MONTHS:
            raise ValueError(f"upfront: the term {self.term} has no length to spread a payment over; leave it at 0.")

    @cached_property
    def monthly(self) -> Decimal:
        """One instance for 730 h, the upfront payment spread over the term."""
        months = TERM_MONTHS.get(Term(self.term), 1) if self.upfront else 1
        return self.hourly * HOURS_PER_MONTH + self.upfront / months

    @cached_property
    def monthly_to_choose(self) -> float:
        """The same, rounded: it only chooses among thousands, and the choice is then priced exactly."""
        return float(self.monthly)

    @property
    def told(self) -> str:
        """Source and day, and the rate where the price was listed in another currency."""
        converted = f", at {self.rate.quoted} as of {self.rate.as_of.isoformat()}" if self.rate else ""
        return f"{self.source or 'price list'}, {self.as_of.isoformat()}{converted}"

    def monthly_cost(self, instances: int) -> Money:
        """A fleet for a month; exact."""
        return Money(amount=self.monthly * instances, currency=self.currency)

    def converted(self, rate: ExchangeRate) -> "Price":
        """The same in the rate's other currency, exactly; it remembers what was listed. Raises CurrencyMismatch."""
        refuse_other_base(rate, self.currency)
        return replace(
            self,
            hourly=self.hourly * rate.rate,
            upfront=self.upfront * rate.rate,
            currency=rate.quote,
            listed=self,
            rate=rate,
        )


def refuse_other_base(rate: ExchangeRate, currency: str) -> None:
    """Raises CurrencyMismatch where a rate does not start at the currency."""
    if rate.base != currency:
        raise CurrencyMismatch(f"{rate.quoted} converts no {currency}; take a rate from {currency}.")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One thing that could be rented: a machine at a price."""

    hardware: HardwareProfile
    price: Price

    @property
    def currency(self) -> str:
        """The price's."""
        return self.price.currency

    @property
    def as_of(self) -> date:
        """The price's day."""
        return self.price.as_of

    @property
    def place(self) -> tuple[str, ...]:
        """What is priced, whatever the currency."""
        return self.hardware.label, self.price.region, self.price.term

    def converted(self, rate: ExchangeRate) -> "Candidate":
        """The same at the converted price."""
        return replace(self, price=self.price.converted(rate))


def shown_price(price: Decimal) -> str:
    """A price of one unit in at most ten digits: as lists have it, while one that was converted may have more."""
    return f"{_SHOWN.plus(price).normalize():f}"
