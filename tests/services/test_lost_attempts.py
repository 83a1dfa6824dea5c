"""Attempts that die, stall or go stale; messages that get lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from estimator.models import HardwareProfile, HostLease, Run, RunState
from estimator.services import runs
from estimator.services.errors import StaleClaim
from tests.services.benchmark_cast import a_claim, a_host, a_run, expire, kinds, lose, state_of, told_long_ago

pytestmark = pytest.mark.django_db


def test_a_run_whose_worker_ended_waits_for_another_attempt() -> None:
    claim = a_claim()

    lose(claim)

    run = Run.objects.get()
    assert (run.state, run.fence, run.finished_at) == (RunState.PENDING, None, None)
    assert run.expected_end_at is None
    assert not HostLease.objects.exists()
    assert kinds(run.pk)[-1] == "attempt_lost"


def test_after_its_attempts_a_run_has_failed_with_the_reason(settings: Settings) -> None:
    settings.MAXIMUM_ATTEMPTS = 2
    run = a_run()

    lose(a_claim(run))
    lose(a_claim(run))

    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert run.reason == "the bench worker ended in the middle of the run; 2 attempts were made"


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
    lose(claim)
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
