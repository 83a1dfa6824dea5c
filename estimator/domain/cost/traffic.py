"""What the traffic is: a target's rates, peak, growth, objective and redundancy."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from estimator.domain.cost.shape import TrafficShape
from estimator.domain.statistics import Interval

HOURS_PER_MONTH = 730
HOURS_PER_DAY = 24
SECONDS_PER_DAY = 86_400
MAXIMUM_PER_DAY = Decimal(10) ** 15
BUDGET_THRESHOLDS = (50, 80, 100)  # percent

# A published worked case of 10M/day and a real load balancer's five-minute series (cost-model.md).
PEAK_TO_MEAN = Interval(low=1.4, mid=1.7, high=2.75)

_SUFFIXES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_PER_DAY = {
    "day": Decimal(1),
    "month": Decimal(HOURS_PER_DAY) / HOURS_PER_MONTH,
    "hour": Decimal(HOURS_PER_DAY),
    "rps": Decimal(SECONDS_PER_DAY),
}
_UNITS = {"/day": "day", "/d": "day", "/month": "month", "/mo": "month", "/hour": "hour", "/h": "hour"}
_UNITS |= {"rps": "rps", "/s": "rps", "req/s": "rps"}
_TRAFFIC = re.compile(r"(?P<number>\d+(?:[_,]\d{3})*(?:\.\d+)?)\s*(?P<suffix>[kmb]?)\s*(?P<unit>req/s|rps|/\s*[a-z]+)")

_SHARE = re.compile(r"[+-]?\d+(?:\.\d+)?%?")


class TrafficError(ValueError):
    """A target that cannot be read or makes no sense; the message names the field and the remedy."""


def parse_traffic(text: str) -> Decimal:
    """Requests per day from `10M/day`, `300M/month`, `250rps`; a month is 730 h. Raises TrafficError."""
    match = _TRAFFIC.fullmatch(text.strip().lower())
    unit = _UNITS.get(match["unit"].replace(" ", "")) if match else None
    if match is None or unit is None:
        raise TrafficError(
            f"traffic: {text!r} cannot be read; write a number with k, M or B and a unit,"
            " such as 10M/day, 300M/month or 250rps."
        )
    number = Decimal(match["number"].replace("_", "").replace(",", "")) * _SUFFIXES[match["suffix"]]
    return check_requests_per_day(number * _PER_DAY[unit])


def check_requests_per_day(requests_per_day: Decimal) -> Decimal:
    """The same number, or a TrafficError when no fleet could be sized for it."""
    if not requests_per_day.is_finite() or not 0 < requests_per_day <= MAXIMUM_PER_DAY:
        raise TrafficError(
            f"traffic: {requests_per_day} requests per day is out of range; enter more than 0 and at most 1e15."
        )
    return requests_per_day


def parse_growth(text: str) -> Interval:
    """Growth per month from `5%` or `0.05`, or from its P10/P50/P90 such as `2%/5%/9%`. Raises TrafficError."""
    parts = [part.strip() for part in text.split("/")]
    if len(parts) not in (1, 3) or not all(map(_SHARE.fullmatch, parts)):
        raise TrafficError(f"growth_per_month: {text!r} cannot be read; write 5%, or P10/P50/P90 such as 2%/5%/9%.")
    values = [float(part.removesuffix("%")) / (100 if part.endswith("%") else 1) for part in parts]
    if values != sorted(values):
        raise TrafficError(f"growth_per_month: {text!r} is not in rising order; write P10/P50/P90 such as 2%/5%/9%.")
    return Interval(low=values[0], mid=values[len(values) // 2], high=values[-1])


def format_growth(growth: Interval) -> str:
    """`5%`, or `2%/5%/9%` where it is in doubt."""
    ends = [growth.mid] if growth.is_exact else [growth.low, growth.mid, growth.high]
    return "/".join(f"{value * 100:.6g}%" for value in ends)


def check_thresholds(thresholds: Sequence[int]) -> None:
    """Percentages of a budget in rising order. Raises TrafficError."""
    if not all(1 <= share <= 1000 for share in thresholds) or list(thresholds) != sorted(set(thresholds)):
        told = ", ".join(map(str, thresholds))
        raise TrafficError(
            f"budget_thresholds: {told} are not percentages from 1 to 1000 in rising order; enter some as 50, 80, 100."
        )


def format_traffic(requests_per_day: Decimal | float) -> str:
    """Three significant digits with a suffix: `10M/day`."""
    value = float(requests_per_day)
    for suffix, scale in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= scale * 0.9995:
            return f"{float(f'{value / scale:.3g}'):,.15g}{suffix}/day"
    return f"{value:.3g}/day"


class FleetPolicy(StrEnum):
    """How many instances stand in an hour, and how they are paid."""

    FIXED = "fixed"  # as many as the peak needs, in every hour
    AUTOSCALED = "autoscaled"  # as many as the hour needs, paid by the hour
    COMMITTED = "committed"  # a base paid for a term, the rest by the hour


@dataclass(frozen=True, kw_only=True)
class Redundancy:
    """How many instances must stand beside the load. Spares count only where no zone loss is survived."""

    zones: int = 3
    survive_zone_loss: bool = True
    minimum_instances: int = 3
    spares: int = 0

    def __post_init__(self) -> None:
        """Refuse what no fleet can meet."""
        if self.zones < 1 or self.minimum_instances < 1 or self.spares < 0:
            raise TrafficError("redundancy: zones and minimum instances start at 1, spares at 0.")
        if self.survive_zone_loss and self.zones < 2:
            raise TrafficError("zones: to survive the loss of a zone enter at least 2 zones, or allow the loss.")


@dataclass(frozen=True, kw_only=True)
class TrafficTarget:
    """The traffic to be carried and the promises that go with it. Defaults are the standing example."""

    name: str = "10M requests/day"
    requests_per_day: Decimal = Decimal(10_000_000)
    peak_to_mean: Interval = PEAK_TO_MEAN
    growth_per_month: Interval = field(default_factory=lambda: Interval.exact(0.0))  # share per month
    objective_ms: float = 100.0  # p99
    error_rate: float = 0.001
    headroom: float = 0.25  # share kept free at the peak
    redundancy: Redundancy = field(default_factory=Redundancy)
    regions: tuple[str, ...] = ()  # empty: any
    currency: str = "USD"
    payload_bytes: int = 0  # per response; 0 leaves the network unchecked
    database_connections: int = 100  # max_connections; 100 is PostgreSQL's own default
    database_connections_reserved: int = 3
    database_rtt_ms: float = 0.5
    cost_centre: str = ""
    monthly_budget: Decimal | None = None  # in `currency`; None where nobody set one
    budget_thresholds: tuple[int, ...] = BUDGET_THRESHOLDS  # percent of it
    shape: TrafficShape | None = None  # its own peak and nothing on top; None: peak_to_mean
    burst: float = 1.0  # busiest minutes of an hour over its mean; only with a shape, as peak_to_mean holds them
    policy: FleetPolicy = FleetPolicy.FIXED
    boot_s: float = 120.0  # from asking for an instance until it starts the app
    allow_spot: bool = False  # for instances that are paid by the hour

    def __post_init__(self) -> None:
        """Each refusal names the field and what to enter instead."""
        check_requests_per_day(self.requests_per_day)
        if self.peak_to_mean.low < 1:
            raise TrafficError("peak_to_mean: a peak cannot lie below the mean; enter at least 1.")
        if self.growth_per_month.low <= -1 or self.growth_per_month.high > 1:
            raise TrafficError(
                "growth_per_month: enter a share per month above -1 and at most 1, such as 0.05 for 5 %."
            )
        if not 0 < self.objective_ms < math.inf:
            raise TrafficError("slo_p99_ms: enter a latency objective above 0 ms, such as 100.")
        if not 0 <= self.headroom <= 10:
            raise TrafficError("headroom: enter a share from 0 to 10, such as 0.25 for 25 %.")
        budget = self.monthly_budget
        if budget is not None and not (budget.is_finite() and budget > 0):
            raise TrafficError("monthly_budget: enter an amount above 0, or leave it empty.")
        check_thresholds(self.budget_thresholds)
        if self.payload_bytes < 0:
            raise TrafficError("payload_bytes: enter bytes per answer, 0 or more.")
        if self.database_rtt_ms < 0:
            raise TrafficError("database_rtt_ms: enter milliseconds per statement, 0 or more.")
        if not 1 <= self.burst <= 100:
            raise TrafficError("burst: enter a ratio from 1 (none) to 100.")
        if not 0 <= self.boot_s <= SECONDS_PER_DAY:
            raise TrafficError("boot_s: enter seconds from 0 to 86,400, such as 120.")

    @property
    def mean_rate(self) -> float:
        """Requests/s averaged over the day."""
        return float(self.requests_per_day) / SECONDS_PER_DAY

    @property
    def peak(self) -> Interval:
        """Peak over mean: the busiest hour of the shape, with its burst, or the ratio where there is no shape."""
        return self.peak_to_mean if self.shape is None else Interval.exact(self.shape.peak * self.burst)

    @property
    def requests_per_month(self) -> Decimal:
        """Requests in a month of 730 h (10M/day is 304.2M)."""
        return self.requests_per_day * HOURS_PER_MONTH / HOURS_PER_DAY

    def growth_factor(self, month: int) -> float:
        """Traffic of month 1, 2, ... relative to month 1, at the usual growth."""
        return float((1 + self.growth_per_month.mid) ** (month - 1))
