"""How long a projection over the whole shipped catalogue takes."""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from benchmarks.validation.figures import Figure
from benchmarks.validation.synthetic import OBJECTIVE_MS, synthetic_run
from estimator.catalogue.reader import Catalogue, HardwareRow, PriceRow, read_catalogue
from estimator.domain.cost.costing import DRAWS
from estimator.domain.cost.pricing import Candidate, Price
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import CpuSpeed, HardwareProfile, Smt
from estimator.domain.performance.capacity import Capacity
from estimator.domain.reporting.projection import project

REPEATS = 7
_DEMANDS_S = (0.0010, 0.0016, 0.0022)
_HOST = CpuSpeed(single_thread=3.4, smt=Smt.HIDDEN)


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
    """A stack of five blocks, as a standard run gives, on a processor whose speed is published.

    So each speed in the catalogue has draws of its own; without it, one vCPU would be taken for another.
    """
    return replace(synthetic_run(1, demand_s=demand_s, stack=f"{demand_s * 1000:g} ms"), host=_HOST)


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
