"""Migrations to be weighed against the bill, as the domain sees them."""

from estimator.domain.cost.exchange import ExchangeRates
from estimator.domain.reporting.migration import MigrationCase, Range
from estimator.models import MigrationCase as CaseRow
from estimator.models.exchange import known_rates


def migration_cases(*, currency: str | None = None) -> tuple[MigrationCase, ...]:
    """All of them, by name; in a currency where a rate leads to it, else as they were entered."""
    rows = CaseRow.objects.select_related("from_stack", "to_stack", "rate")
    cases = tuple(map(case_value, rows))
    if currency is None or all(case.currency == currency for case in cases):
        return cases
    rates = known_rates()
    return tuple(_told(case, currency, rates) for case in cases)


def _told(case: MigrationCase, currency: str, rates: ExchangeRates) -> MigrationCase:
    """What no rate reaches stays as it is: the answer then says why there is none."""
    if case.currency == currency or not rates.reaches(case.currency, currency):
        return case
    return case.converted(rates.between(case.currency, currency))


def case_value(row: CaseRow) -> MigrationCase:
    """A row with its rate. Hours and rate may come from two sources."""
    return MigrationCase(
        name=row.name,
        from_stack=row.from_stack.slug,
        to_stack=row.to_stack.slug,
        hours=Range(low=row.hours_low, high=row.hours_high),
        rate=Range(low=row.rate.hourly_low, high=row.rate.hourly_high),
        currency=row.rate.currency,
        source="; ".join(dict.fromkeys((row.source, row.rate.source))),
    )
