"""A run is accepted, claimed and ended exactly once, whatever is repeated, late or lost."""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from celery import Celery
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.simple import SimpleQueue
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from estimator import jobs
from estimator.celery import app
from estimator.models import BenchmarkPlan, HardwareProfile, HostLease, Run, RunEvent, RunState
from estimator.services import runs
from estimator.services.errors import Refused, StaleClaim
from tests.services.benchmark_cast import a_claim, a_host, a_plan, a_run, a_stack, in_threads

pytestmark = pytest.mark.django_db


def kinds(run_id: int) -> list[str]:
    return list(RunEvent.objects.filter(run=run_id).values_list("kind", flat=True))


def state_of(run_id: int) -> str:
    return Run.objects.get(pk=run_id).state


def expire(claim: runs.Claim) -> None:
    """Let the lease of this attempt have ended a second ago."""
    past = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=claim.run).update(lease_expires_at=past)
    HostLease.objects.filter(run=claim.run).update(expires_at=past)


def told_long_ago(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(told_at=timezone.now() - timedelta(minutes=5))


@pytest.fixture
def told() -> Iterator[Callable[[], list[int]]]:
    """Takes from the real queue the ids that it was told of since last asked."""
    with app.connection_for_read() as broker, broker.SimpleQueue("bench", no_ack=True) as queue:
        queue.clear()
        yield lambda: list(_taken(queue))


def _taken(queue: SimpleQueue) -> Iterator[int]:
    with contextlib.suppress(SimpleQueue.Empty):
        while True:
            yield queue.get_nowait().payload[0][0]


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app of its own, with the service's settings, at an address where nobody answers."""
    nobody = Celery(broker="redis://127.0.0.1:1/0")
    nobody.conf.broker_transport_options = app.conf.broker_transport_options
    monkeypatch.setattr(jobs, "app", nobody)


# --- Requesting ----------------------------------------------------------------------------------------------------


def test_a_requested_run_holds_the_plan_as_it_was() -> None:
    plan = a_plan()
    run = a_run(plan)

    plan.profile = "rigorous"
    plan.save()
    plan.stacks.clear()

    run.refresh_from_db()
    assert run.state == RunState.PENDING
    assert run.spec["profile"] == "smoke"
    assert run.spec["trials"] == [{"stack": slug, "workload": "user_lookup"} for slug in ("fastapi", "flask")]
    assert kinds(run.pk) == ["requested"]


def test_a_run_remembers_who_asked_and_its_seed() -> None:
    person = User.objects.create_user("alice")

    run = runs.request_run(plan=a_plan(), requested_by=person, seed=7)

    assert (run.requested_by, run.spec["seed"]) == (person, 7)


def test_the_queue_is_told_after_commit_and_not_before(
    told: Callable[[], list[int]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = a_run()
        assert told() == []

    assert told() == [run.pk]


@pytest.mark.django_db(transaction=True)
def test_a_run_is_accepted_while_the_queue_is_away(no_broker: None) -> None:
    run = a_run()

    assert state_of(run.pk) == RunState.PENDING


@pytest.mark.django_db(transaction=True)
def test_a_run_is_accepted_even_when_the_queue_answers_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("read-only replica")

    monkeypatch.setattr(app, "send_task", refuse)

    assert state_of(a_run().pk) == RunState.PENDING


def test_a_stack_is_measured_only_under_the_workloads_it_serves() -> None:
    plan = a_plan(stacks=("fastapi",))
    plan.stacks.add(a_stack("json-only", workloads=("json",)), a_stack("gone", active=False))

    run = a_run(plan)

    assert [trial["stack"] for trial in run.spec["trials"]] == ["fastapi"]


def test_a_plan_that_measures_nothing_is_refused_at_its_stacks() -> None:
    plan = BenchmarkPlan.objects.create(name="empty")

    with pytest.raises(Refused, match="add one") as refusal:
        runs.request_run(plan=plan)

    assert refusal.value.field == "stacks"
    assert not Run.objects.exists()


# --- Claiming ------------------------------------------------------------------------------------------------------


def test_the_same_message_delivered_five_times_makes_one_attempt() -> None:
    host, run = a_host(), a_run()

    claims = [runs.claim_run(run.pk, host=host) for _ in range(5)]

    assert [claim is not None for claim in claims] == [True, False, False, False, False]
    run.refresh_from_db()
    assert (run.state, run.attempt, run.host) == (RunState.RUNNING, 1, host)
    assert kinds(run.pk) == ["requested", "claimed"]


def test_a_claim_carries_the_whole_specification() -> None:
    run = a_run()

    spec = a_claim(run).spec

    assert (spec.run, spec.attempt, spec.profile.name, spec.objective_ms) == (run.pk, 1, "smoke", 100.0)
    assert [(trial.stack, trial.workload) for trial in spec.trials] == [
        ("fastapi", "user_lookup"),
        ("flask", "user_lookup"),
    ]
    assert spec.finished_blocks == frozenset()


def test_a_host_with_a_living_attempt_takes_no_second_run() -> None:
    host = a_host()
    first, second = a_run(), a_run()
    claim = a_claim(first, host=host)

    assert runs.claim_run(second.pk, host=host) is None
    assert state_of(second.pk) == RunState.PENDING

    runs.finish_run(claim)
    assert runs.claim_run(second.pk, host=host) is not None


def test_a_host_whose_lease_ran_out_may_take_another_run() -> None:
    host = a_host()
    expire(a_claim(a_run(), host=host))

    assert runs.claim_run(a_run().pk, host=host) is not None


def test_two_hosts_measure_two_runs() -> None:
    first, second = a_run(), a_run()

    assert runs.claim_run(first.pk, host=a_host("one")) and runs.claim_run(second.pk, host=a_host("two"))


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_that_race_for_a_run_one_wins() -> None:
    run, hosts = a_run(), [a_host("one"), a_host("two")]

    claims = in_threads(*(_claiming(run.pk, host) for host in hosts))

    assert sum(claim is not None for claim in claims) == 1
    assert Run.objects.get().attempt == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_runs_that_race_for_a_host_one_wins() -> None:
    host, first = a_host(), a_run()
    second = a_run()

    claims = in_threads(_claiming(first.pk, host), _claiming(second.pk, host))

    assert sum(claim is not None for claim in claims) == 1
    assert Run.objects.filter(state=RunState.RUNNING).count() == 1


def _claiming(run_id: int, host: HardwareProfile) -> Callable[[], runs.Claim | None]:
    return lambda: runs.claim_run(run_id, host=host)


# --- Ending --------------------------------------------------------------------------------------------------------


def test_a_finished_run_keeps_its_end_and_frees_the_host() -> None:
    claim = a_claim()

    runs.finish_run(claim)

    run = Run.objects.get()
    assert (run.state, run.reason, run.fence, run.lease_expires_at) == (RunState.SUCCEEDED, "", None, None)
    assert run.finished_at is not None and run.ended
    assert not HostLease.objects.exists()
    assert kinds(run.pk) == ["requested", "claimed", "succeeded"]


def test_a_failed_run_says_why() -> None:
    claim = a_claim()

    runs.fail_run(claim, reason="no stack answered")

    assert Run.objects.get().reason == "no stack answered"
    assert state_of(claim.run) == RunState.FAILED


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", "no reason was given; see the worker's log"),
        ("body\0of an app", "body\N{REPLACEMENT CHARACTER}of an app"),
        ("name \udcff of a file", "name ? of a file"),
    ],
)
def test_a_run_fails_with_whatever_reason_an_app_produced(given: str, kept: str) -> None:
    claim = a_claim()

    runs.fail_run(claim, reason=given)

    assert Run.objects.get().reason == kept


def test_a_reason_of_a_megabyte_is_cut_to_what_people_read() -> None:
    runs.fail_run(a_claim(), reason="x" * 1_000_000)

    assert len(Run.objects.get().reason) < 5000


def test_a_cancelled_run_cannot_succeed_or_fail() -> None:
    claim = a_claim()

    assert runs.cancel_run(claim.run, by="alice")

    for late in (runs.finish_run, lambda claim: runs.fail_run(claim, reason="late")):
        with pytest.raises(StaleClaim, match="may not write"):
            late(claim)
    run = Run.objects.get()
    assert (run.state, run.reason) == (RunState.CANCELLED, "cancelled by alice")


def test_a_waiting_run_is_cancelled_and_never_claimed() -> None:
    run = a_run()

    assert runs.cancel_run(run.pk, by="alice")

    assert runs.claim_run(run.pk, host=a_host()) is None


@pytest.mark.parametrize("end", [runs.finish_run, lambda claim: runs.fail_run(claim, reason="broken")])
def test_an_ended_run_cannot_be_cancelled(end: Callable[[runs.Claim], None]) -> None:
    claim = a_claim()
    end(claim)
    before = state_of(claim.run)

    assert not runs.cancel_run(claim.run, by="alice")

    assert state_of(claim.run) == before


def test_cancelling_twice_changes_nothing_the_second_time() -> None:
    run = a_run()

    assert [runs.cancel_run(run.pk, by=name) for name in ("alice", "bob")] == [True, False]

    assert Run.objects.get().reason == "cancelled by alice"


# --- Attempts that are lost ----------------------------------------------------------------------------------------


def test_a_run_that_was_given_back_waits_for_another_attempt() -> None:
    claim = a_claim()

    runs.give_back(claim, reason="the worker was asked to stop")

    run = Run.objects.get()
    assert (run.state, run.fence, run.finished_at) == (RunState.PENDING, None, None)
    assert run.expected_end_at is None
    assert not HostLease.objects.exists()
    assert kinds(run.pk)[-1] == "attempt_lost"


def test_after_its_attempts_a_run_has_failed_with_the_last_reason(settings: Settings) -> None:
    settings.MAXIMUM_ATTEMPTS = 2
    run = a_run()

    runs.give_back(a_claim(run), reason="first trouble")
    runs.give_back(a_claim(run), reason="second trouble")

    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert run.reason == "second trouble; 2 attempts were made"


def test_an_attempt_without_a_sign_of_life_is_given_up_and_told_again(
    told: Callable[[], list[int]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    claim = a_claim()
    expire(claim)

    with django_capture_on_commit_callbacks(execute=True):
        assert runs.expire_leases() == 1

    assert state_of(claim.run) == RunState.PENDING
    assert told() == [claim.run]
    with pytest.raises(StaleClaim):
        runs.finish_run(claim)


def test_a_renewed_lease_does_not_expire() -> None:
    claim = a_claim()
    expire(claim)

    assert runs.renew_lease(claim)

    assert runs.expire_leases() == 0
    assert HostLease.objects.get().expires_at > timezone.now()


def test_a_stale_claim_renews_nothing() -> None:
    claim = a_claim()
    runs.give_back(claim, reason="stopped")
    newer = a_claim(Run.objects.get())
    lease = Run.objects.get().lease_expires_at

    assert not runs.renew_lease(claim)
    assert not runs.is_current(claim)

    assert runs.is_current(newer)
    assert Run.objects.get().lease_expires_at == lease


def test_a_process_whose_clock_is_an_hour_ahead_gives_up_nobodys_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = a_claim()
    ahead = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: ahead)

    assert runs.expire_leases() == 0
    assert runs.claim_run(a_run().pk, host=claim_host(claim)) is None


def claim_host(claim: runs.Claim) -> HardwareProfile:
    return HardwareProfile.objects.get(pk=claim.host)


def test_a_worker_that_starts_gives_back_what_its_predecessor_left_on_this_host_alone() -> None:
    mine, other = a_host("mine"), a_host("other")
    left, elsewhere = a_claim(a_run(), host=mine), a_claim(a_run(), host=other)

    assert runs.release_host(mine) == 1

    assert state_of(left.run) == RunState.PENDING
    assert runs.is_current(elsewhere)


# --- Telling the queue again ---------------------------------------------------------------------------------------


def test_the_oldest_waiting_run_is_told_again_when_its_message_may_be_lost(told: Callable[[], list[int]]) -> None:
    oldest, younger = a_run(), a_run()
    told_long_ago(oldest)
    told_long_ago(younger)

    assert runs.tell_again() == 1

    assert told() == [oldest.pk]


def test_a_run_that_was_told_just_now_is_not_told_again(told: Callable[[], list[int]]) -> None:
    told_long_ago(a_run())
    runs.tell_again()

    assert runs.tell_again() == 0
    assert len(told()) == 1


def test_nothing_is_told_while_a_run_is_being_measured(told: Callable[[], list[int]]) -> None:
    a_claim()
    told_long_ago(a_run())

    assert runs.tell_again() == 0
    assert told() == []


def test_a_queue_that_is_away_is_no_error_and_is_told_later(no_broker: None) -> None:
    run = a_run()
    told_long_ago(run)

    assert runs.tell_again() == 0
    assert state_of(run.pk) == RunState.PENDING


# --- What the database refuses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": RunState.RUNNING}, "run_measuring_exactly_while_fenced"),
        ({"fence": uuid.uuid4()}, "run_measuring_exactly_while_fenced"),
        ({"state": RunState.SUCCEEDED}, "run_ended_exactly_when_finished"),
        ({"state": RunState.CANCELLED}, "run_ended_exactly_when_finished"),
        ({"finished_at": timezone.now()}, "run_ended_exactly_when_finished"),
        ({"state": RunState.FAILED, "finished_at": timezone.now()}, "run_failed_has_a_reason"),
    ],
)
def test_the_database_refuses_an_impossible_run(change: dict[str, object], constraint: str) -> None:
    run = a_run()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(**change)
