"""A real Chromium on a real server with a measured database, shared by all browser tests: they only look at it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from estimator.catalogue.claims import load_claim_sets
from estimator.catalogue.loader import load_catalogue
from estimator.models import Run, TrafficTarget
from estimator.queries.projections import cost_report, frozen_json, target_value
from estimator.services.estimates import freeze_estimate
from estimator.services.first_start import ensure_first_rows
from estimator.services.shares import share_estimate
from tests.catalogue.shipped import shipped_catalogue
from tests.reports import measured_run
from tests.reports.test_run_pages import half_way

PASSWORD = "correct horse battery staple"
HOSTILE = "<img src=x onerror=alert(1)>{{ 7 }}"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample));
"""
# Plain HTTP, as `manage.py up` serves it.
_PLAIN = {"SECURE_SSL_REDIRECT": False, "SESSION_COOKIE_SECURE": False, "CSRF_COOKIE_SECURE": False}


def chromium() -> str:
    """The system's Chromium; the test is skipped without one, or fails where a browser is required."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        sentence = "No Chromium found; install the package chromium (Debian, Ubuntu, Fedora) to run the browser tests."
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return found


@dataclass(frozen=True, kw_only=True)
class Site:
    """The served installation and what can be looked at in it."""

    url: str
    target: int
    hostile_target: int
    measured_run: int
    running_run: int
    estimate: int
    shared: str

    @property
    def pages(self) -> dict[str, str]:
        """Every kind of page by name."""
        return {
            "start": "/",
            "reports": "/reports/",
            "report": f"/reports/{self.target}/",
            "hostile report": f"/reports/{self.hostile_target}/",
            "what-if": f"/reports/{self.target}/?traffic=1B/day&redundancy=pair",
            "refused what-if": f"/reports/{self.target}/?traffic=lots",
            "estimates": "/estimates/",
            "estimate": f"/estimates/{self.estimate}/",
            "difference": f"/estimates/{self.estimate}/difference/?base={self.estimate}",
            "repriced": f"/estimates/{self.estimate}/repriced/",
            "plans": "/plans/",
            "capacities": "/capacities/",
            "claims": "/claims/",
            "runs": "/runs/",
            "run": f"/runs/{self.measured_run}/",
            "running run": f"/runs/{self.running_run}/",
            "nothing": "/nothing/",
            "shared": self.shared,
        }


@pytest.fixture(scope="package")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    """Rows are committed, because the server reads them from a thread of its own, and flushed in the end."""
    chromium()
    with django_db_blocker.unblock(), override_settings(**_PLAIN), _async_unsafe():
        call_command("flush", interactive=False, verbosity=0)
        server = LiveServer("localhost")
        try:
            yield _furnished(str(server.url))
        finally:
            server.stop()
            call_command("flush", interactive=False, verbosity=0)


@contextmanager
def _async_unsafe() -> Iterator[None]:
    """Playwright keeps an event loop in this thread, in which Django would refuse to look at its rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


def _furnished(url: str) -> Site:
    load_catalogue(shipped_catalogue())
    load_claim_sets()
    ensure_first_rows()
    user = User.objects.create_superuser("admin", password=PASSWORD)
    measured_run.measure(failing={"flask": f"flask_app answered {HOSTILE}"})
    run = measured_run.measure().run
    target = TrafficTarget.objects.get(standing=True)
    hostile = TrafficTarget.objects.create(name=HOSTILE, requests_per_day=10_000_000, cost_centre=HOSTILE)
    report = cost_report(target=target_value(target))
    estimate = freeze_estimate(title=HOSTILE, target_name=HOSTILE, content=frozen_json(report), created_by=user)
    half_way()
    return Site(
        url=url,
        target=target.pk,
        hostile_target=hostile.pk,
        measured_run=run.pk,
        running_run=Run.objects.latest("pk").pk,
        estimate=estimate.pk,
        shared=f"/shared/{share_estimate(estimate=estimate, by=user).plain_token}/",
    )


@pytest.fixture(scope="package")
def playwright(site: Site) -> Iterator[Playwright]:
    """The driver; after the site, because Django sets its databases up outside of event loops only."""
    with sync_playwright() as started:
        yield started
        connections.close_all()  # those that the tests opened inside of the driver's event loop


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser process for all."""
    started = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
    try:
        yield started
    finally:
        started.close()


@pytest.fixture(scope="package")
def signed_in(browser: Browser, site: Site) -> Any:
    """The cookies of a person who signed in through the page, with the keyboard alone."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/sign-in/")
    page.keyboard.type("admin")  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/")
    state = context.storage_state()
    context.close()
    return state


@dataclass(kw_only=True)
class Looked:
    """What a page did that nobody should see."""

    page: Page
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Requests to other hosts, errors and warnings of the console, breaches of the security policy."""
        return [*self.foreign, *self.complaints, *self.page.evaluate("window.violations")]


@pytest.fixture
def look(browser: Browser, site: Site, signed_in: Any) -> Iterator[Callable[..., Looked]]:
    """Open a page as a person who is signed in, and watch it. Keyword arguments go to the browser's context."""
    contexts: list[BrowserContext] = []

    def opened(path: str, *, anonymous: bool = False, **options: Any) -> Looked:
        context = browser.new_context(storage_state=None if anonymous else signed_in, **options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        looked = Looked(page=context.new_page())
        _watch(looked, site.url)
        looked.page.goto(site.url + path)
        return looked

    yield opened
    for context in contexts:
        context.close()


def _watch(looked: Looked, url: str) -> None:
    page = looked.page
    page.add_init_script(_WATCH)
    page.on("request", lambda request: _note_host(looked, request.url, url))
    page.on("console", lambda message: _note_message(looked, message.type, message.text))
    page.on("pageerror", lambda error: looked.complaints.append(str(error)))


def _note_host(looked: Looked, asked: str, url: str) -> None:
    if not asked.startswith((f"{url}/", "data:")):
        looked.foreign.append(asked)


def _note_message(looked: Looked, kind: str, text: str) -> None:
    # A page that is not there is reported by the browser itself.
    if kind in ("error", "warning") and "404 (Not Found)" not in text:
        looked.complaints.append(text)
