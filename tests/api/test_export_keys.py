"""Export-only keys: for the files of estimates, in an address too, and for nothing else."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from estimator.models import ApiKey
from estimator.services.roles import ANALYST
from tests.api.conftest import Keys, World, member, signed_in, with_key
from tests.api.endpoints import endpoints, schema
from tests.api.test_access import names, statuses
from tests.api.test_problems import assert_problem

ENDPOINTS = list(endpoints())
FILES = [one for one in ENDPOINTS if one.template.startswith("/api/v1/estimates") and "." in one.template]


@pytest.fixture
def export(secret: Keys) -> str:
    return secret("export")


def fetch(path: str, key: str, **options: Any) -> Any:
    mark = "&" if "?" in path else "?"
    return Client(**options).get(f"/api/v1/{path}{mark}key={key}")


def test_an_export_only_key_fetches_every_file_of_estimates_and_nothing_else(world: World, export: str) -> None:
    found = statuses(with_key(export), world)

    assert len(FILES) == 7
    assert {name for name, status in found.items() if status == 200} == names(FILES)
    assert {status for name, status in found.items() if name not in names(FILES)} == {403}


def test_an_export_only_key_serves_in_the_address_of_those_files_alone(world: World, export: str) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.reads:
            answer = fetch(endpoint.address(world).removeprefix("/api/v1/"), export)
            assert answer.status_code == (200 if endpoint in FILES else 403), endpoint


def test_filters_stand_beside_the_key(world: World, export: str) -> None:
    found = fetch("estimates.json?target_name=nobody", export)

    assert (found.status_code, found.getvalue()) == (200, b"[]\n")


def test_an_export_only_key_serves_as_header_and_as_basic_password(world: World, export: str) -> None:
    basic = base64.b64encode(f"me:{export}".encode()).decode()

    for header in (f"Api-Key {export}", f"Basic {basic}"):
        assert Client(headers={"Authorization": header}).get("/api/v1/estimates.csv").status_code == 200


@pytest.mark.parametrize("scopes", [("read",), ("read", "run", "admin")])
def test_any_other_key_in_an_address_is_refused_with_the_remedy(world: World, secret: Keys, scopes: Any) -> None:
    for path in ("estimates.csv", "stacks"):
        body = assert_problem(fetch(path, secret(*scopes)), status=401, name="unauthenticated")

        assert "may not stand in an address" in body["detail"]
        assert "Authorization: Api-Key <key>" in body["detail"] and "new one in its place" in body["detail"]


def test_a_key_in_an_address_is_not_rescued_by_a_session_or_a_header(world: World, secret: Keys, export: str) -> None:
    assert signed_in("admin").get("/api/v1/estimates.csv?key=unknown").status_code == 401
    both = with_key(secret("read")).get(f"/api/v1/estimates.csv?key={export}")
    twice = Client().get(f"/api/v1/estimates.csv?key={export}&key={export}")

    for answer in (both, twice):
        assert "Send one key" in assert_problem(answer, status=401, name="unauthenticated")["detail"]


def test_unusable_export_only_keys_open_nothing(world: World, secret: Keys) -> None:
    revoked = secret("export", revoked=True)
    expired = secret("export", expiry_date=timezone.now() - timedelta(seconds=1))

    for key in (revoked, expired, "", "unknown.key", "%00.x"):
        assert fetch("estimates.csv", key).status_code == 401


def test_an_export_only_key_is_worth_what_its_owner_may_read(world: World, secret: Keys) -> None:
    stranger, analyst = (secret("export", owner=member(name, role)) for name, role in (("a", None), ("b", ANALYST)))

    assert (fetch("estimates.csv", stranger).status_code, fetch("estimates.csv", analyst).status_code) == (403, 200)


def test_the_key_is_written_percent_encoded_or_not(world: World, export: str) -> None:
    assert Client().get(f"/api/v1/estimates.csv?%6bey={export.replace('.', '%2E')}").status_code == 200


def test_the_database_takes_no_key_that_exports_and_does_more(secret: Keys) -> None:
    with pytest.raises(IntegrityError, match="api_key_export_stands_alone"), transaction.atomic():
        secret("export", "read")

    assert not ApiKey.objects.exists()


def test_the_schema_says_which_addresses_take_a_key() -> None:
    with_it = {
        path
        for path, operations in schema()["paths"].items()
        for operation in operations.values()
        if {"exportKey": []} in operation["security"]
    }

    assert with_it == {one.template for one in FILES}


def test_a_key_without_the_scope_admin_approves_nothing(world: World, secret: Keys) -> None:
    body = {"estimate": world.estimate.pk}

    refused = with_key(secret("read", "run")).post("/api/v1/estimate-approvals", body, "application/json")
    done = with_key(secret("admin")).post("/api/v1/estimate-approvals", body, "application/json")

    assert "lacks the scope 'admin'" in assert_problem(refused, status=403, name="forbidden")["detail"]
    assert done.status_code == 201
