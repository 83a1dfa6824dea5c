"""The API's own page, in a real browser under the real content security policy."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from estimator.services.roles import ADMIN
from tests.api.conftest import signed_in
from tests.browser.conftest import ARGUMENTS, chromium


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A page, and all that went wrong on it."""

    page: Page
    server: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def hosts(self) -> set[str | None]:
        """Whom the page asked for anything; data: addresses ask nobody."""
        return {urlparse(address).netloc for address in self.requests if not address.startswith("data:")}


@pytest.fixture
def server(transactional_db: None, _plain_http: None) -> Iterator[str]:
    running = LiveServer("localhost")
    yield running.url
    running.stop()


@pytest.fixture
def session(transactional_db: None) -> str:
    """The cookie of an administrator."""
    return signed_in(ADMIN).cookies["sessionid"].value


@pytest.fixture
def visit(server: str, session: str) -> Iterator[Visit]:
    """The page, opened by an administrator on a narrow screen.

    Playwright runs an event loop in this thread: tests ask the page, never the database."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield _open(browser, server, session)
        finally:
            browser.close()


def _open(browser: Browser, server: str, session: str) -> Visit:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    context.add_cookies([{"name": "sessionid", "value": session, "url": server}])
    opened = Visit(page=context.new_page(), server=server)
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on(
        "console", lambda said: opened.complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    opened.page.goto(f"{server}/api/v1/docs/")
    expect(opened.page.locator(".opblock-summary").first).to_be_visible()
    return opened


def overflow_px(page: Page) -> int:
    """How much wider than the screen the page is."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def open_everything(page: Page) -> None:
    """Unfold every operation."""
    page.evaluate("document.querySelectorAll('.opblock-summary-control').forEach(heading => heading.click())")
    expect(page.locator(".opblock-summary-control[aria-expanded=false]")).to_have_count(0)


def test_the_page_lists_the_operations_and_breaks_no_policy(visit: Visit) -> None:
    expect(visit.page.get_by_text("/api/v1/hardware-profiles", exact=True)).to_be_visible()

    assert visit.complaints == []
    assert visit.hosts() == {urlparse(visit.server).netloc}


def test_the_page_fits_a_narrow_screen_with_every_operation_unfolded(visit: Visit) -> None:
    assert overflow_px(visit.page) <= 0

    open_everything(visit.page)

    assert overflow_px(visit.page) <= 0
    assert visit.complaints == []


def test_a_signed_in_person_tries_a_request_out(visit: Visit) -> None:
    block = visit.page.locator("#operations-stacks-stacks_list")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()

    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    assert visit.complaints == []
    assert overflow_px(visit.page) <= 0


def test_a_signed_in_person_writes_with_the_csrf_token_that_the_page_sends(visit: Visit) -> None:
    block = visit.page.locator("#operations-traffic-targets-traffic_targets_create")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.locator("textarea").fill('{"name": "=1+1 <script>alert(1)</script>", "requests_per_day": 1000}')
    block.get_by_role("button", name="Execute").click()

    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text("201")
    expect(block.locator(".live-responses-table .microlight").first).to_contain_text("=1+1 <script>alert(1)</script>")
    assert visit.complaints == []


def test_the_dialogue_for_a_key_opens_without_a_complaint(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Authorize").first.click()

    expect(visit.page.locator(".modal-ux").get_by_text("Api-Key <key>")).to_be_visible()
    assert visit.complaints == []
    assert overflow_px(visit.page) <= 0
