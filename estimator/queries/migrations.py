"""Migrations to be weighed against the bill, as the domain sees them."""

from estimator.domain.reporting.migration import MigrationCase, Range
from estimator.models import MigrationCase as CaseRow


def migration_cases() -> tuple[MigrationCase, ...]:
    """All of them, by name."""
    rows = CaseRow.objects.select_related("from_stack", "to_stack", "rate")
    return tuple(map(case_value, rows))


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
