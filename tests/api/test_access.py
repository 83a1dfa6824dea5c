"""Who gets in: every address against every kind of key and every role."""

import base64
from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from estimator.services.roles import ADMIN, ANALYST, OPERATOR, VIEWER
from tests.api.conftest import UNUSABLE, Keys, World, member, signed_in, unusable_keys, with_key
from tests.api.endpoints import Endpoint, endpoints

ENDPOINTS = list(endpoints())
READING = [endpoint for endpoint in ENDPOINTS if endpoint.only_reads]
WRITING = [endpoint for endpoint in ENDPOINTS if not endpoint.only_reads]
AUDIT = [endpoint for endpoint in ENDPOINTS if endpoint.template.startswith("/api/v1/audit-entries")]
# What each role may do beside reading: the start of the address.
MAY_WRITE = {
    VIEWER: (),
    ANALYST: ("/api/v1/traffic-targets", "/api/v1/estimates", "/api/v1/estimate-shares"),
    OPERATOR: ("/api/v1/plans", "/api/v1/journeys", "/api/v1/runs"),
    ADMIN: ("/api/v1/",),
}


def ask(client: Client, endpoint: Endpoint, world: World) -> Any:
    """The answer; whatever the request did is undone."""
    with transaction.atomic():
        answer = client.generic(
            endpoint.method, endpoint.address(world), endpoint.body(world), content_type="application/json"
        )
        transaction.set_rollback(True)
    return answer


def statuses(client: Client, world: World, wanted: Iterable[Endpoint] = ENDPOINTS) -> dict[str, int]:
    """What the client gets at each endpoint."""
    cache.clear()  # the matrix asks more often than the rate allows
    return {str(endpoint): ask(client, endpoint, world).status_code for endpoint in wanted}


def names(wanted: Iterable[Endpoint]) -> set[str]:
    return {str(endpoint) for endpoint in wanted}


def test_nobody_gets_in_without_a_key(world: World) -> None:
    found = statuses(Client(), world)

    assert found.pop("GET /api/v1/docs/") == 302  # a page for people: they are asked to sign in
    assert found == dict.fromkeys(found, 401)


def test_a_refusal_says_how_to_identify_oneself(db: None) -> None:
    answer = Client().get("/api/v1/stacks")

    assert answer["WWW-Authenticate"].startswith("Api-Key ")
    assert "Basic " in answer["WWW-Authenticate"]


@pytest.mark.parametrize("why", UNUSABLE)
def test_no_unusable_key_gets_in_anywhere(why: str, world: World, secret: Keys) -> None:
    found = statuses(with_key(unusable_keys(secret)[why]), world)

    assert found == dict.fromkeys(found, 401)


def test_a_key_without_the_scope_is_refused_everywhere(world: World, secret: Keys) -> None:
    found = statuses(with_key(secret("run")), world, READING) | statuses(with_key(secret("read")), world, WRITING)

    assert found == dict.fromkeys(names(ENDPOINTS), 403)


def test_a_key_with_the_scope_gets_in_everywhere(world: World, secret: Keys) -> None:
    found = statuses(with_key(secret("read")), world, READING)
    found |= statuses(with_key(secret("run", "admin")), world, WRITING)

    refused = {name: status for name, status in found.items() if status not in (200, 201, 202, 204)}
    assert refused == {  # its run has ended, refers to the plan, and does not differ from itself
        "POST /api/v1/comparisons": 422,
        "DELETE /api/v1/plans/{id}": 409,
        "POST /api/v1/runs/{id}/cancel": 409,
    }


def test_a_refusal_names_the_scope_to_ask_for(secret: Keys) -> None:
    answer = with_key(secret("run")).get("/api/v1/stacks")

    assert "lacks the scope 'read'" in answer.json()["detail"]


@pytest.mark.parametrize("role", [VIEWER, ANALYST, OPERATOR, ADMIN])
def test_a_signed_in_person_does_what_the_role_allows_and_nothing_else(role: str, world: World) -> None:
    found = statuses(signed_in(role), world)

    forbidden = {name for name, status in found.items() if status == 403}
    writing = names(one for one in WRITING if not one.template.startswith(MAY_WRITE[role]))
    assert forbidden == writing | (set() if role == ADMIN else names(AUDIT))


@pytest.mark.parametrize("role", [VIEWER, ANALYST, OPERATOR, None])
def test_a_key_with_every_scope_does_what_its_owner_may_and_nothing_else(
    role: str | None, world: World, secret: Keys
) -> None:
    found = statuses(with_key(secret("read", "run", "admin", owner=member("somebody", role))), world)

    owner_gets = statuses(signed_in(role), world)
    assert {name: status == 403 for name, status in found.items()} == {
        name: status == 403 for name, status in owner_gets.items()
    }


def test_a_person_without_a_role_reads_nothing(world: World) -> None:
    client = signed_in(None)

    found = statuses(client, world)

    assert {name for name, status in found.items() if status != 403} == {
        *("GET /api/v1/dictionary", "GET /api/v1/schema/", "GET /api/v1/docs/")
    }


def test_the_key_serves_as_basic_password_under_any_name(secret: Keys) -> None:
    credentials = base64.b64encode(f"whoever:{secret('read')}".encode()).decode()

    answer = Client(headers={"Authorization": f"Basic {credentials}"}).get("/api/v1/stacks")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic %%%",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        "Basic " + base64.b64encode(b"a:\x00.\x00").decode(),
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Bearer abc",
        "Api-Key",
        "Api-Key .",
        "Api-Key é.é",
    ],
)
def test_malformed_credentials_are_refused_and_break_nothing(db: None, header: str) -> None:
    answer = Client(headers={"Authorization": header}).get("/api/v1/stacks")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_a_wrong_key_is_not_rescued_by_a_session(world: World) -> None:
    client = signed_in(ADMIN)

    answer = client.get("/api/v1/stacks", headers={"Authorization": "Api-Key wrong"})

    assert answer.status_code == 401


def test_the_refusal_of_an_expired_key_says_so_only_to_its_holder(secret: Keys) -> None:
    keys = unusable_keys(secret)

    told = with_key(keys["expired"]).get("/api/v1/stacks").json()["detail"]
    not_told = with_key(keys["expired"][:-2] + "xy").get("/api/v1/stacks").json()["detail"]

    assert "expired on" in told
    assert "expired" not in not_told


def test_a_session_cannot_write_without_the_csrf_token(world: World) -> None:
    client = signed_in(ADMIN, csrf=True)

    answer = client.post("/api/v1/runs", {"plan": world.measured.plan.pk}, content_type="application/json")

    assert answer.status_code == 403
    assert "X-CSRFToken" in answer.json()["detail"]


def test_a_key_needs_no_csrf_token(world: World, secret: Keys) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Api-Key {secret('run')}"})

    answer = client.post("/api/v1/runs", {"plan": world.measured.plan.pk}, content_type="application/json")

    assert answer.status_code == 202


def test_changes_made_with_a_key_are_its_owners_in_the_history(world: World, writer: Client, owner: User) -> None:
    answer = writer.patch(
        f"/api/v1/traffic-targets/{world.target.pk}", {"headroom": 0.5}, content_type="application/json"
    )

    assert answer.status_code == 200
    assert world.target.history.first().history_user == owner
