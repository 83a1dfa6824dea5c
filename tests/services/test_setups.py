"""A set-up search is a plan of one stack: its run measures every set-up as a stack that is offered nowhere else."""

import pytest
from django.core.exceptions import ValidationError

from estimator.domain.measuring.workload import Trial
from estimator.models import BenchmarkPlan, Stack
from estimator.services import runs
from estimator.services.errors import Refused
from estimator.services.plans import save_plan
from tests.services.benchmark_cast import a_claim, a_plan, a_run, a_stack

pytestmark = pytest.mark.django_db


@pytest.fixture
def flask() -> Stack:
    stack = a_stack("flask")
    stack.settings = {"workers": 1, "threads": 8, "pool_size": 8, "orm": "SQLAlchemy 2"}
    stack.tunable = ["threads", "workers"]
    stack.save()
    return stack


@pytest.fixture
def search(flask: Stack) -> BenchmarkPlan:
    plan = a_plan("search", stacks=("flask",))
    return save_plan(plan, changes={"try_threads": [4, 8]})


def test_a_run_measures_every_setup_and_the_shipped_one_once(search: BenchmarkPlan) -> None:
    spec = a_claim(a_run(search)).spec

    assert spec.trials == (
        Trial(stack="flask--t8", workload="user_lookup", base="flask", settings=(("threads", 8),)),
        Trial(stack="flask--t4", workload="user_lookup", base="flask", settings=(("threads", 4),)),
    )


def test_a_variant_says_what_it_is_and_is_offered_nowhere(search: BenchmarkPlan, flask: Stack) -> None:
    a_run(search)

    variant = Stack.objects.get(slug="flask--t4")
    assert (variant.variant_of, variant.active, variant.title) == (flask, False, "flask: 4 threads")
    assert variant.settings == {**flask.settings, "threads": 4}
    assert list(Stack.objects.filter(active=True)) == [flask]


def test_a_second_run_uses_the_same_variants(search: BenchmarkPlan) -> None:
    a_run(search)
    a_run(search)

    assert Stack.objects.filter(variant_of__isnull=False).count() == 2


def test_a_search_takes_exactly_one_stack(search: BenchmarkPlan) -> None:
    with pytest.raises(Refused, match="exactly one stack") as caught:
        save_plan(search, changes={"stacks": [*search.stacks.all(), a_stack("fastapi")]})

    assert caught.value.field == "stacks"
    assert search.stacks.count() == 1


def test_a_setting_that_the_stack_does_not_use_is_refused_at_its_field(search: BenchmarkPlan) -> None:
    with pytest.raises(Refused, match="pool_size cannot be varied") as caught:
        save_plan(search, changes={"try_pool_sizes": [4]})

    assert caught.value.field == "try_pool_sizes"
    search.refresh_from_db()
    assert search.try_pool_sizes == []


@pytest.mark.parametrize("value", [0, 65])
def test_a_value_out_of_range_is_refused(search: BenchmarkPlan, value: int) -> None:
    with pytest.raises(ValidationError, match=r"threads|equal to"):
        save_plan(search, changes={"try_threads": [value]})


def test_a_stack_that_changed_meanwhile_is_refused_when_the_run_is_asked_for(
    search: BenchmarkPlan, flask: Stack
) -> None:
    flask.tunable = []
    flask.save()

    with pytest.raises(Refused, match="threads cannot be varied"):
        runs.request_run(plan=search)
    assert not search.runs.exists()


def test_a_search_under_no_workload_of_the_stack_is_refused(search: BenchmarkPlan, flask: Stack) -> None:
    flask.workloads.clear()

    with pytest.raises(Refused, match="serves none of the workloads"):
        runs.request_run(plan=search)
