"""A journey is entered with its parts, and is measured like any workload from then on."""

from typing import Any

import pytest

from estimator.models import Journey, Workload
from tests.admin.cast import address, signed_in, text
from tests.services.benchmark_cast import a_stack

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _stack(db: None) -> None:
    a_stack("fastapi", workloads=("json", "user_lookup"))


def entered(**weights: int) -> dict[str, Any]:
    """The form, with its parts."""
    form: dict[str, Any] = {"name": "Checkout", "slug": "checkout", "think_from_s": "1", "think_to_s": "2"}
    form |= {"steps-TOTAL_FORMS": str(len(weights)), "steps-INITIAL_FORMS": "0"}
    for number, (slug, weight) in enumerate(weights.items()):
        form |= {f"steps-{number}-workload": Workload.objects.get(slug=slug).pk, f"steps-{number}-weight": weight}
    return form


def test_an_operator_enters_a_journey_that_stacks_then_serve() -> None:
    response = signed_in("operator").post(address(Journey, "add"), entered(json=3, user_lookup=1))

    assert response.status_code == 302
    journey = Journey.objects.get()
    assert journey.mix == [("json", 3), ("user_lookup", 1)]
    assert (journey.workload.slug, journey.workload.title) == ("journey-checkout", "Journey: Checkout")
    assert [stack.slug for stack in journey.workload.stacks.all()] == ["fastapi"]


def test_a_journey_without_parts_is_refused() -> None:
    response = signed_in("operator").post(address(Journey, "add"), entered())

    assert "A journey needs at least one part" in text(response)
    assert not Journey.objects.exists()


def test_a_part_without_weight_is_refused_and_changes_nothing() -> None:
    response = signed_in("operator").post(address(Journey, "add"), entered(json=0))

    assert "greater than or equal to 1" in text(response)
    assert not Journey.objects.exists()
    assert not Workload.objects.filter(slug="journey-checkout").exists()


def test_the_slug_stays_once_it_is_there() -> None:
    client = signed_in("operator")
    client.post(address(Journey, "add"), entered(json=1))

    page = text(client.get(address(Journey.objects.get(), "change")))

    assert 'name="slug"' not in page
