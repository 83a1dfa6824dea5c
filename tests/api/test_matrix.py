"""Who gets in where, beyond the API (test_access.py): every page and every address of the admin, by role and by key.

A new address without a row fails. Lists and rows of the admin are asked for by each role in tests/admin/test_pages.py.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from estimator.services.roles import ADMIN, ANALYST, OPERATOR, VIEWER
from estimator.services.shares import share_estimate
from tests.admin.test_pages import NOUNS
from tests.api.conftest import Keys, World, member, signed_in, unusable_keys, with_key

ROLES = (VIEWER, ANALYST, OPERATOR, ADMIN)
ALL, ANALYSTS, OPERATORS, ADMINS = set(ROLES), {ANALYST, ADMIN}, {OPERATOR, ADMIN}, {ADMIN}
OPEN = ("sign-in/", "sign-out/", "healthz", "readyz", "shared/<str:token>.csv", "shared/<str:token>/")
PAGES = {
    **dict.fromkeys(("", "reports/", "estimates/", "capacities/", "claims/", "dictionary/", "plans/", "runs/"), ALL),
    "reports/<int:target_id>/": ALL,
    "estimates/<int:estimate_id>/": ALL,
    "estimates/<int:estimate_id>/difference/": ALL,
    "estimates/<int:estimate_id>/repriced/": ALL,
    "runs/<int:run_id>/": ALL,
}
BUTTONS = {
    "reports/<int:target_id>/freeze/": ANALYSTS,
    "estimates/<int:estimate_id>/repriced/freeze/": ANALYSTS,
    "estimates/<int:estimate_id>/share/": ANALYSTS,
    "estimates/<int:estimate_id>/approve/": ADMINS,
    "estimate-shares/<int:share_id>/revoke/": ANALYSTS,
    "plans/<int:plan_id>/run/": OPERATORS,
    "runs/<int:run_id>/cancel/": OPERATORS,
}
# Of the admin: what each staff member may open, and what only some may.
FOR_STAFF: set[str | None] = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete"}
FOR_STAFF |= {"jsi18n", "view_on_site", "app_list", None}
OF_EACH_NOUN = {"changelist", "add", "history", "delete", "change", "simple_history"}
OF_SOME = {"price_import": ADMINS, "hardwareprofile_import": ADMINS, "benchmarkplan_run": OPERATORS}
OF_SOME |= {f"{name.removesuffix('_import')}_process_import": may for name, may in OF_SOME.items() if "import" in name}
FOR_USERS = re.compile(r"auth_(user|group)_\w+")


def routes(patterns: Iterable[Any] | None = None, start: str = "") -> Iterator[tuple[str, str | None]]:
    """Every route of the project with its name."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLPattern):
            yield f"{start}{one.pattern}", one.name
        else:
            yield from routes(one.url_patterns, f"{start}{one.pattern}")


PAGE_ROUTES = [route for route, _ in routes() if not route.startswith(("api/", "admin/"))]
ADMIN_ROUTES = [(route, name) for route, name in routes() if route.startswith("admin/")]


def address(route: str, world: World) -> str:
    """An address of rows that are there; in the admin of any."""
    ids = {"target_id": world.target.pk, "estimate_id": world.estimate.pk, "run_id": world.measured.run.pk}
    ids |= {"plan_id": world.measured.plan.pk, "share_id": world.estimate.shares.get().pk}
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(ids.get(match[1], 1)), route)
    filled = filled.replace("^([^/]+)/history/([^/]+)/$", "1/history/1/").replace("^(?P1estimator|auth)/$", "auth/")
    return "/" + filled.replace("(?P1.*)$", "nowhere")


def asked(client: Client, path: str, method: str = "GET") -> Any:
    """The answer; whatever the request did is undone."""
    with transaction.atomic():
        answer = client.generic(method, path)
        transaction.set_rollback(True)
    return answer


def is_let_in(answer: Any) -> bool:
    return answer.status_code != 403 and not answer.get("Location", "").startswith(("/sign-in/", "/admin/login/"))


def staff(role: str) -> Client:
    """A member of the role who may enter the admin."""
    person = member(f"staff-{role}", role)
    User.objects.filter(pk=person.pk).update(is_staff=True)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def keys(secret: Keys) -> list[Client]:
    """One of each kind, usable or not."""
    unusable = unusable_keys(secret)
    usable = [secret("read"), secret("run"), secret("admin"), secret("read", "run", "admin"), secret("export")]
    return [with_key(key) for key in (*usable, unusable["expired"], unusable["revoked"])]


def test_every_page_has_a_row_in_the_matrix() -> None:
    assert set(PAGE_ROUTES) == {*OPEN, *PAGES, *BUTTONS}


def test_every_address_of_the_admin_has_a_row_in_the_matrix() -> None:
    of_nouns = {f"{noun}_{action}" for noun in NOUNS for action in OF_EACH_NOUN}
    known = {f"estimator_{name}" for name in (*of_nouns, *OF_SOME)}

    unknown = {name for _, name in ADMIN_ROUTES if name not in FOR_STAFF and name not in known}

    assert {name for name in unknown if not FOR_USERS.fullmatch(str(name))} == set()


def test_nobody_gets_into_a_page_without_signing_in_and_a_key_opens_none(world: World, keys: list[Client]) -> None:
    for route in (*PAGES, *BUTTONS):
        for client in (Client(), *keys):
            answer = asked(client, address(route, world), "GET" if route in PAGES else "POST")
            assert not is_let_in(answer), route


def test_what_is_open_is_open_to_everybody(world: World) -> None:
    token = share_estimate(estimate=world.estimate, by=User.objects.latest("id")).plain_token

    for path in ("/sign-in/", "/healthz", f"/shared/{token}/", f"/shared/{token}.csv"):
        assert asked(Client(), path).status_code == 200, path


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_the_pages_and_presses_the_buttons_that_are_its_own(role: str, world: World) -> None:
    client = signed_in(role)

    for route, may in PAGES.items():
        assert is_let_in(asked(client, address(route, world))) == (role in may), route
    for route, may in BUTTONS.items():
        assert is_let_in(asked(client, address(route, world), "POST")) == (role in may), route


def test_nobody_gets_into_the_admin_without_signing_in_and_a_key_opens_nothing(
    world: World, keys: list[Client]
) -> None:
    kinds = [Client(), *keys]
    for number, (route, name) in enumerate(ADMIN_ROUTES):
        answer = asked(kinds[number % len(kinds)], address(route, world))
        assert not is_let_in(answer) or name == "jsi18n", route  # the calendar's words are nobody's secret


@pytest.mark.parametrize("role", ROLES)
def test_each_role_does_in_the_admin_what_is_its_own(role: str, world: World) -> None:
    client = staff(role)

    for route, name in ADMIN_ROUTES:
        own = str(name).removeprefix("estimator_")
        if own in OF_SOME:
            method = "POST" if own.endswith(("_run", "_process_import")) else "GET"
            assert is_let_in(asked(client, address(route, world), method)) == (role in OF_SOME[own]), route
        elif FOR_USERS.fullmatch(str(name)) and str(name).endswith(("_changelist", "_add")):
            assert is_let_in(asked(client, address(route, world))) == (role == ADMIN), route
