"""Journeys by the API: written with their parts in one piece, and measured like any workload."""

from typing import Any

import pytest
from django.test import Client

from estimator.models import Journey, Stack, Workload
from estimator.services.stacks import register_stacks
from tests.api.conftest import World
from tests.api.test_problems import assert_problem, fields
from tests.api.test_targets_and_plans import send
from tests.services.test_journeys import facts

PARTS = [{"workload": "user_lookup", "weight": 60}, {"workload": "json", "weight": 40}]
BROWSE = {"name": "Browse", "slug": "browse", "parts": PARTS, "think_from_s": 1.0, "think_to_s": 2.0}


@pytest.fixture(autouse=True)
def _stacks(db: None) -> None:
    register_stacks([facts("fastapi", "json", "user_lookup"), facts("shop", "json")])


@pytest.fixture
def browse(writer: Client) -> dict[str, Any]:
    body: dict[str, Any] = send(writer, "POST", "journeys", BROWSE).json()
    return body


def test_a_journey_is_written_with_its_parts_and_served_by_whoever_serves_them(
    writer: Client, browse: dict[str, Any]
) -> None:
    assert browse == {**BROWSE, "id": browse["id"], "workload": "journey-browse", "locustfile": ""}
    assert writer.get(f"/api/v1/journeys/{browse['id']}").json() == browse
    assert [row["slug"] for row in writer.get("/api/v1/stacks?workload=journey-browse").json()["results"]] == [
        "fastapi"
    ]


def test_it_may_be_sent_back_as_it_was_read(writer: Client, browse: dict[str, Any]) -> None:
    answer = send(writer, "PUT", f"journeys/{browse['id']}", browse)

    assert (answer.status_code, answer.json()) == (200, browse)


def test_parts_are_replaced_as_a_whole_and_the_rest_stays(writer: Client, browse: dict[str, Any]) -> None:
    parts = [{"workload": "json", "weight": 1}]

    changed = send(writer, "PATCH", f"journeys/{browse['id']}", {"parts": parts}).json()

    assert changed == {**browse, "parts": parts}
    assert {stack.slug for stack in Stack.objects.filter(workloads__slug="journey-browse")} == {"fastapi", "shop"}


def test_journeys_are_found_by_name_slug_and_part(writer: Client, browse: dict[str, Any]) -> None:
    send(writer, "POST", "journeys", {"name": "Ping", "slug": "ping", "parts": [{"workload": "json", "weight": 1}]})

    def found(query: str) -> list[str]:
        return [row["slug"] for row in writer.get(f"/api/v1/journeys?{query}").json()["results"]]

    assert [found(query) for query in ("name=Ping", "slug=browse", "part=user_lookup", "part=json")] == [
        ["ping"],
        ["browse"],
        ["browse"],
        ["ping", "browse"],
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"parts": []}, "parts"),
        ({"parts": "json"}, "parts"),
        ({"parts": [{"workload": "json"}]}, "parts.0.weight"),
        ({"parts": [{"workload": "json", "weight": 0}]}, "parts.0.weight"),
        ({"parts": [{"workload": "nothing", "weight": 1}]}, "parts.0.workload"),
        ({"parts": [{"workload": "journey-browse", "weight": 1}]}, "parts.0.workload"),
        ({"parts": [{"workload": "json", "weight": 1, "share": 2}]}, "parts.0.share"),
        ({"slug": "not a slug"}, "slug"),
        ({"think_from_s": -1}, "think_from_s"),
        ({"think_to_s": "long"}, "think_to_s"),
    ],
)
def test_a_wrong_journey_is_refused_by_the_field_to_mend_and_changes_nothing(
    writer: Client, browse: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    answer = send(writer, "PATCH", f"journeys/{browse['id']}", changes)

    assert fields(assert_problem(answer, status=400, name="invalid")) == {field}
    assert writer.get(f"/api/v1/journeys/{browse['id']}").json() == browse


def test_pauses_out_of_order_are_refused_with_the_remedy(writer: Client) -> None:
    answer = send(writer, "POST", "journeys", {**BROWSE, "think_from_s": 3})

    assert "swap the two" in assert_problem(answer, status=400, name="invalid")["detail"]
    assert not Workload.objects.filter(slug="journey-browse").exists()


@pytest.mark.parametrize(
    ("changes", "field"), [({"slug": "other"}, "slug"), ({"parts": [PARTS[0], PARTS[0]]}, "parts")]
)
def test_what_cannot_be_is_refused_with_the_remedy(
    writer: Client, browse: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    answer = send(writer, "PATCH", f"journeys/{browse['id']}", changes)

    assert fields(assert_problem(answer, status=422, name="refused")) == {field}
    assert writer.get(f"/api/v1/journeys/{browse['id']}").json() == browse


def test_a_deleted_journey_is_served_by_nobody_and_is_no_part_of_another(writer: Client, world: World) -> None:
    assert writer.delete(f"/api/v1/journeys/{world.journey.pk}").status_code == 204

    assert not Journey.objects.exists()
    assert not Stack.objects.filter(workloads__slug="journey-browse").exists()
    parts = [{"workload": "journey-browse", "weight": 1}]
    assert_problem(send(writer, "POST", "journeys", {**BROWSE, "parts": parts}), status=400, name="invalid")
