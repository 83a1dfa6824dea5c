"""A workload on screen: its report and its run."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from estimator.models import Run, Stack, TrafficTarget
from estimator.queries.measurements import measured_stacks, newest_measurements, newest_of_all
from estimator.queries.orm_cost import orm_costs
from tests.kept import kept
from tests.reports import full_house
from tests.reports.conftest import standing_example
from tests.reports.test_report_pages import address
from tests.reports.test_run_pages import text

pytestmark = pytest.mark.django_db
LOOKUPS = ("user_lookup", "user_lookup_raw")
THREE = ("fastapi", "flask", "django")
HUNG = "quart_app <hung> under load"


@pytest.fixture(scope="module")
def kept_lookups(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The standing example; both lookups of three stacks, Django's without an ORM failed: once for all tests here."""
    with kept(django_db_blocker):
        standing_example()
        full_house.measure(LOOKUPS, stacks=THREE, failing={("django", "user_lookup_raw"): HUNG})
        yield


@pytest.fixture
def lookups(kept_lookups: None, db: None) -> Run:
    """Their run."""
    return Run.objects.get()


@pytest.fixture
def example(kept_lookups: None, db: None) -> TrafficTarget:
    """What is asked for."""
    return TrafficTarget.objects.get(standing=True)


def section(page: str, title: str) -> str:
    """The part of a page from one heading to the end of its section."""
    start = page.index(f">{title}<")
    return page[start : page.index("</section>", start)]


def capacity(run: Run, stack: str, workload: str) -> str:
    found = next(one for one in measured_stacks(run_id=run.pk, workload=workload) if one.stack.slug == stack)
    assert found.fit.capacity_rps is not None
    return f"{found.fit.capacity_rps.mid:,.0f}"


def test_report_shows_the_workload_asked_for(viewer: Client, example: TrafficTarget, lookups: Run) -> None:
    headline = text(viewer.get(address(example)))
    raw = text(viewer.get(address(example), {"workload": "user_lookup_raw"}))

    assert capacity(lookups, "flask", "user_lookup") in section(headline, "What was measured")
    assert capacity(lookups, "flask", "user_lookup_raw") in section(raw, "What was measured")
    assert "User lookup without an ORM" in section(raw, "What was asked")
    assert "These are your figures" not in raw  # another workload is no other target


def test_workload_that_was_not_measured_is_refused_by_name(
    viewer: Client, example: TrafficTarget, lookups: Run
) -> None:
    page = text(viewer.get(address(example), {"workload": "cpu"}))

    assert "until this is mended" in page
    assert "Workload: Select a valid choice" in page


def test_estimate_is_frozen_of_the_workload_on_the_page(analyst: Client, example: TrafficTarget, lookups: Run) -> None:
    page = text(analyst.post(f"{address(example)}freeze/?workload=user_lookup_raw", {"title": "Raw"}, follow=True))

    assert capacity(lookups, "flask", "user_lookup_raw") in section(page, "What was measured")


def test_orm_stands_beside_no_orm_where_both_were_measured(
    viewer: Client, example: TrafficTarget, lookups: Run
) -> None:
    costs = orm_costs(newest_of_all())

    pages = [viewer.get(address(example)), viewer.get("/capacities/"), viewer.get(f"/runs/{lookups.pk}/")]

    assert [one.slug for one in costs] == ["fastapi", "flask"]
    assert all(one.demand_ratio.mid == pytest.approx(1 / full_house.SHARES["user_lookup_raw"]) for one in costs)
    for page in map(text, pages):
        shown = section(page, "What the ORM costs")
        assert shown.count("2.22") >= 2
        assert "Django on Gunicorn" not in shown


def test_run_page_shows_one_workload_and_leads_to_the_others(viewer: Client, lookups: Run) -> None:
    first = text(viewer.get(f"/runs/{lookups.pk}/"))
    second = text(viewer.get(f"/runs/{lookups.pk}/?workload=user_lookup_raw"))

    assert f'href="/runs/{lookups.pk}/?workload=user_lookup_raw"' in first
    assert '<h2 id="measured-title">Authenticated user lookup</h2>' in first
    assert '<h2 id="measured-title">User lookup without an ORM</h2>' in second
    assert capacity(lookups, "flask", "user_lookup") in first
    assert "quart_app &lt;hung&gt; under load" in second
    assert "quart_app" not in first[: first.index("What happened")]


def test_run_page_tells_voids_with_reason_and_count(viewer: Client, lookups: Run) -> None:
    page = text(viewer.get(f"/runs/{lookups.pk}/"))

    assert "1 of 22 windows void" in page
    assert "<strong>1 void:</strong> foreign processes used 0.41 cores (limit 0.25)" in page
    assert page.count('<path class="void-marks" d="M') == 2  # its picture and the legend


def test_run_page_shows_intervals_second_engine_memory_and_cold_start(viewer: Client, lookups: Run) -> None:
    page = text(viewer.get(f"/runs/{lookups.pk}/"))

    flask = next(one for one in measured_stacks(run_id=lookups.pk, workload="user_lookup") if one.stack.slug == "flask")
    demand = flask.fit.service_demand_s
    assert demand is not None
    assert f"{demand.low * 1000:.3f} to {demand.high * 1000:.3f}" in page
    assert re.search(r'data-label="p99, ms"> [\d.]+ <small>[\d.]+ open loop</small>', page)
    assert 'data-label="Idle, MiB">61<' in page
    assert 'data-label="Cold start, s"> 0.81 <' in page
    assert "AMD EPYC" in page


def test_run_page_links_to_its_raw_data(viewer: Client, lookups: Run) -> None:
    page = text(viewer.get(f"/runs/{lookups.pk}/"))

    for name in ("windows.json", "latency.hlog"):
        link = f"/api/v1/runs/{lookups.pk}/{name}"
        assert f'href="{link}"' in page
        assert viewer.get(link).status_code == 200


def test_setting_that_deviates_is_marked(viewer: Client, lookups: Run) -> None:
    slow = Stack.objects.get(slug="flask")
    Stack.objects.filter(pk=slow.pk).update(settings={**slow.settings, "keep_alive_s": 5})

    page = text(viewer.get(f"/runs/{lookups.pk}/"))

    assert '<td class="odd">5</td>' in page


def test_remembered_fit_is_the_one_that_would_be_made_anew(lookups: Run) -> None:
    first = newest_measurements()

    again = newest_measurements()
    Stack.objects.filter(slug="flask").update(title="Flask, renamed")
    renamed = newest_measurements()

    assert [one.outcome for one in again] == [one.outcome for one in first]
    assert all(one.fit is other.fit for one, other in zip(first, again, strict=True))
    assert "Flask, renamed" in [getattr(one.outcome, "title", "") for one in renamed]
