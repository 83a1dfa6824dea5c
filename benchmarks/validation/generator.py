"""The generator against wrk and Locust on null servers, against wrk on a real app, and its cost beside an app's."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.app_process import RunningApp
from benchmarks.load.engine import LoadEngine
from benchmarks.load.locust_engine import LocustResult, UserLoad, confirm_with_locust
from benchmarks.validation.ground import (
    REQUEST,
    Ground,
    closed_loop,
    never,
    null_asgi_server,
    server,
    target,
    verified_engine,
)
from benchmarks.validation.real_app import real_app
from benchmarks.validation.rows import Check, Row
from benchmarks.validation.wrk import INSTALL, WrkReport, run_wrk, wrk_path
from benchmarks.workloads import PreparedRequest
from estimator.domain.statistics import PairedComparison, paired_comparison

PAIRS, MOST_PAIRS, MORE_PAIRS, PAIR_SECONDS = 30, 90, 10, 1  # a neighbour disturbs seconds: many short ones tell more
NULL_PAIRS, NULL_SECONDS = 10, 1
LOCUST_ROUNDS, LOCUST_SECONDS = 3, 2.0
STACK, WORKLOAD = "fastapi", "json"
_WITHIN = (0.90, 1.10)
_NARROW = 0.05  # half-width of the interval of ln ratio from which on more pairs tell nothing new
_OF_WRK, _OF_LOCUST = 0.9, 4.0
_BEYOND_LOCUST = 30_000.0  # requests/s offered to it: it falls behind and shows its most
SATURATION = Check(
    name=f"`X_sat` against wrk, {STACK} `{WORKLOAD}`, same sitting",
    must_be=(
        f"95 % interval of the geometric mean, {PAIRS} to {MOST_PAIRS} interleaved pairs,"
        f" inside {_WITHIN[0]:.2f}-{_WITHIN[1]:.2f}"
    ),
)
NULL_WRK = Check(name="generator against a null ASGI server, one core", must_be=f"at least {_OF_WRK:g} of wrk's rate")
NULL_LOCUST = Check(
    name="generator against the same null ASGI server", must_be=f"at least {_OF_LOCUST:g} times Locust FastHttpUser's"
)
RAW = Check(name="generator against our own null server, which is faster", must_be="not asked for")


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Ours and wrk's, pair by pair: requests/s, CPU-microseconds per request, and the share of its core we used."""

    rates: Sequence[float]
    wrk_rates: Sequence[float]
    cpu_us: Sequence[float] = ()
    wrk_cpu_us: Sequence[float] = ()
    busy: float = 0.0

    @property
    def comparison(self) -> PairedComparison:
        """Ours over wrk's."""
        return paired_comparison(self.rates, self.wrk_rates)

    @property
    def narrow(self) -> bool:
        """Whether the interval is; looks at its width alone, never at where it lies."""
        found = self.comparison
        return math.log(found.high / found.low) / 2 <= _NARROW

    def joined(self, more: "Pairs") -> "Pairs":
        """With pairs that were measured after these."""
        many, few = len(self.rates), len(more.rates)
        return Pairs(
            rates=[*self.rates, *more.rates],
            wrk_rates=[*self.wrk_rates, *more.wrk_rates],
            cpu_us=[*self.cpu_us, *more.cpu_us],
            wrk_cpu_us=[*self.wrk_cpu_us, *more.wrk_cpu_us],
            busy=(self.busy * many + more.busy * few) / (many + few),
        )

    @property
    def text(self) -> str:
        """The ratio with its interval, and what lies behind it."""
        found, ratios = self.comparison, [mine / its for mine, its in zip(self.rates, self.wrk_rates, strict=True)]
        return (
            f"{found.ratio:.3f} ({found.low:.3f}-{found.high:.3f}; {statistics.median(self.rates):,.0f} against"
            f" {statistics.median(self.wrk_rates):,.0f} req/s, {found.pairs} pairs {min(ratios):.2f}-{max(ratios):.2f};"
            f" own core {self.busy:.0%} busy)"
        )


def check_saturation(ground: Ground, *, pairs: int = PAIRS, seconds: int = PAIR_SECONDS) -> list[Row]:
    """About 80 s, up to 4 min on a noisy machine: the closed loop that gives X_sat, and wrk, in turns on one app."""
    if wrk_path() is None:
        return [SATURATION.not_testable(INSTALL)]
    with real_app(ground, STACK, WORKLOAD) as (app, ring), verified_engine(ground, app, ring) as engine:

        def measure(count: int) -> Pairs:
            return interleaved(ground, app, engine, pairs=count, seconds=seconds, request=ring[0])

        return [saturation_row(until_narrow(measure, pairs=pairs))]


