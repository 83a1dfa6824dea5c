"""Quotas hold for everybody together, however many ask at once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from estimator.models import Run
from estimator.services import runs
from estimator.services.errors import Refused
from estimator.services.quotas import measured_in_last_day
from tests.services.benchmark_cast import a_claim, a_plan, a_run, in_threads

pytestmark = pytest.mark.django_db


def measured(*, minutes: float, hours_ago: float) -> Run:
    """A run that succeeded after so many minutes, started so many hours ago."""
    claim = a_claim()
    runs.finish_run(claim)
    started = timezone.now() - timedelta(hours=hours_ago)
    Run.objects.filter(pk=claim.run).update(started_at=started, finished_at=started + timedelta(minutes=minutes))
    return Run.objects.get(pk=claim.run)


def test_a_run_too_many_is_refused_with_the_remedy_and_leaves_nothing(settings: Settings) -> None:
    settings.MAXIMUM_QUEUED_RUNS = 2
    a_run()
    a_claim(a_run())

    with pytest.raises(Refused, match="2 runs are waiting or measuring already; cancel one or wait"):
        a_run()

    assert Run.objects.count() == 2


def test_an_ended_run_makes_place(settings: Settings) -> None:
    settings.MAXIMUM_QUEUED_RUNS = 1
    runs.cancel_run(a_run().pk, by="alice")

    assert a_run()


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_do_not_both_get_the_last_place(settings: Settings) -> None:
    settings.MAXIMUM_QUEUED_RUNS = 3
    plan = a_plan()

    def ask() -> bool:
        try:
            return bool(runs.request_run(plan=plan))
        except Refused:
            return False

    outcomes = in_threads(*[ask] * 6)

    assert sum(outcomes) == Run.objects.count() == 3


def test_a_day_that_is_used_up_is_refused_with_the_remedy(settings: Settings) -> None:
    settings.MAXIMUM_MINUTES_PER_DAY = 60
    measured(minutes=50, hours_ago=3)
    assert a_run()

    measured(minutes=15, hours_ago=2)
    with pytest.raises(Refused, match=r"65 of the 60 minutes allowed in 24 hours; .*MAXIMUM_MINUTES_PER_DAY"):
        a_run()


def test_yesterdays_minutes_do_not_count() -> None:
    measured(minutes=300, hours_ago=25)

    assert measured_in_last_day() == timedelta()


def test_a_run_that_is_being_measured_counts_up_to_now() -> None:
    claim = a_claim()
    Run.objects.filter(pk=claim.run).update(started_at=timezone.now() - timedelta(minutes=30))

    assert timedelta(minutes=30) <= measured_in_last_day() < timedelta(minutes=31)
