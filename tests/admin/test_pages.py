"""Every page of the admin, for every role: who may open it, and that what people wrote stays text."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape

from estimator.models import HardwareProfile
from tests.admin.cast import HOSTILE_NAMES, Everything, a_person, address, browser, everything, signed_in, text

pytestmark = pytest.mark.django_db

ROLES = ("viewer", "analyst", "operator", "admin", "superuser")
# Which role may enter or change rows of a noun by hand; nobody may for the others.
ENTERED_BY = {
    "trafficprofile": {"analyst", "admin", "superuser"},
    "traffictarget": {"analyst", "admin", "superuser"},
    "benchmarkplan": {"operator", "admin", "superuser"},
    "journey": {"operator", "admin", "superuser"},
    "claimset": {"analyst", "admin", "superuser"},
    "claim": {"analyst", "admin", "superuser"},
    "developerrate": {"analyst", "admin", "superuser"},
    "migrationcase": {"analyst", "admin", "superuser"},
    "hardwareprofile": {"admin", "superuser"},
    "apikey": {"admin", "superuser"},
    "exchangerate": {"admin", "superuser"},
}
FOR_ADMINISTRATORS = {"apikey", "auditentry"}
NOUNS = (
    "apikey",
    "auditentry",
    "benchmarkplan",
    "claim",
    "claimset",
    "containerprice",
    "developerrate",
    "estimate",
    "exchangerate",
    "functionprice",
    "hardwareprofile",
    "journey",
    "lineprice",
    "migrationcase",
    "price",
    "run",
    "runevent",
    "stack",
    "trafficprofile",
    "traffictarget",
    "trialrecord",
    "windowrecord",
    "workload",
)
# What the content security policy would refuse to apply or to run.
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)[^>]*>|\son\w+=\"|javascript:", re.IGNORECASE)


@pytest.fixture
def rows() -> Everything:
    return everything()


def test_each_noun_has_a_page_and_the_packages_own_key_model_has_none() -> None:
    shown = {str(model._meta.label_lower) for model in admin.site._registry}

    assert shown == {f"estimator.{noun}" for noun in NOUNS} | {"auth.user", "auth.group"}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_the_lists_and_rows_it_may_see(role: str, rows: Everything) -> None:
    client = signed_in(role)

    for noun, row in rows.rows().items():
        hidden = noun in FOR_ADMINISTRATORS and role not in ("admin", "superuser")
        expected = 403 if hidden else 200
        assert client.get(address(type(row), "changelist")).status_code == expected, noun
        assert client.get(address(row, "change")).status_code == expected, noun
        assert client.get(address(row, "history")).status_code == expected, noun


@pytest.mark.parametrize("role", ROLES)
def test_each_role_enters_and_changes_only_what_is_its_own(role: str, rows: Everything) -> None:
    client = signed_in(role)

    for noun, row in rows.rows().items():
        may = role in ENTERED_BY.get(noun, set())
        before = list(type(row)._default_manager.values())
        assert client.get(address(type(row), "add")).status_code == (200 if may else 403), noun
        # An empty form is refused with its problems where one may change, and not even read where one may not.
        assert client.post(address(row, "change"), {}).status_code == (200 if may else 403), noun
        assert list(type(row)._default_manager.values()) == before, noun


@pytest.mark.parametrize("role", ROLES)
def test_each_role_deletes_only_what_is_its_own(role: str, rows: Everything) -> None:
    client = signed_in(role)
    deletable = {**ENTERED_BY, "price": {"admin", "superuser"}}

    for noun, row in rows.rows().items():
        may = role in deletable.get(noun, set())
        assert client.get(address(row, "delete")).status_code == (200 if may else 403), noun


def test_staff_without_a_role_sees_nothing(rows: Everything) -> None:
    client = signed_in("stranger")

    for row in rows.rows().values():
        assert client.get(address(row, "change")).status_code == 403


def test_the_front_page_lists_our_nouns_in_the_order_of_work() -> None:
    page = text(signed_in("superuser").get("/admin/"))

    names = ("Traffic targets", "Benchmark plans", "Runs", "Estimates", "Hardware profiles", "API keys", "Groups")
    places = [page.index(f">{name}<") for name in names]
    assert places == sorted(places)


def _all_pages(client: Client, rows: Everything) -> dict[str, Any]:
    addresses = ["/admin/"]
    for row in rows.rows().values():
        addresses += [address(type(row), "changelist"), address(row, "change"), address(row, "history")]
        addresses += [f"{address(type(row), 'changelist')}?q=a"]
    addresses += [address(type(rows.rows()[noun]), "add") for noun in ENTERED_BY]
    addresses += [address(rows.rows()[noun], "delete") for noun in ENTERED_BY]
    addresses += [address(User, "changelist"), address(User, "add")]
    return {one: client.get(one) for one in addresses}


@pytest.mark.parametrize("names", [HOSTILE_NAMES[:2], HOSTILE_NAMES[2:]])
def test_names_that_look_like_code_are_shown_as_text(names: tuple[str, ...]) -> None:
    """Several in one name, as many as fit: every page takes its time."""
    rows = everything(" ".join(names))

    pages = _all_pages(signed_in("superuser"), rows)

    for where, response in pages.items():
        page = text(response)
        assert response.status_code == 200, where
        assert "<script>alert" not in page and "<img src=x" not in page, where
        assert not INLINE.search(page), (where, INLINE.search(page))
    listed = text(pages[address(type(rows.target), "changelist")])
    assert all(escape(name) in listed for name in names)


def test_pages_of_the_past_carry_no_inline_style_or_script(rows: Everything) -> None:
    client = signed_in("superuser")
    for row in (rows.target, rows.plan, rows.hardware, rows.price):
        row.save()  # a second version, so that there is a difference to show
        version = row.history.first()

        page = text(client.get(f"{address(row, 'history')}{version.pk}/"))

        assert not INLINE.search(page)


def test_every_page_forbids_inline_style_and_script_to_the_browser(rows: Everything) -> None:
    policy = signed_in("superuser").get(address(rows.target, "change"))["Content-Security-Policy"]

    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert "default-src 'none'" in policy


def test_lists_ask_the_database_a_fixed_number_of_times(django_assert_max_num_queries: Any, rows: Everything) -> None:
    client = signed_in("superuser")
    for number in range(30):
        HardwareProfile.objects.create(
            provider="aws", name=f"type-{number}", vcpus=2, memory_mib=1024, source="s", as_of="2026-01-01"
        )

    for row in rows.rows().values():
        with django_assert_max_num_queries(25):
            client.get(address(type(row), "changelist"))


@pytest.mark.parametrize("asked", ["/admin/", "/admin/estimator/run/", "/admin/login/?next=/admin/estimator/run/"])
def test_a_person_without_a_session_is_sent_to_the_sites_own_sign_in(asked: str) -> None:
    response = browser().get(asked, follow=True)

    door, status = response.redirect_chain[-1]
    assert status == 302
    assert door == f"/sign-in/?next={asked.partition('next=')[2] or asked}"


def test_the_admins_own_sign_in_takes_no_password() -> None:
    person = User.objects.create_superuser("root", password="right-password")
    client = browser()

    response = client.post("/admin/login/", {"username": person.username, "password": "right-password"})

    assert response.status_code == 302 and response["Location"].startswith("/sign-in/")
    assert "_auth_user_id" not in client.session


def test_signing_in_leads_back_to_the_page_that_was_asked_for() -> None:
    User.objects.create_superuser("root", password="right-password")
    client = browser()
    door = client.get("/admin/login/?next=/admin/estimator/run/")["Location"]

    response = client.post(door, {"username": "root", "password": "right-password"})

    assert response["Location"] == "/admin/estimator/run/"


def test_a_signed_in_person_without_staff_status_is_told_so_and_not_sent_in_circles() -> None:
    person = a_person("viewer")
    person.is_staff = False
    person.save()

    response = browser(person).get("/admin/", follow=True)

    assert response.status_code == 403
    assert len(response.redirect_chain) == 1
