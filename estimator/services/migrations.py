"""Shipped developer rates and migrations: an article's figures, labelled as such, for people to replace."""

from dataclasses import dataclass
from decimal import Decimal

from estimator.models import DeveloperRate, MigrationCase, Stack

ARTICLE = "article, not measured"
SHIPPED_RATES = {
    "FastAPI developer": (25, 40),
    "Flask developer": (20, 35),
    "Django developer": (20, 35),
}  # USD per hour
HOURS_PER_WEEK = 40


@dataclass(frozen=True, kw_only=True)
class ShippedCase:
    """A migration by slugs; weeks of work from fewest to most."""

    name: str
    from_stack: str
    to_stack: str
    weeks: tuple[int, int]
    rate: str


SHIPPED_CASES = (
    ShippedCase(
        name="Django to FastAPI: rebuild admin and sign-in",
        from_stack="django",
        to_stack="fastapi",
        weeks=(2, 4),
        rate="FastAPI developer",
    ),
)


def ensure_shipped_migrations() -> None:
    """Make what was never there; a row that a person renamed or deleted stays so."""
    for name, (low, high) in SHIPPED_RATES.items():
        if not DeveloperRate.history.filter(name=name).exists():
            DeveloperRate.objects.create(
                name=name, hourly_low=Decimal(low), hourly_high=Decimal(high), currency="USD", source=ARTICLE
            )
    for shipped in SHIPPED_CASES:
        if not MigrationCase.history.filter(name=shipped.name).exists():
            _make(shipped)


def _make(shipped: ShippedCase) -> None:
    """Nothing while a stack or the rate is missing."""
    stacks = {stack.slug: stack for stack in Stack.objects.filter(slug__in=(shipped.from_stack, shipped.to_stack))}
    rate = DeveloperRate.objects.filter(name=shipped.rate).first()
    if len(stacks) < 2 or rate is None:
        return
    fewest, most = (Decimal(weeks * HOURS_PER_WEEK) for weeks in shipped.weeks)
    MigrationCase.objects.create(
        name=shipped.name,
        from_stack=stacks[shipped.from_stack],
        to_stack=stacks[shipped.to_stack],
        hours_low=fewest,
        hours_high=most,
        rate=rate,
        source=ARTICLE,
    )
