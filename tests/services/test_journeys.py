"""Journeys: rows that people enter, workloads that stacks serve, and mixes that runs keep as they were."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from estimator.models import BenchmarkPlan, Journey, Stack, Workload
from estimator.services.errors import Refused
from estimator.services.journeys import (
    JourneyFacts,
    delete_journey,
    ensure_default_journey,
    register_journeys,
    save_journey,
    set_parts,
    write_journey,
)
from estimator.services.stacks import StackFacts, register_stacks
from tests.services.benchmark_cast import a_claim, a_run

pytestmark = pytest.mark.django_db


def facts(slug: str, *workloads: str) -> StackFacts:
    return StackFacts(
        slug=slug,
        title=slug,
        framework=slug,
        server="s",
        folder=slug,
        position=1,
        manifest_hash="0" * 64,
        workloads=workloads,
    )


@pytest.fixture(autouse=True)
def _stacks(db: None) -> None:
    register_stacks([facts("fastapi", "json", "user_lookup"), facts("shop", "json")])


@pytest.fixture
def browse() -> Journey:
    ensure_default_journey()
    return Journey.objects.get(slug="browse")


def test_the_shipped_journey_is_sixty_to_forty(browse: Journey) -> None:
    assert browse.mix == [("user_lookup", 60), ("json", 40)]


def test_a_journey_is_a_workload_of_the_stacks_that_serve_all_its_parts(browse: Journey) -> None:
    assert browse.workload.slug == "journey-browse"
    assert [stack.slug for stack in browse.workload.stacks.all()] == ["fastapi"]


def test_it_stays_served_when_the_stacks_are_registered_again(browse: Journey) -> None:
    register_stacks([facts("fastapi", "json", "user_lookup"), facts("shop", "json", "user_lookup")])

    assert {stack.slug for stack in browse.workload.stacks.all()} == {"fastapi", "shop"}


def test_a_deleted_journey_does_not_come_back(browse: Journey) -> None:
    browse.delete()

    ensure_default_journey()

    assert not Journey.objects.exists()


def test_a_run_keeps_the_mix_and_the_pauses_that_it_was_asked_for_with(browse: Journey) -> None:
    plan = BenchmarkPlan.objects.create(name="journey", profile="smoke")
    plan.stacks.set(Stack.objects.filter(slug="fastapi"))
    plan.workloads.set([browse.workload])
    run = a_run(plan)
    set_parts(browse, weights={"json": 1})

    (trial,) = a_claim(run).spec.trials

    assert trial.mix == (("user_lookup", 60), ("json", 40))
    assert trial.think_s == (0.5, 1.5)


@pytest.mark.parametrize("weights", [{}, {"nothing": 1}, {"journey-browse": 1}])
def test_parts_that_no_stack_serves_are_refused_and_nothing_changes(browse: Journey, weights: dict[str, int]) -> None:
    with pytest.raises(Refused, match="choose from the workloads"):
        set_parts(browse, weights=weights)

    assert browse.mix == [("user_lookup", 60), ("json", 40)]


def test_pauses_out_of_order_are_refused_with_the_remedy() -> None:
    with pytest.raises(ValidationError, match="swap the two"):
        save_journey(Journey(name="hasty", slug="hasty", think_from_s=2, think_to_s=1))

    assert not Workload.objects.filter(slug="journey-hasty").exists()


def test_a_slug_that_runs_are_called_by_stays(browse: Journey) -> None:
    browse.slug = "other"

    with pytest.raises(Refused, match="make another journey"):
        save_journey(browse)


CHECKOUT = JourneyFacts(
    slug="checkout",
    title="Checkout",
    source="shop/journey.toml",
    locustfile="locustfile.py",
    think_s=(1.0, 2.0),
    weights={"json": 3, "user_lookup": 1},
)


def test_a_folder_s_journey_is_followed_and_written_only_when_it_changed() -> None:
    for said in (CHECKOUT, CHECKOUT, replace(CHECKOUT, title="Buy", weights={"json": 1})):
        register_journeys([said])

    journey = Journey.objects.get()
    assert (journey.name, journey.locustfile, journey.mix) == ("Buy", "locustfile.py", [("json", 1)])
    assert (journey.think_from_s, journey.think_to_s, journey.history.count()) == (1.0, 2.0, 2)
    assert {stack.slug for stack in journey.workload.stacks.all()} == {"fastapi", "shop"}


def test_a_journey_whose_folder_is_gone_is_served_by_nobody_and_those_of_people_stay(browse: Journey) -> None:
    register_journeys([CHECKOUT])

    register_journeys([])

    assert list(Journey.objects.all()) == [browse]
    assert not Workload.objects.get(slug="journey-checkout").stacks.exists()


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (replace(CHECKOUT, weights={"nothing": 1}), "'nothing' is no workload; choose from"),
        (replace(CHECKOUT, slug="browse"), "taken by a journey that a person entered; choose another slug"),
        (replace(CHECKOUT, title="60 % user lookup, 40 % JSON"), "already exists"),
    ],
)
def test_what_a_folder_says_wrongly_is_told_with_its_manifest_and_changes_nothing(
    browse: Journey, said: JourneyFacts, problem: str
) -> None:
    with pytest.raises(Refused, match=rf"^shop/journey\.toml: .*{problem}"):
        register_journeys([said])

    assert list(Journey.objects.all()) == [browse]
    assert browse.mix == [("user_lookup", 60), ("json", 40)]


def test_a_folder_s_journey_is_changed_in_its_folder_only() -> None:
    register_journeys([CHECKOUT])
    journey = Journey.objects.get()

    for change in (lambda: write_journey(journey, changes={"name": "other"}), lambda: delete_journey(journey)):
        with pytest.raises(Refused, match=r"change its journey\.toml"):
            change()

    assert Journey.objects.get().name == "Checkout"


def test_a_run_is_told_that_a_locustfile_drives_its_users() -> None:
    register_journeys([CHECKOUT])
    plan = BenchmarkPlan.objects.create(name="journey", profile="smoke")
    plan.stacks.set(Stack.objects.filter(slug="fastapi"))
    plan.workloads.set(Workload.objects.filter(slug="journey-checkout"))

    (trial,) = a_claim(a_run(plan)).spec.trials

    assert (trial.own_users, trial.think_s) == (True, (1.0, 2.0))
