"""API keys: shown once, stored as a hash, with the scopes that were ticked."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from estimator.models import ApiKey
from tests.admin.cast import a_person, address, browser, errors, signed_in, text

pytestmark = pytest.mark.django_db


def entered(owner: User, **values: Any) -> dict[str, Any]:
    """The form as a browser sends it."""
    return {"name": "finance workbook", "owner": owner.pk, "scopes": ["read"], "_save": "Save"} | values


def created(**values: Any) -> tuple[ApiKey, str]:
    """A key made in the admin, and the secret that the page showed."""
    person = a_person("admin")
    page = text(browser(person).post(address(ApiKey, "add"), entered(person, **values)))
    return ApiKey.objects.get(), page.partition('class="api-key">')[2].partition("<")[0]


def test_a_new_key_works_and_has_what_was_ticked() -> None:
    key, secret = created(scopes=["read", "run"])

    assert ApiKey.objects.is_valid(secret)
    assert (key.name, key.owner.username, key.scopes) == ("finance workbook", "admin-person", ["read", "run"])


def test_the_key_is_shown_once_and_stored_nowhere() -> None:
    person = a_person("admin")
    client = browser(person)
    response = client.post(address(ApiKey, "add"), entered(person))
    key = ApiKey.objects.get()
    secret = text(response).partition('class="api-key">')[2].partition("<")[0]

    assert "no-store" in response["Cache-Control"]
    for page in (address(ApiKey, "changelist"), address(key, "change"), address(key, "history"), "/admin/"):
        assert secret not in text(client.get(page))
    assert secret not in str(client.session.items()) and secret not in str(client.cookies)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM estimator_apikey k")
        assert secret.partition(".")[2] not in cursor.fetchone()[0]


def test_a_key_without_a_scope_is_refused() -> None:
    person = a_person("admin")

    response = browser(person).post(address(ApiKey, "add"), entered(person, scopes=[]))

    assert list(errors(response)) == ["scopes"]
    assert not ApiKey.objects.exists()


def test_an_expiry_in_the_past_is_refused_with_the_remedy() -> None:
    person = a_person("admin")

    response = browser(person).post(
        address(ApiKey, "add"), entered(person, expiry_date_0="2020-01-01", expiry_date_1="00:00:00")
    )

    assert "enter a later time" in errors(response)["expiry_date"][0]


def test_a_key_can_be_given_an_end() -> None:
    ahead = timezone.now() + timedelta(days=30)

    key, secret = created(expiry_date_0=f"{ahead:%Y-%m-%d}", expiry_date_1="00:00:00")

    assert key.expiry_date is not None and not key.has_expired
    assert ApiKey.objects.is_valid(secret)


def test_a_revoked_key_stops_working_and_stays_revoked() -> None:
    key, secret = created()
    client = browser(User.objects.get(username="admin-person"))
    form = {"name": key.name, "scopes": ["read"], "_save": "Save"}

    client.post(address(key, "change"), form | {"revoked": "on"})
    assert not ApiKey.objects.is_valid(secret)

    client.post(address(key, "change"), form)
    assert ApiKey.objects.get().revoked


def test_a_key_keeps_its_owner() -> None:
    key, _ = created()
    other = User.objects.create_user("other")

    browser(User.objects.get(username="admin-person")).post(
        address(key, "change"), {"name": key.name, "owner": other.pk, "scopes": ["read"], "_save": "Save"}
    )

    assert ApiKey.objects.get().owner.username == "admin-person"


@pytest.mark.parametrize("role", ["viewer", "analyst", "operator"])
def test_only_administrators_make_keys(role: str) -> None:
    person = a_person(role)

    assert browser(person).post(address(ApiKey, "add"), entered(person)).status_code == 403
    assert not ApiKey.objects.exists()


def test_scopes_are_tick_boxes_with_their_meaning() -> None:
    page = text(signed_in("admin").get(address(ApiKey, "add")))

    assert 'type="checkbox" name="scopes" value="read"' in page
    assert "start and cancel runs" in page


def test_a_key_for_export_is_marked_and_does_nothing_else() -> None:
    person = a_person("admin")

    refused = browser(person).post(address(ApiKey, "add"), entered(person, scopes=["read", "export"]))
    page = text(browser(person).post(address(ApiKey, "add"), entered(person, scopes=["export"])))

    assert "tick export alone" in errors(refused)["scopes"][0]
    assert ApiKey.objects.get().export_only
    assert "/api/v1/estimates.csv?key=&lt;key&gt;" in page
