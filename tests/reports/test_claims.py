"""The page of claims: every shipped claim with ours, the verdict, the reason and what would make it true."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from estimator.catalogue.claims import load_claim_sets
from estimator.models import Claim, ClaimSet
from tests.reports import full_house, measured_run
from tests.reports.test_run_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped() -> None:
    load_claim_sets()


@pytest.mark.usefixtures("shipped")
def test_the_page_counts_verdicts_and_shows_every_claim(viewer: Client) -> None:
    page = text(viewer.get("/claims/"))

    assert page.count("not measured") > page.count("cannot be measured") == 4
    for part in ("inconsistent with itself", "8,520 req/s", "Little&#x27;s law: 500 busy connections", "Claims</a>"):
        assert part in page
    assert page.count('role="rowheader"') == 29
    assert "Download as CSV" in page


@pytest.mark.usefixtures("shipped")
def test_measured_claims_link_to_their_runs(viewer: Client) -> None:
    run = full_house.measure(("json", "user_lookup"), stacks=("fastapi", "flask", "django")).pk

    page = text(viewer.get("/claims/"))

    assert f'<a href="/runs/{run}/">run {run}</a>' in page
    assert "FastAPI on Uvicorn carries" in page
    assert "not reproduced" in page


def test_a_page_without_claims_says_what_to_enter(viewer: Client) -> None:
    assert "No claims were entered yet" in text(viewer.get("/claims/"))


def test_names_that_people_enter_stay_text(viewer: Client) -> None:
    entered = ClaimSet.objects.create(name="<b>set</b>", source="<i>source</i>")
    Claim.objects.create(claim_set=entered, claim_id="x", topic="<u>", metric="<script>", contradiction="<hr>")

    page = text(viewer.get("/claims/"))

    assert not any(tag in page for tag in ("<b>set", "<i>source", "<u>", "<script>", "<hr>"))


@pytest.mark.parametrize(("role", "offered"), [("viewer", False), ("operator", False), ("analyst", True)])
def test_only_who_may_enter_claims_is_offered_it(client_of: Callable[[str], Client], role: str, offered: bool) -> None:
    client = client_of(role)
    User.objects.update(is_staff=True)

    assert ("Enter another claim set" in text(client.get("/claims/"))) is offered


@pytest.mark.usefixtures("shipped")
def test_the_report_leads_to_the_claims(viewer: Client) -> None:
    run = measured_run.measure().run

    assert 'href="/claims/"' in text(viewer.get(f"/runs/{run.pk}/"))


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    assert client.get("/claims/").status_code == 302
