"""Exchange rates between currencies: dated, sourced, entered by hand or shipped; never implied."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from estimator.domain.cost.exchange import ExchangeRate as RateValue
from estimator.domain.cost.exchange import ExchangeRates
from estimator.models.hardware import ISO_4217, Sourced


class ExchangeRate(Sourced):
    """What one unit of a currency was worth in another on a day. The newest day counts."""

    base = models.CharField(max_length=3, default="EUR", validators=[ISO_4217], help_text="ISO 4217, e.g. EUR.")
    quote = models.CharField(max_length=3, validators=[ISO_4217], help_text="ISO 4217, e.g. USD.")
    rate = models.DecimalField(
        max_digits=20,
        decimal_places=10,
        validators=[MinValueValidator(Decimal("0.0000000001"), "Enter a rate above 0.")],
        help_text="As published; the other direction and pairs by way of a third currency are calculated from it.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["base", "quote", "-as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["base", "quote", "as_of"],
                name="exchange_rate_unique_per_day",
                violation_error_message="as of: that day has a rate of this pair; correct it or enter another day.",
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_above_zero"),
            models.CheckConstraint(
                condition=~Q(base=F("quote")),
                name="exchange_rate_between_two",
                violation_error_message="Both currencies are the same; choose another one.",
            ),
            models.CheckConstraint(
                condition=Q(base__regex=r"^[A-Z]{3}$") & Q(quote__regex=r"^[A-Z]{3}$"), name="exchange_rate_iso_4217"
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate.normalize():f} {self.quote}, {self.as_of}"

    def clean(self) -> None:
        """Told at the field to mend."""
        if self.base and self.base == self.quote:
            raise ValidationError({"quote": "Both currencies are the same; choose another one."})
        if self.as_of and self.as_of > timezone.localdate():
            raise ValidationError({"as_of": "That day lies ahead; enter the day on which the source said so."})

    def to_value(self) -> RateValue:
        """As the domain sees it."""
        return RateValue(
            base=self.base,
            quote=self.quote,
            rate=self.rate,
            as_of=self.as_of,
            source=self.source,
            licence=self.licence,
        )


def known_rates() -> ExchangeRates:
    """The newest rate of each pair."""
    newest = ExchangeRate.objects.order_by("base", "quote", "-as_of").distinct("base", "quote")
    return ExchangeRates(row.to_value() for row in newest)


def convertible(listed: Iterable[str], *, to: str) -> list[str]:
    """Those of the currencies in which prices are listed that can be told in the one asked for."""
    rates = known_rates()
    return [currency for currency in listed if rates.reaches(currency, to)]


def currency_problem(listed: Sequence[str], *, to: str) -> str:
    """Why nothing can be told in a currency, and what to do about it."""
    known = ", ".join(listed)
    return (
        f"No price is listed in {to}; use one of {known}, or enter an exchange rate from {listed[0]} to {to} first "
        "(admin, Exchange rates)."
    )
