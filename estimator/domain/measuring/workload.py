"""What we ask a stack to do: benchmark profiles, load steps and the specification of a run."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

# Statements that one request sends to the database, BEGIN and COMMIT included, as the contract test counts them.
STATEMENTS: Mapping[str, int] = MappingProxyType(
    {
        "json": 0,
        "user_lookup": 1,
        "user_lookup_raw": 1,
        "article_page": 1,
        "create_order": 5,
        "upstream": 0,
        "cpu": 0,
        "stream": 0,
    }
)


class StepKind(StrEnum):
    """One stretch of load, by what decides the next arrival."""

    WARM_UP = "warm_up"  # open loop, not judged
    SATURATION = "saturation"  # closed loop: the next request follows the last answer
    OPEN_LOOP = "open_loop"  # arrivals keep to their schedule, whatever the server does
    HALF_CAPACITY = "half_capacity"  # open loop beside the second engine, at half of the capacity found
    LOCUST = "locust"  # the second engine
    CROWD = "crowd"  # closed loop with hundreds of connections, as published load tests do; never in the fit
    JOURNEY_PART = "journey_part"  # one part of a journey, as Locust's users saw it; never in the fit
    CONFIRMATION = "confirmation"  # open loop at the capacity that all blocks together tell; never in the fit


class SteadyRule(StrEnum):
    """How a warm-up is found to be over."""

    HALVES = "halves"  # its second half answers as fast as its first
    MSER5 = "mser5"  # the cut that leaves the steadiest rest lies in its first half


class Spacing(StrEnum):
    """How intended starts follow one another."""

    POISSON = "poisson"
    CONSTANT = "constant"


@dataclass(frozen=True, kw_only=True)
class LoadStep:
    """One stretch of load. `rate` is in requests/s and None for a closed loop."""

    kind: StepKind
    duration_s: float
    rate: float | None = None
    connections: int = 32
    discard_s: float = 0.0
    minimum_requests: int = 0
    spacing: Spacing = Spacing.POISSON
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Precision:
    """When enough blocks are measured: half-widths of 95 % t intervals over blocks, as shares, or the time is spent."""

    fewest_blocks: int
    most_blocks: int
    demand: float = 0.02
    capacity: float = 0.05
    budget_s: float = math.inf  # of the whole run; beyond the fewest blocks nothing is begun that would exceed it
    trial_budget_s: float = math.inf  # the same for each stack and workload of the run

    def budget_of(self, trials: int) -> float:
        """Seconds that a run of so many trials has; the narrower of the two budgets."""
        return min(self.budget_s, trials * self.trial_budget_s)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How much measuring a plan buys. Durations in seconds, rates as shares of the saturation throughput."""

    name: str
    blocks: int
    warm_up_s: float  # with the verification before it, whose requests are its first
    saturation_s: float
    window_s: float
    window_rates: tuple[float, ...]
    lower_rates: tuple[float, ...] = (0.5, 0.35)  # taken only where none of the others met the objective
    discard_s: float = 0.5
    half_capacity_s: float = 5.0  # beside the second engine
    gate_s: float = 2.0  # at half capacity without the second engine: only failed requests are looked for
    connections: int = 32
    crowd_connections: int = 0  # 0: no such window
    crowd_s: float = 5.0
    confirmation_s: float = 0.0  # at the estimated capacity; 0: no such window
    steady_rule: SteadyRule = SteadyRule.HALVES
    precision: Precision | None = None  # None: always so many blocks
    warm_up_rate: float = 0.6
    maximum_repeats: int = 3
    repeat_budget_s: float = 8.0  # of one trial, for repeats of windows that the machine disturbed
    ring_size: int = 1000
    patience_s: float = 10.0  # for answers that are still missing when a window ends

    @property
    def most_blocks(self) -> int:
        """No run has more blocks than this."""
        return self.precision.most_blocks if self.precision else self.blocks

    @property
    def confirmation_block(self) -> int | None:
        """The number of the round after the last block, the same however many blocks there were; None without one."""
        return self.most_blocks if self.confirmation_s else None


QUICK = Profile(
    name="quick",
    blocks=1,
    warm_up_s=3,
    saturation_s=3,
    window_s=3,
    window_rates=(0.70, 0.85, 0.93, 0.98),
)
STANDARD = Profile(
    name="standard",
    blocks=5,
    warm_up_s=8,
    saturation_s=4,
    window_s=5,
    window_rates=(0.70, 0.80, 0.88, 0.94, 0.98),
    crowd_connections=500,
    steady_rule=SteadyRule.MSER5,
    # 12 min for three stacks with one workload.
    precision=Precision(fewest_blocks=3, most_blocks=5, trial_budget_s=240.0),
    repeat_budget_s=12.0,
)
RIGOROUS = Profile(
    name="rigorous",
    blocks=10,
    warm_up_s=15,
    saturation_s=5,
    window_s=15,
    window_rates=(0.70, 0.80, 0.88, 0.94, 0.98),
    crowd_connections=500,
    confirmation_s=30.0,
    steady_rule=SteadyRule.MSER5,
    # The longest attempt the queue allows is 3 h; a plan of three stacks with one workload needs 2.3 h for 20 blocks.
    precision=Precision(fewest_blocks=10, most_blocks=20, budget_s=2.6 * 3600),
    repeat_budget_s=60.0,
)
# For tests of the machinery, never for a price: a run so short that its figures mean nothing.
SMOKE = Profile(
    name="smoke",
    blocks=1,
    warm_up_s=0.5,
    saturation_s=0.7,
    window_s=0.8,
    window_rates=(0.5, 0.8),
    lower_rates=(),
    discard_s=0.2,
    half_capacity_s=1.0,
    gate_s=1.0,
    ring_size=100,
    maximum_repeats=1,
    repeat_budget_s=1.0,
    patience_s=2.0,
)
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.name: profile for profile in (QUICK, STANDARD, RIGOROUS, SMOKE)}
)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One stack under one workload: the smallest thing a block measures, always in a fresh process.

    A variant is the stack `base` with other whole-number `settings`. A journey is a `mix` of workloads by weight, whose
    users think so long between two requests; `own_users` are those of a locustfile that the benchmark host has.
    """

    stack: str
    workload: str
    base: str = ""
    settings: tuple[tuple[str, int], ...] = ()
    mix: tuple[tuple[str, int], ...] = ()
    think_s: tuple[float, float] = (0.0, 0.0)
    own_users: bool = False


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """All a runner needs to know of a run. `finished_blocks` are not measured again after a restart; `spent_s` is the
    time since its first attempt began."""

    run: int
    attempt: int
    profile: Profile
    trials: tuple[Trial, ...]
    objective_ms: float
    seed: int
    confirm_with_locust: bool = True
    finished_blocks: frozenset[int] = field(default_factory=frozenset)
    spent_s: float = 0.0
