"""The generator beside wrk and Locust's FastHttpUser on one null server: rates, CPU, and what each says of a stall."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load.locust_engine import UserLoad, confirm_with_locust
from benchmarks.validation.figures import Figure, middle, spread
from benchmarks.validation.generator import Pairs, locust_at_most, raw_pairs
from benchmarks.validation.ground import HERE, REQUEST, Ground, never, server, target
from benchmarks.validation.stall import RATE, SECONDS, TRUE_MEAN_MS, TRUE_P90_MS, stalled_step
from benchmarks.validation.wrk import INSTALL, run_wrk, wrk_path

PAIRS, ROUNDS, ROUND_SECONDS = 9, 3, 2
_LOCUST_WARM_S = 2.0
# Answers given before the stall: a few to start, and Locust's warm-up, so that the stall falls into what is counted.
_STALLS_AT, _STALLS_AT_LOCUST = 150, 400
_PAUSED_CONNECTIONS = 10  # each with a pause of 100 ms: 100 requests/s


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one generator did: requests/s, and its own CPU-microseconds per request."""

    rate: float
    cpu_us: float


def generator_figures(ground: Ground, *, pairs: int = PAIRS, rounds: int = ROUNDS) -> list[Figure]:
    """About 70 s: each generator alone on the load's cores, in turns."""
    with server(ground, "null") as app:
        seen = [locust_at_most(ground, app, seconds=ROUND_SECONDS) for _ in range(rounds)]
    locusts = [Load(rate=one.achieved_rate, cpu_us=one.generator_cpu_s / max(1, one.requests) * 1e6) for one in seen]
    if wrk_path() is None:
        return [Figure(what="generators on a null server", measured=INSTALL, spread="")]
    return compared(raw_pairs(ground, pairs=pairs, seconds=ROUND_SECONDS), locusts)


def compared(pairs: Pairs, locusts: Sequence[Load]) -> list[Figure]:
    """Rates and CPU of all three, and the ratios; a round without any answer of Locust counts as one request/s."""
    rates, locust_rates = pairs.rates, [max(1.0, load.rate) for load in locusts]
    locust_us, own_us = [load.cpu_us for load in locusts], statistics.median(pairs.cpu_us)
    beyond = [statistics.median(rates) / rate for rate in locust_rates]
    found = pairs.comparison
    return [
        _figure("highest rate on a null server, requests/s: ours", rates),
        _figure("the same: wrk", pairs.wrk_rates),
        _figure("the same: Locust's FastHttpUser", locust_rates),
        Figure(
            what="the same: ours over wrk's",
            measured=f"{found.ratio:.3f}",
            spread=f"95 % interval {found.low:.3f}-{found.high:.3f} of {found.pairs} pairs",
        ),
        Figure(what="the same: ours over Locust's", measured=middle(beyond, ".1f"), spread=spread(beyond, ".1f")),
        _figure("generator's CPU per request there, microseconds: ours", pairs.cpu_us, ",.1f"),
        _figure("the same: wrk", pairs.wrk_cpu_us, ",.1f"),
        _figure(f"the same: Locust's FastHttpUser, {statistics.median(locust_us) / own_us:.0f} x ours", locust_us),
    ]


def _figure(what: str, values: Sequence[float], form: str = ",.0f") -> Figure:
    return Figure(what=what, measured=middle(values, form), spread=spread(values, form))


@dataclass(frozen=True, kw_only=True)
class StallReport:
    """What a tool says of one server that stalled one second once under 100 requests/s for 5 s."""

    requests: int
    mean_ms: float
    p90_ms: float


def stall_figures(ground: Ground, *, rounds: int = ROUNDS) -> list[Figure]:
    """About 25 s a round: what each tool reports, beside what an independent user would have seen."""
    tools = {"ours": _ours, "Locust's FastHttpUser": _locust, **({"wrk": wrk_on_a_stall} if wrk_path() else {})}
    seen = {name: [measure(ground) for _ in range(rounds)] for name, measure in tools.items()}
    truth = StallReport(requests=RATE * SECONDS, mean_ms=TRUE_MEAN_MS, p90_ms=TRUE_P90_MS)
    what = f"server that stalls 1 s once, {RATE} requests/s for {SECONDS} s"
    return [
        Figure(what=f"{what}: the truth", measured=stall_text([truth]), spread="exact"),
        *(stall_figure(f"the same: {name} reports", reports) for name, reports in seen.items()),
    ]


def stall_figure(what: str, reports: Sequence[StallReport]) -> Figure:
    """Medians; the spread is that of the mean."""
    means = [report.mean_ms for report in reports]
    return Figure(what=what, measured=stall_text(reports), spread=f"mean {spread(means, ',.1f')}")


def stall_text(reports: Sequence[StallReport]) -> str:
    """`mean 100 ms, p90 500 ms of 500 requests`."""
    mean, p90 = ([getattr(report, name) for report in reports] for name in ("mean_ms", "p90_ms"))
    requests = middle([report.requests for report in reports])
    return f"mean {middle(mean, ',.3g')} ms, p90 {middle(p90, ',.3g')} ms of {requests} requests"


def _ours(ground: Ground) -> StallReport:
    latency = stalled_step(ground).latency
    return StallReport(
        requests=latency.total, mean_ms=latency.mean_ms() or 0.0, p90_ms=latency.percentile_ms(90) or 0.0
    )


def wrk_on_a_stall(ground: Ground) -> StallReport:
    """Ten connections that each wait 100 ms after an answer: a closed loop that offers 100 requests/s at most."""
    with server(ground, f"stall:{_STALLS_AT}") as app:
        seen = run_wrk(
            ground,
            app,
            seconds=SECONDS,
            request=REQUEST,
            connections=_PAUSED_CONNECTIONS,
            script=HERE / "pace.lua",
        )
    return StallReport(requests=seen.requests, mean_ms=seen.mean_ms, p90_ms=seen.p90_ms)


def _locust(ground: Ground) -> StallReport:
    with server(ground, f"stall:{_STALLS_AT_LOCUST}") as app:
        seen = confirm_with_locust(
            target(app),
            UserLoad(rate=RATE, duration_s=SECONDS, warm_s=_LOCUST_WARM_S),
            cpus=ground.cores.load,
            log=ground.log("locust"),
            record_folder=ground.records,
            should_stop=never,
        )
    latency = seen.latency
    return StallReport(
        requests=latency.total, mean_ms=latency.mean_ms() or 0.0, p90_ms=latency.percentile_ms(90) or 0.0
    )
