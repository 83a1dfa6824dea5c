"""The life of a run: requested, claimed, ended exactly once. Every change is a compare-and-set on its row."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils import timezone

from estimator import jobs
from estimator.domain.measuring.workload import PROFILES, RunSpec, Trial
from estimator.models import BenchmarkPlan, Block, HardwareProfile, HostLease, Journey, Run, RunEvent, RunState
from estimator.models.audit import Verb
from estimator.services.audit import record
from estimator.services.durations import refuse_too_long
from estimator.services.errors import Refused, StaleClaim
from estimator.services.quotas import refuse_beyond_quota
from estimator.services.setups import search_trials
from estimator.services.storable import storable_text

_OPEN = (RunState.PENDING, RunState.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right of one attempt to write to its run, as long as its fence is the row's."""

    run: int
    attempt: int
    fence: uuid.UUID
    host: int
    spec: RunSpec


def request_run(*, plan: BenchmarkPlan, requested_by: User | None = None, seed: int | None = None) -> Run:
    """Accept a run of the plan as it is now, and tell the queue after commit. Raises Refused."""
    trials = _trials(plan)
    refuse_too_long(plan, trials)
    now = timezone.now()
    with transaction.atomic():
        refuse_beyond_quota()
        run = Run.objects.create(
            plan=plan, requested_by=requested_by, created_at=now, told_at=now, spec=_spec_json(plan, trials, seed)
        )
        _log(run, "requested", f"plan {plan.name!r}, profile {plan.profile}")
        record(Verb.RAN, run, detail=f"plan {plan.name}, profile {plan.profile}", by=requested_by)
        _tell_on_commit(run)
    return run


def _tell_on_commit(run: Run) -> None:
    """Robust: whatever the queue answers, the run is accepted, and the reconciler tells it again."""
    transaction.on_commit(lambda: jobs.enqueue_run(run.pk), robust=True)


def _trials(plan: BenchmarkPlan) -> list[dict[str, Any]]:
    """Each stack of the plan under each workload that its app serves, and under those that its manifest says why not:
    the run then records that reason. Of a search, its set-ups."""
    if plan.tries:
        return search_trials(plan)
    wanted = list(plan.workloads.values_list("slug", flat=True))
    stacks = plan.stacks.filter(active=True).prefetch_related("workloads")
    served = {(stack.slug, workload.slug) for stack in stacks for workload in stack.workloads.all()}
    journeys = {one.workload.slug: _journey(one) for one in Journey.objects.filter(workload__slug__in=wanted)}
    trials = [
        {"stack": stack.slug, "workload": slug, **journeys.get(slug, {})}
        for stack in stacks
        for slug in wanted
        if (stack.slug, slug) in served or slug in stack.unsupported
    ]
    if served.isdisjoint((trial["stack"], trial["workload"]) for trial in trials):
        raise Refused(f"plan {plan.name!r} has no stack that serves one of its workloads; add one.", field="stacks")
    return trials


def _journey(journey: Journey) -> dict[str, Any]:
    """Its mix and pauses as they are now."""
    mix = [list(part) for part in journey.mix]
    own = {"own_users": True} if journey.locustfile else {}
    return {"mix": mix, "think_s": [journey.think_from_s, journey.think_to_s], **own}


def _spec_json(plan: BenchmarkPlan, trials: Sequence[dict[str, Any]], seed: int | None) -> dict[str, Any]:
    return {
        "profile": plan.profile,
        "trials": list(trials),
        "objective_ms": plan.objective_ms,
        "confirm_with_locust": plan.confirm_with_locust,
        "seed": seed if seed is not None else uuid.uuid4().int % 2**32,
    }


def claim_run(run_id: int, *, host: HardwareProfile) -> Claim | None:
    """Take a waiting run for one attempt; None when it is no longer waiting (a repeated message is a no-op), or when
    another attempt holds the host."""
    fence = uuid.uuid4()
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id, state=RunState.PENDING).first()
        if run is None or _is_taken(host):
            return None
        run.state, run.fence, run.host, run.attempt = RunState.RUNNING, fence, host, run.attempt + 1
        run.started_at, run.lease_expires_at = run.started_at or timezone.now(), _lease_end()
        run.progress_message, run.progress_share = "starting", 0.0
        run.save()
        HostLease.objects.update_or_create(host=host, defaults={"run": run, "fence": fence, "expires_at": _lease_end()})
        _log(run, "claimed", f"attempt {run.attempt} on {host}")
    return Claim(run=run.pk, attempt=run.attempt, fence=fence, host=host.pk, spec=_spec(run))


def _lease_end() -> CombinedExpression:
    """By the database's clock: those of benchmark hosts and of the reconciler may differ by more than a lease."""
    return Now() + timedelta(seconds=settings.LEASE_S)


def _is_taken(host: HardwareProfile) -> bool:
    """Whether an attempt that lives holds the host's lease. The host's row is locked: of two claims one waits here."""
    HardwareProfile.objects.select_for_update(no_key=True).get(pk=host.pk)
    return HostLease.objects.filter(host=host, expires_at__gt=Now()).exists()


