"""A run is accepted, claimed and ended exactly once, whatever is repeated, late or lost."""

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from estimator.celery import app
from estimator.models import BenchmarkPlan, HardwareProfile, HostLease, Run, RunState, Stack
from estimator.services import runs
from estimator.services.errors import Refused, StaleClaim
from tests.services.benchmark_cast import a_claim, a_host, a_plan, a_run, a_stack, expire, in_threads, kinds, state_of

pytestmark = pytest.mark.django_db


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


def test_a_pair_that_a_manifest_says_is_not_supported_is_tried_for_its_reason() -> None:
    plan = a_plan(stacks=("fastapi", "daphne"))
    refusing = Stack.objects.get(slug="daphne")
    refusing.workloads.clear()
    Stack.objects.filter(pk=refusing.pk).update(unsupported={"user_lookup": "It knows no users."})

    run = a_run(plan)

    assert {trial["stack"] for trial in run.spec["trials"]} == {"fastapi", "daphne"}


def test_a_plan_of_pairs_that_are_not_supported_is_refused() -> None:
    plan = a_plan(stacks=("daphne",))
    stack = Stack.objects.get(slug="daphne")
    stack.workloads.clear()
    Stack.objects.filter(pk=stack.pk).update(unsupported={"user_lookup": "It knows no users."})

    with pytest.raises(Refused, match="no stack that serves"):
        runs.request_run(plan=plan)


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
