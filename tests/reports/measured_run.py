"""A run as a bench worker would record it, through the same services; the machine in it is an M/M/1 queue."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from estimator.domain.measuring.measurement import (
    BlockFinished,
    Histogram,
    HostFacts,
    Measurement,
    Progress,
    ResourceUse,
    StackFailed,
    StackStarted,
    TrialFinished,
    Window,
)
from estimator.domain.measuring.workload import QUICK, Profile, StepKind
from estimator.models import BenchmarkPlan, HardwareProfile, Run, Workload
from estimator.services import hosts, recording, runs
from estimator.services.stacks import StackFacts, register_stacks

# CPU-seconds per request of each stack; all three in the range seen on a shared machine.
DEMANDS_S: Mapping[str, float] = {"fastapi": 0.00180, "flask": 0.00165, "django": 0.00150}
FACTS = {
    "kernel": "6.8.0",
    "machine": "x86_64",
    "cpu_vendor": "AuthenticAMD",
    "cpu_model_name": "AMD EPYC",
    "cores_online": 2,
    "memory_mib": 7900,
    "virtualised": True,
}
SETTINGS = {"workers": 1, "threads": 8, "pool_size": 8, "keep_alive_s": 75, "access_log": False, "json": "compact"}
_TITLES = {
    "fastapi": ("FastAPI on Uvicorn", "FastAPI", "Uvicorn", {"threads": "event loop", "orm": "SQLAlchemy 2 async"}),
    "flask": ("Flask on Gunicorn", "Flask", "Gunicorn", {"orm": "SQLAlchemy 2"}),
    "django": ("Django on Gunicorn", "Django", "Gunicorn", {"orm": "Django ORM"}),
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a test gets to work with."""

    plan: BenchmarkPlan
    run: Run


def register() -> BenchmarkPlan:
    """The three stacks and a plan that measures them."""
    register_stacks([_facts(slug, position) for position, slug in enumerate(_TITLES, 1)])
    plan, new = BenchmarkPlan.objects.get_or_create(name="Three frameworks", defaults={"profile": "quick"})
    if new:
        plan.stacks.set(workload_stacks())
        plan.workloads.set(Workload.objects.all())
    return plan


def workload_stacks() -> Iterable[int]:
    """Primary keys of the stacks that serve the headline workload."""
    return Workload.objects.get(slug="user_lookup").stacks.values_list("pk", flat=True)


def _facts(slug: str, position: int) -> StackFacts:
    title, framework, server, settings = _TITLES[slug]
    return StackFacts(
        slug=slug,
        title=title,
        framework=framework,
        server=server,
        folder=f"{slug}_app",
        position=position,
        manifest_hash=f"{position:064d}",
        settings={**SETTINGS, **settings},
        workloads=["user_lookup"],
    )


def host(name: str = "this-machine") -> HardwareProfile:
    """The registered machine that measures."""
    return hosts.register_host(name=name, facts=FACTS, canary_score=None)


def claimed(host_name: str = "this-machine") -> runs.Claim:
    """A run that the bench worker of a host has just taken; a host takes one at a time."""
    run = runs.request_run(plan=register(), seed=7)
    claim = runs.claim_run(run.pk, host=host(host_name))
    assert claim is not None
    return claim


def measure(
    *,
    failing: Mapping[str, str] | None = None,
    demands_s: Mapping[str, float] = DEMANDS_S,
    host_name: str = "this-machine",
) -> Measured:
    """A whole run, measured to its end; `failing` stacks end with their reason."""
    claim = claimed(host_name)
    for measurement in measurements(demands_s, failing=failing or {}):
        recording.record(claim, measurement)
    runs.finish_run(claim)
    run = Run.objects.get(pk=claim.run)
    return Measured(plan=run.plan, run=run)


def measurements(
    demands_s: Mapping[str, float], *, failing: Mapping[str, str], profile: Profile = QUICK
) -> Iterator[Measurement]:
    """What the bench yields for one block."""
    yield HostFacts(facts=FACTS)
    for number, (stack, demand_s) in enumerate(demands_s.items()):
        yield Progress(message=f"{stack}: starting", share=number / 3, remaining_s=40 * (3 - number))
        if stack in failing:
            yield StackFailed(stack=stack, workload="user_lookup", block=0, reason=failing[stack])
            continue
        yield from stack_measurements(stack, demand_s, profile=profile)
    yield BlockFinished(block=0)


def stack_measurements(
    stack: str, demand_s: float, *, profile: Profile = QUICK, workload: str = "user_lookup", block: int = 0
) -> Iterator[Measurement]:
    """One stack from its cold start to its last window."""
    named: dict[str, Any] = {"stack": stack, "workload": workload, "block": block}
    versions = {"python": "3.11.9", stack: "1.0"}
    yield StackStarted(**named, cold_start_s=0.81, idle_memory_mib=61.0, versions=versions)
    top = 1 / demand_s
    for sequence, step in enumerate(_steps(profile, top)):
        yield replace(window(stack, demand_s, sequence=sequence, **step), workload=workload, block=block)
    yield TrialFinished(**named)


def _steps(profile: Profile, top: float) -> Iterator[dict[str, Any]]:
    yield {"kind": StepKind.SATURATION, "rho": 1.0, "duration_s": profile.saturation_s}
    for share in profile.window_rates:
        yield {"kind": StepKind.OPEN_LOOP, "rho": share, "offered": share * top}
    for kind in (StepKind.HALF_CAPACITY, StepKind.LOCUST):
        yield {"kind": kind, "rho": 0.47, "offered": 0.47 * top, "duration_s": 5.0}


@lru_cache(maxsize=512)  # frozen values, asked for again by each test
def window(
    stack: str,
    demand_s: float,
    *,
    sequence: int,
    kind: StepKind,
    rho: float,
    offered: float | None = None,
    duration_s: float = 3.0,
) -> Window:
    """A window of the queue at utilisation `rho`: exponential sojourn times, seeded by stack and place."""
    rng = np.random.default_rng([sequence, *stack.encode()])
    count = int(rho / demand_s * duration_s)
    mean_s = demand_s / max(0.03, 1 - rho) if kind is not StepKind.SATURATION else 32 * demand_s
    latencies_us = (rng.exponential(mean_s, count) * 1e6).astype(int) + int(demand_s * 1e6)
    use = ResourceUse(
        app_cpu_s=count * demand_s,
        database_cpu_s=count * 0.0002,
        app_core_busy=rho,
        memory_mib=74.0,
        canary_speed=0.93,
        canary_slowest=0.81,
    )
    return Window(
        stack=stack,
        workload="user_lookup",
        block=0,
        sequence=sequence,
        kind=kind,
        offered_rate=offered,
        duration_s=duration_s,
        scheduled=count,
        sent=count,
        completed=count,
        latency=Histogram.of(latencies_us.tolist()),
        lateness=Histogram.of([60] * count),
        resources=use,
        generator_share=0.1,
    )
