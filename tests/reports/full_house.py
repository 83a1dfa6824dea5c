"""Seven stacks under eight workloads, as a finished catalogue has them, with a window that was void and repeated."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from estimator.domain.measuring.measurement import BlockFinished, HostFacts, Measurement, StackFailed, Window
from estimator.domain.measuring.workload import QUICK, Profile, StepKind
from estimator.models import BenchmarkPlan, Run, Stack, Workload
from estimator.services import recording, runs
from estimator.services.stacks import WORKLOAD_TITLES, StackFacts, register_stacks
from tests.reports import measured_run

# CPU-seconds per request of `user_lookup`, in the order in which stacks are shown.
STACKS: Mapping[str, tuple[str, str, str, float]] = {
    "fastapi": ("FastAPI on Uvicorn", "FastAPI", "Uvicorn", 0.00090),
    "flask": ("Flask on Gunicorn", "Flask", "Gunicorn", 0.00082),
    "django": ("Django on Gunicorn", "Django", "Gunicorn", 0.00087),
    "django-async-daphne": ("Django async views on Daphne", "Django", "Daphne", 0.00190),
    "django-async-uvicorn": ("Django async views on Uvicorn", "Django", "Uvicorn", 0.00130),
    "quart": ("Quart on Hypercorn", "Quart", "Hypercorn", 0.00115),
    "hybrid": ("Django and FastAPI, hybrid", "Django + FastAPI", "Gunicorn + Uvicorn", 0.00093),
}
# What each workload costs beside `user_lookup`.
SHARES: Mapping[str, float] = {
    "user_lookup": 1.0,
    "user_lookup_raw": 0.45,
    "json": 0.2,
    "article_page": 4.0,
    "create_order": 3.2,
    "upstream": 1.4,
    "cpu": 6.0,
    "stream": 2.5,
}
_LOOPS = ("fastapi", "django-async-daphne", "django-async-uvicorn", "quart")


def register() -> BenchmarkPlan:
    """All stacks with all workloads, and a plan that measures them."""
    register_stacks([_facts(slug, position) for position, slug in enumerate(STACKS, 1)])
    plan, new = BenchmarkPlan.objects.get_or_create(name="Everything", defaults={"profile": "quick"})
    if new:
        plan.stacks.set(Stack.objects.all())
        plan.workloads.set(Workload.objects.all())
    return plan


def _facts(slug: str, position: int) -> StackFacts:
    title, framework, server, _ = STACKS[slug]
    threads = "event loop" if slug in _LOOPS else 8
    return StackFacts(
        slug=slug,
        title=title,
        framework=framework,
        server=server,
        folder=f"{slug}_app",
        position=position,
        manifest_hash=f"{position:064d}",
        settings={**measured_run.SETTINGS, "threads": threads, "orm": f"{framework} ORM"},
        workloads=list(WORKLOAD_TITLES),
    )


def measure(
    workloads: Iterable[str] = ("user_lookup",),
    *,
    stacks: Iterable[str] = tuple(STACKS),
    profile: Profile = QUICK,
    failing: Mapping[tuple[str, str], str] | None = None,
) -> Run:
    """A whole run of these pairs; `failing` pairs end with their reason."""
    plan = register()
    plan.profile = profile.name
    plan.save()
    plan.stacks.set(Stack.objects.filter(slug__in=stacks))
    plan.workloads.set(Workload.objects.filter(slug__in=workloads))
    claim = runs.claim_run(runs.request_run(plan=plan, seed=7).pk, host=measured_run.host())
    assert claim is not None
    recording.record(claim, HostFacts(facts=measured_run.FACTS))
    for block in range(profile.blocks):
        for stack in stacks:
            for workload in workloads:
                for measurement in _pair(stack, workload, block, profile, (failing or {}).get((stack, workload))):
                    recording.record(claim, measurement)
        recording.record(claim, BlockFinished(block=block))
    runs.finish_run(claim)
    return Run.objects.get(pk=claim.run)


def _pair(stack: str, workload: str, block: int, profile: Profile, failure: str | None) -> Iterator[Measurement]:
    if failure:
        yield StackFailed(stack=stack, workload=workload, block=block, reason=failure)
        return
    demand_s = STACKS[stack][3] * SHARES[workload] * (1 + 0.01 * (block % 3))
    sequence = 0
    for measurement in measured_run.stack_measurements(
        stack, demand_s, profile=profile, workload=workload, block=block
    ):
        if isinstance(measurement, Window):
            repeated = _disturbed(measurement, stack, block)
            for one in repeated:
                yield replace(one, sequence=sequence)
                sequence += 1
        else:
            yield measurement


def _disturbed(window: Window, stack: str, block: int) -> tuple[Window, ...]:
    """Flask's second open-loop window of the first block is void once, then repeated."""
    if (stack, block, window.sequence) != ("flask", 0, 2) or window.kind is not StepKind.OPEN_LOOP:
        return (window,)
    void = replace(window, void=("foreign processes used 0.41 cores (limit 0.25)",))
    return void, replace(window, repeat=1)
