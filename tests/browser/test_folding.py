"""Sections that fold: short at first, open by keyboard, link and address, kept over a what-if, all of it on paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Looked, Site

Look = Callable[..., Looked]
pytestmark = pytest.mark.django_db  # so that the tests' database is there
HEIGHT = "document.scrollingElement.scrollHeight"


def unfolded(page: Page) -> list[str]:
    """The names of the sections that are open."""
    found: list[str] = page.evaluate("[...document.querySelectorAll('.fold[open]')].map((fold) => fold.id)")
    return found


@pytest.mark.parametrize("name", ["report", "estimate"])
def test_folded_page_is_a_fraction_of_the_whole(look: Look, site: Site, name: str) -> None:
    for width, most in ((1280, 0.5), (360, 0.5)):
        page = look(site.pages[name], viewport={"width": width, "height": 800}).page
        folded = page.evaluate(HEIGHT)
        assert unfolded(page) == []

        page.goto(f"{site.url}{site.pages[name]}?all=1")

        assert folded < most * page.evaluate(HEIGHT), width
        assert page.locator(".fold:not([open])").count() == 0


def test_first_screen_holds_verdict_and_bills(look: Look, site: Site) -> None:
    page = look(site.pages["report"], viewport={"width": 1280, "height": 900}).page

    for part in (
        page.locator("h1"),
        page.locator(".question"),
        page.locator(".key-figures"),
        page.locator(".bills h2"),
    ):
        expect(part).to_be_in_viewport()


def test_section_opens_and_closes_with_the_keyboard(look: Look, site: Site) -> None:
    page = look(site.pages["report"]).page
    summary = page.locator("#fold-evidence > summary")

    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#evidence")).to_be_visible()
    page.keyboard.press("Space")

    expect(page.locator("#evidence")).to_be_hidden()


def test_contents_lead_into_a_folded_section(look: Look, site: Site) -> None:
    looked = look(site.pages["report"])
    page = looked.page

    page.get_by_role("navigation", name="On this page").get_by_role("link", name="Arithmetic").click()

    expect(page.locator("#arithmetic")).to_be_visible()
    expect(page.locator("#fold-arithmetic > summary")).to_be_in_viewport()
    assert unfolded(page) == ["fold-arithmetic"]
    assert looked.problems() == []


def test_what_if_keeps_what_is_open(look: Look, site: Site) -> None:
    looked = look(site.pages["report"])
    page = looked.page
    for name in ("machines", "limits"):
        page.locator(f"#fold-{name} > summary").click()

    page.get_by_role("textbox", name="Traffic").fill("1B/day")

    expect(page.locator("#answer")).to_contain_text("These are your figures")
    expect(page.locator("#machines")).to_be_visible()
    assert unfolded(page) == ["fold-machines", "fold-limits"]
    assert looked.problems() == []


def test_paper_shows_every_section(look: Look, site: Site) -> None:
    page = look(site.pages["report"]).page
    expect(page.locator("canvas")).to_have_count(1)

    page.emulate_media(media="print")

    for part in ("#machines table", "#measured table >> nth=0", "#arithmetic summary >> nth=0", "#limits ul >> nth=0"):
        expect(page.locator(part)).to_be_visible()
    expect(page.locator(".contents")).to_be_hidden()


def test_sections_open_without_javascript(look: Look, site: Site) -> None:
    page = look(site.pages["report"], java_script_enabled=False).page

    page.locator("#fold-measured > summary").click()
    expect(page.locator("#measured table").first).to_be_visible()
    page.get_by_role("link", name="Open all").click()

    expect(page.locator("#limits")).to_be_visible()
    page.get_by_role("textbox", name="Traffic").fill("1B/day")
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Too close to call.")
    expect(page.locator("#limits")).to_be_visible()
