"""A run as it happens: the page follows it to its end by itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection
from playwright.sync_api import expect

from estimator.domain.measuring.measurement import Measurement, Progress
from estimator.models import RunState
from estimator.services import recording, runs
from tests.browser.conftest import Looked, Site
from tests.reports import measured_run

Look = Callable[..., Looked]
Result = TypeVar("Result")
pytestmark = pytest.mark.django_db  # so that the tests' database is there


def committed(work: Callable[[], Result]) -> Result:
    """Do it in a session of its own: what the test's own session writes is rolled back and never seen by the server."""

    def closing() -> Result:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(closing).result()


def record(claim: runs.Claim, *measurements: Measurement) -> None:
    for measurement in measurements:
        recording.record(claim, measurement)


def test_page_follows_a_run_to_its_end(look: Look, site: Site) -> None:
    claim = committed(lambda: measured_run.claimed("host-one"))
    looked = look(f"/runs/{claim.run}/")
    page = looked.page
    expect(page.get_by_role("button", name="Cancel this run")).to_be_visible()

    committed(lambda: record(claim, Progress(message="fastapi: warming up", share=0.25, remaining_s=60)))

    expect(page.locator(".run-step").first).to_have_text("fastapi: warming up")
    expect(page.locator("#announcement")).to_contain_text("fastapi: warming up")
    assert page.locator("progress").get_attribute("value") == "0.250"
    committed(lambda: record(claim, *measured_run.stack_measurements("fastapi", 0.002)))
    expect(page.get_by_role("row", name="Locust")).to_be_visible()
    committed(lambda: runs.finish_run(claim))
    expect(page.locator(".run-state .chip")).to_have_text(RunState.SUCCEEDED.label)
    expect(page.get_by_role("button", name="Cancel this run")).to_have_count(0)
    assert looked.problems() == []


def test_person_cancels_a_run(look: Look, site: Site) -> None:
    claim = committed(lambda: measured_run.claimed("host-two"))
    page = look(f"/runs/{claim.run}/").page

    page.get_by_role("button", name="Cancel this run").click()

    expect(page.locator(".run-state .chip")).to_have_text(RunState.CANCELLED.label)
    expect(page.locator(".run-state")).to_contain_text("cancelled by admin")


def test_session_that_ends_leads_to_the_sign_in_page_and_not_into_the_run(look: Look, site: Site) -> None:
    claim = committed(lambda: measured_run.claimed("host-three"))
    page = look(f"/runs/{claim.run}/").page

    page.context.clear_cookies()

    page.wait_for_url(f"{site.url}/sign-in/?next=/runs/{claim.run}/")
    committed(lambda: runs.cancel_run(claim.run, by="the test"))
