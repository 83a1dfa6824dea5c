"""Published figures as values, what was measured beside them, and what a check says of each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

import numpy as np

from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import TrafficTarget, format_traffic
from estimator.domain.performance.capacity import DISTURBED_WIDENING, FEWEST_BLOCKS, SIGMA_FEW_BLOCKS
from estimator.domain.statistics import Z975, Interval, paired_comparison, student_t_quantile, unpaired_comparison

Place = tuple[str, str]  # stack and workload, by slug


class Check(StrEnum):
    """The rule by which a claim is checked."""

    THROUGHPUT = "throughput"
    THROUGHPUT_RATIO = "throughput_ratio"
    CROWD_P99 = "crowd_p99"
    MEMORY = "memory"
    COLD_START = "cold_start"
    COLD_START_BELOW = "cold_start_below"
    CPU_GAP = "cpu_gap"
    MONTHLY_COST = "monthly_cost"
    SAME_COST_BELOW = "same_cost_below"
    ENTRY_PRICE = "entry_price"
    NONE = "none"


class ClaimVerdict(StrEnum):
    """What can be said of a claim."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not reproduced"
    UNSUPPORTED = "unsupported"
    INCONSISTENT = "inconsistent with itself"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One published figure. `claimed` is None where the claim is in words; stacks and workload are slugs."""

    slug: str
    check: Check
    topic: str = ""
    subject: str = ""
    metric: str = ""
    claimed: Interval | None = None
    unit: str = ""
    stack: str = ""
    other_stack: str = ""
    workload: str = ""
    connections: int | None = None
    cores: int | None = None  # of the machine that the source measured on
    requests_per_day: Decimal | None = None
    conditions: str = ""
    contradiction: str = ""  # in the source's own words or figures, as a reader found it

    @property
    def value_text(self) -> str:
        """The figure with its unit, as it was published; the metric alone says it where there is none."""
        if self.claimed is None:
            return ""
        low, high = (f"{end:,.10g}" for end in (self.claimed.low, self.claimed.high))
        return f"{low}{'' if self.claimed.is_exact else f' to {high}'} {self.unit}".strip()


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One quantity of one stack, by block, all above zero; with few blocks its spread is the stated prior."""

    run: str
    blocks: Mapping[int, float]
    cores: int = 1
    disturbed: bool = False

    @property
    def mid(self) -> float:
        """The geometric mean of the blocks."""
        return math.exp(float(np.mean(np.log(list(self.blocks.values())))))

    @property
    def interval(self) -> Interval:
        """Two-sided, 95 %, on the logarithm."""
        factor = math.exp(self._quantile * self.sigma)
        return Interval(low=self.mid / factor, mid=self.mid, high=self.mid * factor)

    @property
    def few(self) -> bool:
        """Whether too few blocks tell a spread."""
        return len(self.blocks) < FEWEST_BLOCKS

    @property
    def sigma(self) -> float:
        """The standard error of ln `mid`."""
        widening = DISTURBED_WIDENING if self.disturbed else 1.0
        if self.few:
            return widening * SIGMA_FEW_BLOCKS
        logs = np.log(list(self.blocks.values()))
        return widening * float(logs.std(ddof=1)) / math.sqrt(logs.size)

    @property
    def _quantile(self) -> float:
        return Z975 if self.few else student_t_quantile(0.975, len(self.blocks) - 1)


def ratio_of(first: Observed, second: Observed) -> Interval:
    """First over second with its 95 % interval: paired by block where both are of one run, as capacities are."""
    both = sorted(set(first.blocks) & set(second.blocks)) if first.run == second.run else []
    if first.few or second.few:
        ratio = first.mid / second.mid
        factor = math.exp(Z975 * math.hypot(first.sigma, second.sigma))
        return Interval(low=ratio / factor, mid=ratio, high=ratio * factor)
    if len(both) >= FEWEST_BLOCKS:
        found = paired_comparison(*([one.blocks[block] for block in both] for one in (first, second)))
    else:
        found = unpaired_comparison(*(tuple(one.blocks.values()) for one in (first, second)))
    widening = DISTURBED_WIDENING if first.disturbed or second.disturbed else 1.0
    low, high = (found.ratio * (end / found.ratio) ** widening for end in (found.low, found.high))
    return Interval(low=low, mid=found.ratio, high=high)


