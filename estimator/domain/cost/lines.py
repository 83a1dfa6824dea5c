"""Lines beside compute: database, load balancer, egress and disk. Off unless asked for, each with its own price."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np

from estimator.domain.cost.containers import carry_share
from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.loads import StackLoad
from estimator.domain.cost.pricing import HOURS_PER_MONTH, Money, MoneyQuantiles
from estimator.domain.cost.tariffs import LineTariff
from estimator.domain.statistics import Quantiles, quantiles

BYTES_PER_GB = 1024**3  # as providers count what leaves
DISK_GB = 20  # of each instance, unless told
_WHOLE = Decimal(1)


class Line(StrEnum):
    """What may stand beside compute."""

    DATABASE = "database"
    LOAD_BALANCER = "load_balancer"
    EGRESS = "egress"
    DISK = "disk"


class NoQuantity(ValueError):
    """A line that was asked for and cannot be counted; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineRow:
    """One line beside one fleet: how much of it a month takes, and what that costs."""

    beside: CostRow
    tariff: LineTariff
    quantity: Quantiles[Decimal]
    formula: str

    @property
    def line(self) -> str:
        """Which of the lines."""
        return self.tariff.line

    @property
    def monthly_cost(self) -> MoneyQuantiles:
        """The bill of month 1."""
        cost, quantity = self.tariff.cost, self.quantity
        return Quantiles(p10=cost(quantity.p10), p50=cost(quantity.p50), p90=cost(quantity.p90))


@dataclass(frozen=True, kw_only=True, slots=True)
class UncountedLine:
    """A line that was asked for and has no figure, and why."""

    beside: CostRow
    line: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LinedFleet:
    """One fleet with the lines beside it. Percentiles do not add up, so only P50s are summed."""

    row: CostRow
    lines: tuple[LineRow, ...]
    uncounted: tuple[UncountedLine, ...]

    @property
    def lines_p50(self) -> Money:
        """The sum of the lines alone, P50 by P50; exact."""
        nothing = Money(amount=Decimal(0), currency=self.row.price.currency)
        return sum((line.monthly_cost.p50 for line in self.lines), start=nothing)

    @property
    def with_compute_p50(self) -> Money:
        """Compute and its lines, P50 by P50; exact."""
        return self.row.monthly_cost.p50 + self.lines_p50


def beside(
    row: CostRow, stack: StackLoad, tariffs: Iterable[LineTariff], *, lines: Collection[Line], disk_gb: int = DISK_GB
) -> LinedFleet:
    """The lines asked for beside one fleet, at the prices of its provider and region."""
    rows: list[LineRow] = []
    uncounted: list[UncountedLine] = []
    known = [tariff for tariff in tariffs if _fits(tariff, row)]
    for line in Line:
        if line not in lines:
            continue
        try:
            own = [tariff for tariff in known if tariff.line == line]
            rows += [_row(row, stack, tariff, disk_gb) for tariff in _listed(own, line, row)]
        except NoQuantity as why:
            uncounted.append(UncountedLine(beside=row, line=line, reason=str(why)))
    return LinedFleet(row=row, lines=tuple(rows), uncounted=tuple(uncounted))


def _fits(tariff: LineTariff, row: CostRow) -> bool:
    price = row.price
    wanted = (row.hardware.provider, price.region, price.currency)
    return (tariff.provider, tariff.region, tariff.currency) == wanted


def _listed(tariffs: list[LineTariff], line: Line, row: CostRow) -> list[LineTariff]:
    if not tariffs:
        place = f"{row.hardware.provider} {row.price.region}"
        raise NoQuantity(f"no price is listed for it in {place}; enter one in the admin")
    return tariffs


def _row(row: CostRow, stack: StackLoad, tariff: LineTariff, disk_gb: int) -> LineRow:
    quantity, formula = _QUANTITIES[Line(tariff.line)](row, stack, tariff, disk_gb)
    return LineRow(beside=row, tariff=tariff, quantity=quantity, formula=formula)


_Counted = tuple[Quantiles[Decimal], str]


def _database(row: CostRow, stack: StackLoad, tariff: LineTariff, disk_gb: int) -> _Counted:
    """A server of the least size whose vCPUs carry the database's work at the peak, twice where a zone may be lost."""
    needed = quantiles(database_vcpus(stack))
    servers = 2 if stack.target.redundancy.survive_zone_loss else 1
    hours = [server_vcpus(tariff, vcpus) * servers * HOURS_PER_MONTH for vcpus in (needed.p10, needed.p50, needed.p90)]
    formula = (
        f"{servers} x least server with mean rate x peak/mean x (1 + headroom) x D_db vCPUs"
        f" ({needed.p50:.3g} at P50) x 730 h"
    )
    return Quantiles(p10=hours[0], p50=hours[1], p90=hours[2]), formula


def database_vcpus(stack: StackLoad) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """vCPUs that the database keeps busy at the peak with headroom, of each draw."""
    target, shared = stack.target, stack.shared
    ratio = np.exp(shared.ln_ratio(carry_share(_WHOLE)))
    demand_s = max(stack.capacity.database_demand_s, 0.0)
    if demand_s == 0:
        raise NoQuantity(f"{stack.capacity.label} was measured without work of a database")
    busy: np.ndarray[tuple[int], np.dtype[np.float64]] = (
        target.mean_rate * (1 + target.headroom) * demand_s * shared.peak * ratio
    )
    return busy


def server_vcpus(tariff: LineTariff, needed: float) -> int:
    """The vCPUs of the least server that has so many. Raises NoQuantity where none has."""
    for vcpus in sorted(tariff.sizes):
        if vcpus >= needed:
            return vcpus
    most = max(tariff.sizes, default=0)
    raise NoQuantity(f"it needs {needed:,.0f} vCPUs, the largest server listed has {most}: spread it, or ask for less")


def _load_balancer(row: CostRow, stack: StackLoad, tariff: LineTariff, disk_gb: int) -> _Counted:
    """Its hours; and where it bills what passes, a capacity unit for each GB in an hour."""
    if tariff.unit == "hour":
        return _same(HOURS_PER_MONTH), "1 x 730 h"
    passed = row.fleet.target.requests_per_month * row.fleet.target.payload_bytes / BYTES_PER_GB
    return _same(passed), "requests x payload, one unit-hour per GB; new connections are not counted"


def _egress(row: CostRow, stack: StackLoad, tariff: LineTariff, disk_gb: int) -> _Counted:
    target = row.fleet.target
    if not target.payload_bytes:
        raise NoQuantity("the size of a response is not known; give payload_bytes")
    return _same(target.requests_per_month * target.payload_bytes / BYTES_PER_GB), "requests x payload / 2^30"


def _disk(row: CostRow, stack: StackLoad, tariff: LineTariff, disk_gb: int) -> _Counted:
    counts = row.instances
    quantity = Quantiles(
        p10=Decimal(counts.p10 * disk_gb), p50=Decimal(counts.p50 * disk_gb), p90=Decimal(counts.p90 * disk_gb)
    )
    return quantity, f"instances x {disk_gb} GB"


def _same(quantity: Decimal) -> Quantiles[Decimal]:
    return Quantiles(p10=quantity, p50=quantity, p90=quantity)


_QUANTITIES = {
    Line.DATABASE: _database,
    Line.LOAD_BALANCER: _load_balancer,
    Line.EGRESS: _egress,
    Line.DISK: _disk,
}
