"""The cast of the run tests: a host, a plan of two stacks, and what an attempt may record."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread
from typing import TypeVar

from django.db import connection
from django.utils import timezone

from estimator.domain.measuring.measurement import Histogram, StackStarted, Window
from estimator.domain.measuring.workload import StepKind
from estimator.models import BenchmarkPlan, HardwareProfile, HostLease, Run, RunEvent, Stack, Workload
from estimator.services import runs

Result = TypeVar("Result")


def a_host(name: str = "bench-1") -> HardwareProfile:
    return HardwareProfile.objects.create(
        provider="host", name=name, vcpus=2, memory_mib=4096, source="test", as_of=date(2026, 11, 1)
    )


def a_stack(slug: str, *, workloads: tuple[str, ...] = ("user_lookup",), active: bool = True) -> Stack:
    stack = Stack.objects.create(slug=slug, title=slug, framework=slug, server="s", folder=slug, active=active)
    for workload in workloads:
        stack.workloads.add(Workload.objects.get_or_create(slug=workload, defaults={"title": workload})[0])
    return stack


def a_plan(name: str = "plan", *, stacks: tuple[str, ...] = ("fastapi", "flask")) -> BenchmarkPlan:
    plan = BenchmarkPlan.objects.create(name=name, profile="smoke")
    plan.stacks.set([Stack.objects.filter(slug=slug).first() or a_stack(slug) for slug in stacks])
    plan.workloads.set(Workload.objects.filter(slug="user_lookup"))
    return plan


def a_run(plan: BenchmarkPlan | None = None) -> Run:
    return runs.request_run(plan=plan or BenchmarkPlan.objects.first() or a_plan())


def a_claim(run: Run | None = None, *, host: HardwareProfile | None = None) -> runs.Claim:
    claim = runs.claim_run((run or a_run()).pk, host=host or HardwareProfile.objects.first() or a_host())
    assert claim is not None
    return claim


def a_start(stack: str = "fastapi", *, block: int = 0) -> StackStarted:
    return StackStarted(
        stack=stack,
        workload="user_lookup",
        block=block,
        cold_start_s=0.5,
        idle_memory_mib=40,
        versions={"python": "3"},
        settings={"workers": 1, "threads": 8},
    )


def a_window(sequence: int = 0, *, stack: str = "fastapi", block: int = 0, notes: tuple[str, ...] = ()) -> Window:
    return Window(
        stack=stack,
        workload="user_lookup",
        block=block,
        sequence=sequence,
        kind=StepKind.OPEN_LOOP,
        offered_rate=100.0,
        duration_s=2.0,
        scheduled=200,
        sent=200,
        completed=198,
        errors=2,
        latency=Histogram.of([900, 1200, 40_000]),
        notes=notes,
    )


def in_threads(*works: Callable[[], Result]) -> list[Result]:
    """Run each work at the same time on a database session of its own; results in the order of the works."""
    results: dict[int, Result] = {}

    def one(number: int, work: Callable[[], Result]) -> None:
        try:
            results[number] = work()
        finally:
            connection.close()

    threads = [Thread(target=one, args=(number, work)) for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[number] for number in range(len(works))]


def kinds(run_id: int) -> list[str]:
    return list(RunEvent.objects.filter(run=run_id).values_list("kind", flat=True))


def state_of(run_id: int) -> str:
    return Run.objects.get(pk=run_id).state


def lose(claim: runs.Claim) -> None:
    """Let the worker of this attempt have ended, and the next one on its host have found out."""
    host = Run.objects.get(pk=claim.run).host
    assert host is not None
    assert runs.release_host(host) == 1


def expire(claim: runs.Claim) -> None:
    """Let the lease of this attempt have ended a second ago."""
    past = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=claim.run).update(lease_expires_at=past)
    HostLease.objects.filter(run=claim.run).update(expires_at=past)


def told_long_ago(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(told_at=timezone.now() - timedelta(minutes=5))
