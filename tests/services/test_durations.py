"""A run that could not end is refused when it is asked for."""

import pytest
from pytest_django import Settings

from estimator.models import BenchmarkPlan, Run, Stack
from estimator.services.errors import Refused
from tests.services.benchmark_cast import a_plan, a_run

pytestmark = pytest.mark.django_db

SLUGS = tuple(f"stack-{number}" for number in range(30))


@pytest.fixture
def plan() -> BenchmarkPlan:
    """Thirty stacks, ten blocks of each: ten hours."""
    plan = a_plan(stacks=SLUGS)
    BenchmarkPlan.objects.update(profile="rigorous")
    plan.refresh_from_db()
    return plan


def test_a_plan_that_its_attempts_cannot_hold_is_refused_with_field_and_remedy(plan: BenchmarkPlan) -> None:
    with pytest.raises(Refused, match=r"would take \d+ hours or more \(30 pairs.*choose a shorter profile") as caught:
        a_run(plan)

    assert caught.value.field == "profile"
    assert not Run.objects.exists()


def test_the_same_plan_is_accepted_with_a_shorter_profile_or_with_fewer_stacks(plan: BenchmarkPlan) -> None:
    BenchmarkPlan.objects.update(profile="standard")
    a_run(BenchmarkPlan.objects.get())
    BenchmarkPlan.objects.update(profile="rigorous")
    plan.stacks.set(Stack.objects.filter(slug__in=SLUGS[:3]))
    a_run(BenchmarkPlan.objects.get())

    assert Run.objects.count() == 2


def test_pairs_that_are_not_supported_take_no_time(plan: BenchmarkPlan) -> None:
    for stack in Stack.objects.filter(slug__in=SLUGS[3:]):
        stack.workloads.clear()
        Stack.objects.filter(pk=stack.pk).update(unsupported={"user_lookup": "there is no database"})

    assert len(a_run(plan).spec["trials"]) == 30


def test_more_attempts_allow_for_more(plan: BenchmarkPlan, settings: Settings) -> None:
    settings.MAXIMUM_ATTEMPTS = 10

    a_run(plan)

    assert Run.objects.exists()