class Quantity(StrEnum):
    """What is observed of a stack."""

    THROUGHPUT = "throughput"  # requests/s at saturation
    CROWD_P99 = "p99 with a crowd of connections"  # ms
    MEMORY = "idle memory"  # MiB of all its processes
    COLD_START = "cold start"  # s, spawn to first right answer


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What a stack costs a month: the cheapest fleet, and the range over it and each provider's reference type."""

    stack: str
    run: str
    cheapest: Money
    low: Money
    high: Money
    fleet: str  # the cheapest, in words
    constraint: str  # what decides its number of instances

    @property
    def interval(self) -> Interval:
        """Only to be compared with a claim; money that is shown stays Decimal."""
        low, mid, high = (float(money.amount) for money in (self.low, self.cheapest, self.high))
        return Interval(low=low, mid=mid, high=high)


@dataclass(frozen=True, kw_only=True)
class SameCost:
    """The traffic at which the bills of these stacks first differ; None where they differ at none that was searched."""

    per_day: Decimal | None
    stacks: tuple[str, ...]
    runs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that claims are held against; what is missing was not measured."""

    observed: Mapping[tuple[Quantity, str, str], Observed] = field(default_factory=dict)  # stack, workload
    bills: Mapping[tuple[str, Decimal], Bill] = field(default_factory=dict)  # stack, requests per day
    entries: Mapping[str, Bill] = field(default_factory=dict)  # one instance, by stack
    same_cost: SameCost | None = None
    target: TrafficTarget = field(default_factory=TrafficTarget)
    titles: Mapping[str, str] = field(default_factory=dict)
    plans: Mapping[Place, str] = field(default_factory=dict)  # a plan that measures the pair
    crowd_plans: Mapping[Place, str] = field(default_factory=dict)  # one that has the crowd's window too

    def find(self, quantity: Quantity, stack: str, workload: str) -> Observed | None:
        """What was seen, or None."""
        return self.observed.get((quantity, stack, workload))

    def title(self, stack: str) -> str:
        """What people call a stack."""
        return self.titles.get(stack, stack)

    def remedy(self, stack: str, workload: str, *, crowd: bool = False) -> str:
        """How to measure a pair, in words."""
        plan = (self.crowd_plans if crowd else self.plans).get((stack, workload))
        profile = " with the profile standard" if crowd else ""
        under = f"{self.title(stack)} under {workload!r}" if workload else self.title(stack)
        return f"run the plan {plan!r}" if plan else f"enter a plan{profile} that measures {under}, and run it"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Claim and measurement in one unit, with the runs behind it. A ratio's `against` says over what."""

    claimed: Interval
    ours: Interval
    unit: str
    against: str = ""
    runs: tuple[str, ...] = ()

    @property
    def off_by(self) -> float:
        """Claim over measurement."""
        return self.claimed.mid / self.ours.mid

    @property
    def text(self) -> str:
        """Our figure with its interval and unit."""
        if self.unit == "requests/day":
            return "no difference found" if math.isinf(self.ours.mid) else format_traffic(self.ours.mid)
        unit = "times" if self.unit == "ratio" else self.unit
        return f"{range_text(self.ours)} {unit} {self.against}".strip()


@dataclass(frozen=True, kw_only=True)
class ClaimCheck:
    """A claim beside what we measured. `holds_if` is empty where nothing has to be assumed."""

    claim: Claim
    verdict: ClaimVerdict
    why: str
    holds_if: str = ""
    finding: Finding | None = None
    absolute: Finding | None = None  # beside a ratio: the figure itself, of hardware that differs

    @property
    def ours(self) -> str:
        """Our figure in words; a missing one is never a guess."""
        if self.finding is None:
            return "cannot be measured" if self.claim.check is Check.NONE else "not measured"
        return self.finding.text

    @property
    def runs(self) -> tuple[str, ...]:
        """Where our figures come from."""
        found = [run for one in (self.finding, self.absolute) if one for run in one.runs]
        return tuple(dict.fromkeys(found))


def figure(value: float) -> str:
    """Three digits that mean something, thousands in groups; whole above a hundred."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{float(f'{value:.3g}'):,.10g}"


def range_text(interval: Interval) -> str:
    """`2.31 (2.1 to 2.5)`; one figure where there is no doubt."""
    low, mid, high = (figure(end) for end in (interval.low, interval.mid, interval.high))
    return mid if interval.is_exact else f"{mid} ({low} to {high})"
