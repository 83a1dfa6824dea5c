"""Signing in, its limit on failed tries, and the default that every page needs it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver

from tests.reports.conftest import PASSWORD

OPEN_TO_ALL = {"healthz", "readyz", "login", "shared", "shared-csv"}  # a share link is its own key
Person = Callable[[str], User]


def sign_in(client: Client, name: str, password: str, address: str = "192.0.2.1") -> HttpResponse:
    answer: Any = client.post("/sign-in/", {"username": name, "password": password}, REMOTE_ADDR=address)
    return answer  # type: ignore[no-any-return]


def fail_often(client: Client, name: str, times: int = 5) -> None:
    for _ in range(times):
        sign_in(client, name, "wrong")


def test_right_password_leads_to_the_start_page(client: Client, person: Person) -> None:
    person("viewer")

    answer = sign_in(client, "viewer", PASSWORD)

    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_page_asked_for_first_is_shown_after_signing_in(client: Client, person: Person) -> None:
    person("viewer")

    answer = client.post("/sign-in/", {"username": "viewer", "password": PASSWORD, "next": "/runs/"})

    assert answer["Location"] == "/runs/"


def test_next_address_on_another_host_is_ignored(client: Client, person: Person) -> None:
    person("viewer")

    answer = client.post("/sign-in/", {"username": "viewer", "password": PASSWORD, "next": "https://example.org/"})

    assert answer["Location"] == "/"


def test_sixth_try_is_refused_even_with_the_right_password(client: Client, person: Person) -> None:
    person("viewer")
    fail_often(client, "viewer")

    answer = sign_in(client, "viewer", PASSWORD)

    assert answer.status_code == 200
    assert "Too many failed tries for this name. Wait 15 minutes" in answer.content.decode()


def test_limit_holds_for_one_address_only(client: Client, person: Person) -> None:
    person("viewer")
    fail_often(client, "viewer")

    assert sign_in(client, "viewer", PASSWORD, address="192.0.2.2").status_code == 302


def test_limit_holds_for_one_name_only(client: Client, person: Person) -> None:
    person("viewer")
    fail_often(client, "somebody-else")

    assert sign_in(client, "viewer", PASSWORD).status_code == 302


def test_success_forgets_failed_tries(client: Client, person: Person) -> None:
    person("viewer")
    fail_often(client, "viewer", times=4)
    sign_in(client, "viewer", PASSWORD)
    client.logout()
    fail_often(client, "viewer", times=4)

    assert sign_in(client, "viewer", PASSWORD).status_code == 302


def test_admin_sign_in_counts_the_same_tries(client: Client, person: Person) -> None:
    admin = person("admin")
    User.objects.filter(pk=admin.pk).update(is_staff=True)
    fail_often(client, "admin")

    client.post("/admin/login/", {"username": "admin", "password": PASSWORD}, REMOTE_ADDR="192.0.2.1")

    assert "_auth_user_id" not in client.session


def test_blocked_name_is_not_authenticated_by_any_door(person: Person) -> None:
    person("viewer")
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.9")
    for _ in range(5):
        authenticate(request, username="viewer", password="wrong")

    assert authenticate(request, username="viewer", password=PASSWORD) is None


def test_missing_cache_keeps_nobody_out(client: Client, person: Person, settings: Any) -> None:
    person("viewer")
    backend = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": backend}

    assert sign_in(client, "viewer", PASSWORD).status_code == 302


def test_sign_out_needs_a_post(viewer: Client) -> None:
    assert viewer.get("/sign-out/").status_code == 405
    assert viewer.post("/sign-out/").status_code == 302
    assert viewer.get("/").status_code == 302


def page_addresses() -> list[str]:
    """Each address of the reports, with 1 for every number."""
    found = []
    for entry in get_resolver("estimator.reports.urls").url_patterns:
        assert isinstance(entry, URLPattern)
        if entry.name not in OPEN_TO_ALL:
            found.append("/" + re.sub(r"<int:\w+>", "1", str(entry.pattern)))
    return found


@pytest.mark.parametrize("address", page_addresses())
@pytest.mark.django_db
def test_every_other_page_sends_a_stranger_to_the_sign_in_page(client: Client, address: str) -> None:
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/sign-in/")
