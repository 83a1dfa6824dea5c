"""Does a migration pay back: hours and rate of the work against what the bill falls by, draw by draw.

The draws of both bills are paired, as the stacks share traffic, speed and growth. Growth counts for the twelve months
projected; from then on a month saves what month 12 does. Running the two stacks side by side, and what developers cost
afterwards, is not counted.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.exchange import ExchangeRate
from estimator.domain.cost.loads import StackLoad
from estimator.domain.cost.months import MONTHS, counts_by_month
from estimator.domain.cost.pricing import Money, refuse_other_base
from estimator.domain.reporting.trace import Given, Step
from estimator.domain.statistics import SHARES, Floats, Quantiles, order_index

HORIZON_MONTHS = 60  # a migration that takes longer to pay back never does
_STREAM = 3  # of the seed: the work's draws are no stack's


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """What somebody stated as lowest and highest; drawn evenly between them."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        """Work takes time and costs money."""
        if not 0 < self.low <= self.high:
            raise ValueError(f"A range needs 0 < low <= high, not {self.low} to {self.high}.")

    @property
    def middle(self) -> Decimal:
        """Half way."""
        return (self.low + self.high) / 2

    def drawn(self, shares: Floats) -> Floats:
        """Draws for shares in 0..1."""
        low, high = float(self.low), float(self.high)
        return low + shares * (high - low)


@dataclass(frozen=True, kw_only=True)
class MigrationCase:
    """Moving from one stack to another: hours of work, and what an hour costs in a currency."""

    name: str
    from_stack: str
    to_stack: str
    hours: Range
    rate: Range
    currency: str
    source: str

    @property
    def cost(self) -> tuple[Money, Money, Money]:
        """Lowest x lowest, middle x middle, highest x highest: exact."""
        pairs = zip(_ends(self.hours), _ends(self.rate), strict=True)
        low, middle, high = (Money(amount=hours * rate, currency=self.currency) for hours, rate in pairs)
        return low, middle, high

    def converted(self, rate: ExchangeRate) -> "MigrationCase":
        """The same work in the rate's other currency; the source says at which rate."""
        refuse_other_base(rate, self.currency)
        hourly = Range(low=self.rate.low * rate.rate, high=self.rate.high * rate.rate)
        told = f"{self.source}; {rate.quoted} as of {rate.as_of.isoformat()}"
        return replace(self, rate=hourly, currency=rate.quote, source=told)

    def cost_drawn(self, count: int, *, seed: int) -> Floats:
        """Cost of each draw; hours and rate are independent."""
        shares = np.random.default_rng([seed, _STREAM]).random((2, count))
        return self.hours.drawn(shares[0]) * self.rate.drawn(shares[1])


def _ends(span: Range) -> tuple[Decimal, Decimal, Decimal]:
    return span.low, span.middle, span.high


@dataclass(frozen=True, kw_only=True)
class Payback:
    """When a migration has paid for itself. Months count from 1, None is never."""

    case: MigrationCase
    from_row: CostRow
    to_row: CostRow
    months: Quantiles[int | None]
    within_a_year: float  # share of draws
    never: float  # share of draws

    @property
    def saving(self) -> Money:
        """What month 1 costs less, P50 against P50; negative where it costs more."""
        return self.from_row.monthly_cost.p50 - self.to_row.monthly_cost.p50

    @property
    def sentence(self) -> str:
        """The answer in words."""
        low, _, high = self.case.cost
        work = f"{low} to {high} of work against {self._told_saving}"
        if self.months.p50 is None:
            return f"Never: {work}; {self.never:.0%} of draws do not pay back within {HORIZON_MONTHS} months."
        ends = f"P10 month {self.months.p10}, P90 {_told(self.months.p90)}"
        return f"In month {self.months.p50} ({ends}): {work}."

    @property
    def _told_saving(self) -> str:
        rise = Money(amount=-self.saving.amount, currency=self.saving.currency)
        if not rise.amount:
            return "a bill that stays the same"
        return f"{self.saving} saved a month" if rise.amount < 0 else f"a bill that rises by {rise} a month"

    @property
    def steps(self) -> tuple[Step, ...]:
        """The arithmetic with every input at its middle."""
        return _steps(self)


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """A case that cannot be answered, and why."""

    case: MigrationCase
    reason: str


