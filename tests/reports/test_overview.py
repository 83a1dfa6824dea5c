"""All workloads on screen: the overview of all pairs, and reports of what there is."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from estimator.models import Stack, TrafficTarget
from tests.reports import full_house, measured_run
from tests.reports.test_report_pages import address
from tests.reports.test_run_pages import text
from tests.reports.test_workloads import section

pytestmark = pytest.mark.django_db
THREE = ("fastapi", "flask", "django")
HUNG = "quart_app <hung> under load"


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_report_takes_what_there_is_when_the_headline_was_not_measured(viewer: Client, standing: TrafficTarget) -> None:
    full_house.measure(["json"], stacks=["fastapi"])

    page = text(viewer.get(address(standing)))

    assert "Plain JSON" in section(page, "What was asked")


def test_stack_that_cannot_serve_a_workload_says_why(viewer: Client, standing: TrafficTarget) -> None:
    full_house.measure(["json"], stacks=["fastapi"])
    Stack.objects.filter(slug="flask").update(unsupported={"json": "it speaks XML <only>"})

    report, overview = text(viewer.get(address(standing))), text(viewer.get("/capacities/"))

    for page in (report, overview):
        assert "it speaks XML &lt;only&gt;" in page
    assert "not measured yet" in section(report, "What was measured")


def test_orm_is_not_told_of_where_only_one_lookup_was_measured(viewer: Client, standing: TrafficTarget) -> None:
    measured_run.measure()

    for path in (address(standing), "/capacities/"):
        assert "What the ORM costs" not in text(viewer.get(path))


def test_overview_holds_every_pair_from_its_newest_run(viewer: Client) -> None:
    full_house.measure(["json"], stacks=THREE)
    newest = full_house.measure(["json"], stacks=["flask"], failing={("django", "json"): HUNG})

    page = text(viewer.get("/capacities/"))

    assert "3 of 56 pairs measured" in page
    assert page.count("/?workload=json") == 3
    assert f'href="/runs/{newest.pk}/?workload=json"' in page
    assert page.count("not measured") == 53


def test_overview_names_the_reason_of_a_pair_that_failed(viewer: Client) -> None:
    full_house.measure(["json"], stacks=THREE, failing={("flask", "json"): HUNG})

    page = text(viewer.get("/capacities/"))

    assert '<a href="#note-1">' in page
    assert "Flask on Gunicorn, Plain JSON:</strong> quart_app &lt;hung&gt; under load" in page


def test_overview_of_a_new_installation_says_where_stacks_come_from(viewer: Client) -> None:
    assert "Nothing is registered yet" in text(viewer.get("/capacities/"))


def test_navigation_leads_to_the_overview_from_the_start_page(viewer: Client, standing: TrafficTarget) -> None:
    measured_run.measure()

    assert text(viewer.get("/")).count('href="/capacities/"') == 2


def test_pages_ask_the_database_the_same_however_many_stacks_and_windows(
    viewer: Client, standing: TrafficTarget
) -> None:
    few = full_house.measure(["user_lookup"], stacks=["flask"])
    paths = (address(standing), "/capacities/", "/")
    before = [queries_of(viewer, path) for path in (*paths, f"/runs/{few.pk}/")]
    many = full_house.measure(["user_lookup", "json"])

    after = [queries_of(viewer, path) for path in (*paths, f"/runs/{many.pk}/")]

    assert all(later <= earlier + 1 for earlier, later in zip(before, after, strict=True)), (before, after)
    assert max(after) <= 27  # of a report, which also reads tariffs, migrations, currencies and their rates
