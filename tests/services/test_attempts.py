"""An attempt holds its host and its lease until it is left, and notices when it must stop."""

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from estimator.models import HardwareProfile, HostLease, Run, RunState
from estimator.services import attempts, runs
from tests.services.benchmark_cast import a_host, a_run, in_threads, lose

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE_S = 10.0


@pytest.fixture(autouse=True)
def quick_beats(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HEARTBEAT_S = 0.1
    monkeypatch.setattr(attempts, "_POLL_S", 0.02)


def until(condition: Callable[[], bool]) -> None:
    """Poll; fails when the condition does not come true in time."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.02)


def other_sessions(query: str) -> list[int]:
    """Server processes of this database whose last statement holds that text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND query LIKE %s",
            [f"%{query}%"],
        )
        return [pid for (pid,) in cursor.fetchall()]


@pytest.fixture
def held_elsewhere() -> Iterator[Callable[[HardwareProfile], None]]:
    """Hold a host's lock on another session until the test has ended."""
    leave, holders = threading.Event(), list[threading.Thread]()

    def hold(host: HardwareProfile) -> None:
        held = threading.Event()

        def keep() -> None:
            with attempts.host_lock(host) as got:
                assert got
                held.set()
                leave.wait(DEADLINE_S)
            connection.close()

        holders.append(threading.Thread(target=keep))
        holders[-1].start()
        assert held.wait(DEADLINE_S)

    yield hold
    leave.set()
    for holder in holders:
        holder.join()


def test_the_hosts_lock_is_exclusive_across_two_sessions(held_elsewhere: Callable[[HardwareProfile], None]) -> None:
    host, other = a_host(), a_host("another")
    held_elsewhere(host)

    with attempts.host_lock(host) as mine, attempts.host_lock(other) as free:
        assert (mine, free) == (False, True)


def test_the_hosts_lock_is_free_again_once_it_was_left() -> None:
    host = a_host()
    with attempts.host_lock(host) as held:
        assert held

    def try_elsewhere() -> bool:
        with attempts.host_lock(host) as got:
            return got

    assert in_threads(try_elsewhere) == [True]


def test_a_host_that_measures_elsewhere_leaves_the_run_waiting(
    held_elsewhere: Callable[[HardwareProfile], None],
) -> None:
    host, run = a_host(), a_run()
    held_elsewhere(host)

    with attempts.attempt(run.pk, host=host) as attempt:
        assert attempt is None

    assert Run.objects.get().state == RunState.PENDING


def test_a_run_that_is_no_longer_waiting_gives_no_attempt() -> None:
    host, run = a_host(), a_run()
    runs.cancel_run(run.pk, by="alice")

    with attempts.attempt(run.pk, host=host) as attempt:
        assert attempt is None


def test_the_lease_is_renewed_while_the_attempt_lasts() -> None:
    host, run = a_host(), a_run()

    with attempts.attempt(run.pk, host=host) as attempt:
        assert attempt is not None
        first = HostLease.objects.get().expires_at
        until(lambda: HostLease.objects.get().expires_at > first)
        until(lambda: bool(Run.objects.filter(lease_expires_at__gt=first)))
        assert not attempt.over.is_set()


def test_a_cancelled_attempt_is_told_to_stop() -> None:
    host, run = a_host(), a_run()

    with attempts.attempt(run.pk, host=host) as attempt:
        assert attempt is not None
        runs.cancel_run(run.pk, by="alice")
        assert attempt.over.wait(DEADLINE_S)


def test_the_host_stays_taken_until_a_cancelled_attempt_has_cleaned_up() -> None:
    host, run, next_run = a_host(), a_run(), a_run()

    with attempts.attempt(run.pk, host=host) as attempt:
        assert attempt is not None
        runs.cancel_run(run.pk, by="alice")
        assert attempt.over.wait(DEADLINE_S)
        with attempts.attempt(next_run.pk, host=host) as too_early:
            assert too_early is None

    with attempts.attempt(next_run.pk, host=host) as later:
        assert later is not None


def test_an_attempt_whose_lease_was_given_away_is_told_to_stop() -> None:
    host, run = a_host(), a_run()

    with attempts.attempt(run.pk, host=host) as attempt:
        assert attempt is not None
        lose(attempt.claim)
        assert attempt.over.wait(DEADLINE_S)


def test_an_attempt_that_loses_its_database_session_is_over(caplog: pytest.LogCaptureFixture) -> None:
    host, run = a_host(), a_run()

    with caplog.at_level(logging.ERROR), attempts.attempt(run.pk, host=host) as attempt:
        assert attempt is not None
        until(lambda: bool(other_sessions("estimator_run")))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [other_sessions("")])
        assert attempt.over.wait(DEADLINE_S)

    assert "its database session is lost" in caplog.text
    assert Run.objects.get().state == RunState.RUNNING  # until its lease ends: then another attempt is made


def test_an_attempt_that_ends_its_run_leaves_the_host_free() -> None:
    host, run = a_host(), a_run()

    with attempts.attempt(run.pk, host=host) as attempt:
        assert attempt is not None
        runs.finish_run(attempt.claim)

    assert Run.objects.get().state == RunState.SUCCEEDED
    assert not HostLease.objects.filter(expires_at__gt=timezone.now()).exists()
    with attempts.host_lock(host) as free:
        assert free


def test_an_attempt_whose_body_breaks_releases_the_host() -> None:
    host, run = a_host(), a_run()

    with pytest.raises(ZeroDivisionError), attempts.attempt(run.pk, host=host):
        1 / 0  # noqa: B018

    with attempts.host_lock(host) as free:
        assert free


def test_of_two_workers_on_one_host_one_measures() -> None:
    host, run, other = a_host(), a_run(), a_run()
    both_decided = threading.Barrier(2, timeout=DEADLINE_S)

    def work(run_id: int) -> bool:
        with attempts.attempt(run_id, host=host) as attempt:
            both_decided.wait()
            return attempt is not None

    assert sorted(in_threads(lambda: work(run.pk), lambda: work(other.pk))) == [False, True]