def _spec(run: Run) -> RunSpec:
    return RunSpec(
        run=run.pk,
        attempt=run.attempt,
        profile=PROFILES[run.spec["profile"]],
        trials=tuple(map(_trial, run.spec["trials"])),
        objective_ms=run.spec["objective_ms"],
        seed=run.spec["seed"],
        confirm_with_locust=run.spec["confirm_with_locust"],
        finished_blocks=frozenset(Block.objects.filter(run=run).values_list("number", flat=True)),
        spent_s=(timezone.now() - run.started_at).total_seconds() if run.started_at else 0.0,
    )


def _trial(said: dict[str, Any]) -> Trial:
    """JSON knows lists only."""
    pairs = {name: tuple(map(tuple, said.get(name, ()))) for name in ("settings", "mix")}
    return Trial(**{**said, **pairs, "think_s": tuple(said.get("think_s", (0.0, 0.0)))})


def renew_lease(claim: Claim) -> bool:
    """Show a sign of life. False when the claim is stale: the attempt must stop."""
    alive = _claimed(claim).update(lease_expires_at=_lease_end())
    HostLease.objects.filter(fence=claim.fence).update(expires_at=_lease_end())
    return alive == 1


def is_current(claim: Claim) -> bool:
    """Whether the attempt may go on."""
    return _claimed(claim).exists()


def _claimed(claim: Claim) -> QuerySet[Run]:
    return Run.objects.filter(pk=claim.run, attempt=claim.attempt, fence=claim.fence, state=RunState.RUNNING)


def hold(claim: Claim) -> Run:
    """Lock the run's row for a write of this attempt, inside a transaction. Raises StaleClaim."""
    run = _claimed(claim).select_for_update().first()
    if run is None:
        raise StaleClaim(f"attempt {claim.attempt} of run {claim.run} may not write any more")
    return run


def finish_run(claim: Claim) -> None:
    """The run succeeded: its results stand. Raises StaleClaim."""
    _end(claim, RunState.SUCCEEDED, "")


def fail_run(claim: Claim, *, reason: str) -> None:
    """The run failed for a reason that another attempt would not mend. Raises StaleClaim."""
    _end(claim, RunState.FAILED, storable_text(reason) or "no reason was given; see the worker's log")


def _end(claim: Claim, state: RunState, reason: str) -> None:
    with transaction.atomic():
        _close(hold(claim), state, reason)


def _close(run: Run, state: RunState, reason: str) -> None:
    HostLease.objects.filter(run=run).delete()
    run.state, run.reason, run.finished_at = state, reason, timezone.now()
    run.fence = run.lease_expires_at = run.expected_end_at = None
    run.progress_message, run.progress_share = str(state.label), 1.0
    run.save()
    _log(run, state.value, reason)


def cancel_run(run_id: int, *, by: str) -> bool:
    """End a waiting or measuring run at once; its attempt finds its claim stale and cleans up. False when ended."""
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id, state__in=_OPEN).first()
        if run is None:
            return False
        _close(run, RunState.CANCELLED, f"cancelled by {by}")
        record(Verb.CANCELLED, run, detail=f"by {by}")
    return True


def _try_again(run: Run, reason: str) -> None:
    if run.attempt >= settings.MAXIMUM_ATTEMPTS:
        _close(run, RunState.FAILED, f"{reason}; {run.attempt} attempts were made")
        return
    HostLease.objects.filter(run=run).delete()
    run.state, run.fence, run.lease_expires_at, run.told_at = RunState.PENDING, None, None, timezone.now()
    run.progress_message, run.expected_end_at = "waiting for another attempt", None
    run.save()
    _log(run, "attempt_lost", reason)
    _tell_on_commit(run)


def expire_leases() -> int:
    """Give up attempts that showed no sign of life; returns how many."""
    return _release(Run.objects.filter(lease_expires_at__lt=Now()), "the bench worker gave no sign of life")


def release_host(host: HardwareProfile) -> int:
    """Give up what an earlier worker of this host left behind. The caller holds the host's lock."""
    return _release(Run.objects.filter(host=host), "the bench worker ended in the middle of the run")


def _release(runs: QuerySet[Run], reason: str) -> int:
    with transaction.atomic():
        lost = list(runs.filter(state=RunState.RUNNING).select_for_update(skip_locked=True, of=("self",)))
        for run in lost:
            _try_again(run, reason)
    return len(lost)


def tell_again(*, after_s: float = 10.0) -> int:
    """Tell the queue of the oldest waiting run when nothing is measuring: its message may be lost."""
    if Run.objects.filter(state=RunState.RUNNING).exists():
        return 0
    waiting = Run.objects.filter(state=RunState.PENDING).order_by("id").values_list("pk", flat=True)[:1]
    told_before = timezone.now() - timedelta(seconds=after_s)
    for run_id in Run.objects.filter(pk__in=list(waiting), told_at__lt=told_before).values_list("pk", flat=True):
        Run.objects.filter(pk=run_id).update(told_at=timezone.now())
        return int(jobs.enqueue_run(run_id))
    return 0


def _log(run: Run, kind: str, message: str) -> None:
    RunEvent.objects.create(run=run, at=timezone.now(), attempt=run.attempt, kind=kind, message=message)