def until_narrow(measure: Callable[[int], Pairs], *, pairs: int = PAIRS, most: int = MOST_PAIRS) -> Pairs:
    """So many pairs, and more where the machine is so noisy that the interval is wide."""
    found = measure(pairs)
    while not found.narrow and len(found.rates) < most:
        found = found.joined(measure(MORE_PAIRS))
    return found


def saturation_row(pairs: Pairs) -> Row:
    """Held when the whole interval lies inside the bound."""
    found = pairs.comparison
    return SATURATION.judged(pairs.text, holds=_WITHIN[0] <= found.low and found.high <= _WITHIN[1])


def check_null(ground: Ground, *, pairs: int = NULL_PAIRS, rounds: int = LOCUST_ROUNDS) -> list[Row]:
    """About 100 s: both null servers against wrk, the ASGI one also against Locust."""
    with null_asgi_server(ground) as app, verified_engine(ground, app) as engine:
        ours, locusts = against_locust(ground, app, engine, rounds=rounds)
        locust = locust_row(ours, [one.achieved_rate for one in locusts])
        if wrk_path() is None:
            return [NULL_WRK.not_testable(INSTALL), locust, RAW.not_testable(INSTALL)]
        null = null_row(interleaved(ground, app, engine, pairs=pairs, seconds=NULL_SECONDS))
    return [null, locust, RAW.told(raw_pairs(ground, pairs=pairs).text)]


def null_row(pairs: Pairs) -> Row:
    """The geometric mean decides; its interval is told."""
    return NULL_WRK.judged(pairs.text, holds=pairs.comparison.ratio >= _OF_WRK)


def locust_row(ours: Sequence[float], locusts: Sequence[float]) -> Row:
    """Rates of interleaved rounds; a round without any answer of Locust counts as one request/s."""
    ratios = [mine / max(1.0, its) for mine, its in zip(ours, locusts, strict=True)]
    middle = statistics.geometric_mean(ratios)
    rates = f"{statistics.median(ours):,.0f} against {statistics.median(locusts):,.0f} req/s"
    return NULL_LOCUST.judged(
        f"{middle:.1f} times ({rates}, {len(ratios)} rounds {min(ratios):.1f}-{max(ratios):.1f})",
        holds=middle >= _OF_LOCUST,
    )


def raw_pairs(ground: Ground, *, pairs: int, seconds: int = NULL_SECONDS) -> Pairs:
    """Our own null server answers faster than either generator asks: this shows the generators themselves."""
    with server(ground, "null") as app, verified_engine(ground, app) as engine:
        return interleaved(ground, app, engine, pairs=pairs, seconds=seconds)


def interleaved(
    ground: Ground,
    app: RunningApp,
    engine: LoadEngine,
    *,
    pairs: int,
    seconds: int,
    request: PreparedRequest = REQUEST,
) -> Pairs:
    """Pairs in turns, the first of each pair alternating, so that a drift of the machine falls on both."""
    ours, theirs, busy = list[float](), list[WrkReport](), list[float]()
    cpu_us: list[float] = []

    def mine() -> None:
        result = closed_loop(engine, seconds)
        ours.append(result.completed / result.duration_s)
        busy.append(result.generator_cpu_s / result.duration_s)
        cpu_us.append(result.generator_cpu_s / result.completed * 1e6)

    def its() -> None:
        theirs.append(run_wrk(ground, app, seconds=seconds, request=request))

    for pair in range(pairs):
        for measure in (mine, its) if pair % 2 == 0 else (its, mine):
            measure()
    return Pairs(
        rates=ours,
        wrk_rates=[report.rate for report in theirs],
        cpu_us=cpu_us,
        wrk_cpu_us=[report.cpu_us for report in theirs],
        busy=statistics.median(busy),
    )


def against_locust(
    ground: Ground, app: RunningApp, engine: LoadEngine, *, rounds: int, seconds: float = LOCUST_SECONDS
) -> tuple[list[float], list[LocustResult]]:
    """Our rates and what Locust did, in turns."""
    ours: list[float] = []
    theirs: list[LocustResult] = []
    for _ in range(rounds):
        result = closed_loop(engine, seconds)
        ours.append(result.completed / result.duration_s)
        theirs.append(locust_at_most(ground, app, seconds=seconds))
    return ours, theirs


def locust_at_most(ground: Ground, app: RunningApp, *, seconds: float) -> LocustResult:
    """As fast as one Locust process can."""
    return confirm_with_locust(
        target(app),
        UserLoad(rate=_BEYOND_LOCUST, duration_s=seconds, warm_s=1.0),
        cpus=ground.cores.load,
        log=ground.log("locust"),
        record_folder=ground.records,
        should_stop=never,
    )
