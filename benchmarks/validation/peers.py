"""Our own speed: the generator beside Locust on one null server, and a projection over the whole catalogue."""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.load.locust_engine import confirm_with_locust
from benchmarks.validation.ground import Ground, never, server, target, verified_engine
from benchmarks.validation.synthetic import OBJECTIVE_MS, synthetic_run
from benchmarks.validation.wrk import closed_loop
from estimator.catalogue.reader import Catalogue, HardwareRow, PriceRow, read_catalogue
from estimator.domain.capacity import Capacity
from estimator.domain.costing import DRAWS
from estimator.domain.hardware import CpuSpeed, HardwareProfile, Smt
from estimator.domain.pricing import Candidate, Price
from estimator.domain.projection import project
from estimator.domain.traffic import TrafficTarget

ROUNDS, SECONDS, REPEATS = 3, 2.0, 7
_BEYOND_LOCUST = 30_000.0  # requests/s offered to it: it falls behind and shows its most
_DEMANDS_S = (0.0010, 0.0016, 0.0022)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table; `spread` says how far the repeats lay apart."""

    what: str
    measured: str
    spread: str


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one generator did: requests/s, and its own CPU-microseconds per request."""

    rate: float
    cpu_us: float


def generator_figures(ground: Ground) -> list[Figure]:
    """About 30 s: interleaved rounds, each generator alone on the load's cores."""
    ours: list[Load] = []
    locusts: list[Load] = []
    with server(ground, "null") as app:
        for _ in range(ROUNDS):
            with verified_engine(ground, app) as engine:
                result = closed_loop(engine, SECONDS)
            cpu_us = result.generator_cpu_s / result.completed * 1e6
            ours.append(Load(rate=result.completed / result.duration_s, cpu_us=cpu_us))
            seen = confirm_with_locust(
                target(app),
                rate=_BEYOND_LOCUST,
                duration_s=SECONDS,
                warm_s=1.0,
                cpus=ground.cores.load,
                log=ground.log("locust"),
                record_folder=ground.records,
                should_stop=never,
            )
            cpu_us = seen.generator_cpu_s / max(1, seen.requests) * 1e6
            locusts.append(Load(rate=seen.achieved_rate, cpu_us=cpu_us))
    return compared(ours, locusts)


def compared(ours: Sequence[Load], locusts: Sequence[Load]) -> list[Figure]:
    """Ratios of each round; a round without any answer of Locust counts as one request/s."""
    faster = [mine.rate / max(1.0, its.rate) for mine, its in zip(ours, locusts, strict=True)]
    cheaper = [its.cpu_us / mine.cpu_us for mine, its in zip(ours, locusts, strict=True)]
    rates = [statistics.median(load.rate for load in loads) for loads in (ours, locusts)]
    costs = [statistics.median(load.cpu_us for load in loads) for loads in (ours, locusts)]
    return [
        Figure(
            what="highest rate on a null server, ours / Locust's FastHttpUser",
            measured=f"{statistics.median(faster):.1f} x ({rates[0]:,.0f} / {rates[1]:,.0f} requests/s)",
            spread=f"{min(faster):.1f}-{max(faster):.1f} in {len(faster)} rounds",
        ),
        Figure(
            what="generator's CPU per request, Locust's / ours",
            measured=f"{statistics.median(cheaper):.1f} x ({costs[1]:.0f} / {costs[0]:.0f} microseconds)",
            spread=f"{min(cheaper):.1f}-{max(cheaper):.1f} in {len(cheaper)} rounds",
        ),
    ]


def projection_figure(*, core: int, repeats: int = REPEATS) -> Figure:
    """Every stack on every machine of the shipped catalogue in every term, from fitted capacities to the verdict."""
    candidates = catalogue_candidates(read_catalogue())
    times_s, rows = [], 0
    with on_core(core):
        for _ in range(repeats):
            capacities = [synthetic_stack(demand_s) for demand_s in _DEMANDS_S]  # anew: nothing of them is cached
            took_s, rows = _projection_s(capacities, candidates)
            times_s.append(took_s)
    size = f"{len(candidates):,} prices x {len(_DEMANDS_S)} stacks, {DRAWS:,} draws, {rows:,} rows, one core"
    return Figure(
        what=f"projection of the whole catalogue, all terms and regions ({size})",
        measured=f"{statistics.median(times_s):.2f} s",
        spread=f"{min(times_s):.2f}-{max(times_s):.2f} s in {len(times_s)} repeats",
    )


def synthetic_stack(demand_s: float) -> Capacity:
    """A stack of five blocks, as a standard run gives."""
    return synthetic_run(1, demand_s=demand_s, stack=f"{demand_s * 1000:g} ms")


def _projection_s(capacities: Sequence[Capacity], candidates: Sequence[Candidate]) -> tuple[float, int]:
    started_s = time.perf_counter()
    projection = project(
        target=TrafficTarget(objective_ms=OBJECTIVE_MS), capacities=capacities, candidates=candidates, draws=DRAWS
    )
    return time.perf_counter() - started_s, len(projection.rows)


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """This process on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def catalogue_candidates(catalogue: Catalogue) -> list[Candidate]:
    """The shipped files as the domain sees them, without a database between."""
    machines = {(row.provider, row.name): _machine(row) for row in catalogue.hardware}
    return [Candidate(hardware=machines[row.provider, row.name], price=_price(row)) for row in catalogue.prices]


def _machine(row: HardwareRow) -> HardwareProfile:
    return HardwareProfile(
        provider=row.provider,
        name=row.name,
        vcpus=row.vcpus,
        memory_mib=float(row.memory_mib),
        burstable=row.burstable,
        network_mbit_s=float(row.network_mbps) if row.network_mbps else None,
        speed=CpuSpeed(single_thread=row.single_thread_score, smt=Smt(row.vcpu_kind), model=row.cpu_model),
    )


def _price(row: PriceRow) -> Price:
    return Price(
        region=row.region,
        term=row.term,
        hourly=row.hourly,
        upfront=row.upfront,
        currency=row.currency,
        source=row.source,
        as_of=row.as_of,
        disputed="sources disagree" if row.cross_check == "disagrees" else "",
    )