def payback_of(
    case: MigrationCase,
    *,
    rows: dict[str, CostRow],
    load_of: Callable[[CostRow], StackLoad],
    seed: int,
) -> Payback | Unanswered:
    """Answer a case from each stack's cheapest row (by slug) and its draws."""
    lacking = [stack for stack in (case.from_stack, case.to_stack) if stack not in rows]
    if lacking:
        reason = f"{' and '.join(lacking)} has no cost under this question; measure it, or see why it was refused"
        return Unanswered(case=case, reason=reason)
    before, after = rows[case.from_stack], rows[case.to_stack]
    if before.price.currency != case.currency:
        reason = f"the work is priced in {case.currency}, the fleets in {before.price.currency}; enter a rate in that"
        return Unanswered(case=case, reason=reason)
    savings = _bills(before, load_of(before)) - _bills(after, load_of(after))
    found = _payback_months(case.cost_drawn(savings.shape[1], seed=seed), savings)
    return Payback(
        case=case,
        from_row=before,
        to_row=after,
        months=_quantiles(found),
        within_a_year=float((found <= MONTHS).mean()),
        never=float(np.isinf(found).mean()),
    )


def _bills(row: CostRow, stack: StackLoad) -> Floats:
    """The bill of each month and draw, only to be compared; (12, draws)."""
    loads = stack.loads(row.fleet.carrying, row.fleet.packing)
    counts = np.array(list(counts_by_month(row.fleet.rule, stack.target, loads, stack.shared.growth)))
    return counts * float(row.price.monthly)


def _payback_months(cost: Floats, savings: Floats) -> Floats:
    """The first month in which savings have added up to the cost; infinite beyond the horizon."""
    total = savings.cumsum(axis=0)
    paid = total >= cost
    within = paid.argmax(axis=0) + 1.0
    last = savings[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        later = MONTHS + np.ceil((cost - total[-1]) / last * (1 - 1e-12))
    later = np.where((last > 0) & (later <= HORIZON_MONTHS), later, np.inf)
    months: Floats = np.where(paid.any(axis=0), within, later)
    return months


def _quantiles(months: Floats) -> Quantiles[int | None]:
    ordered = np.sort(months)
    low, middle, high = (ordered[order_index(months.size, share)] for share in SHARES)
    return Quantiles(p10=_whole(low), p50=_whole(middle), p90=_whole(high))


def _whole(month: float) -> int | None:
    return None if np.isinf(month) else int(month)


def _told(month: int | None) -> str:
    return "never" if month is None else f"month {month}"


def _steps(payback: Payback) -> tuple[Step, ...]:
    case, currency = payback.case, payback.case.currency
    work = Step(
        name="cost of the migration",
        formula="hours x rate, each at the middle of its range",
        inputs=(
            Given(name="hours", value=case.hours.middle, unit="h", origin=case.source),
            Given(name="rate", value=case.rate.middle, unit=f"{currency}/h", origin=case.source),
        ),
        value=case.cost[1].amount,
        unit=currency,
    )
    saving = Step(
        name="saved in month 1",
        formula=f"bill of {payback.from_row.label} - bill of {payback.to_row.label}, P50 each",
        inputs=tuple(
            Given(name=row.label, value=row.monthly_cost.p50.amount, unit=f"{currency}/month", origin=_fleet(row))
            for row in (payback.from_row, payback.to_row)
        ),
        value=payback.saving.amount,
        unit=f"{currency}/month",
    )
    return work, saving


def _fleet(row: CostRow) -> str:
    return f"{row.instances.p50:,} x {row.hardware.label}"
