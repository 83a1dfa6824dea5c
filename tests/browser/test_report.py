"""The report in a browser: charts, what-if, print, and the same without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Looked, Site

Look = Callable[..., Looked]
pytestmark = pytest.mark.django_db  # so that the tests' database is there


def test_chart_is_interactive_and_the_server_s_picture_steps_back(look: Look, site: Site) -> None:
    page = look(site.pages["report"]).page

    expect(page.locator("canvas")).to_have_count(1)
    expect(page.locator(".chart-drawn").first).to_be_hidden()


def test_pointing_at_a_chart_breaks_no_policy(look: Look, site: Site) -> None:
    looked = look(site.pages["report"])
    chart = looked.page.locator(".chart-live").first
    chart.scroll_into_view_if_needed()
    expect(chart.locator("canvas")).to_be_visible()
    before = chart.screenshot()

    chart.hover(position={"x": 700, "y": 200})

    looked.page.wait_for_function("() => true")
    assert chart.screenshot() != before
    assert looked.problems() == []


def test_what_if_changes_the_figures_in_place(look: Look, site: Site) -> None:
    looked = look(site.pages["report"])
    page = looked.page
    page.evaluate("window.same = true")
    expect(page.locator("canvas")).to_have_count(1)

    page.get_by_role("textbox", name="Traffic").fill("1B/day")

    expect(page.get_by_role("heading", level=1)).to_have_text("Too close to call.")
    expect(page.locator("canvas")).to_have_count(1)
    expect(page.locator("#answer")).to_contain_text("These are your figures")
    assert page.evaluate("window.same")
    assert "traffic=1B%2Fday" in page.url
    assert page.get_by_role("textbox", name="Traffic").input_value() == "1B/day"
    assert looked.problems() == []


def test_what_if_that_cannot_be_read_says_what_to_write(look: Look, site: Site) -> None:
    looked = look(site.pages["report"])

    looked.page.get_by_role("textbox", name="Traffic").fill("lots")

    expect(looked.page.locator("#what-if-problems")).to_contain_text("such as 10M/day")
    assert looked.problems() == []


def test_going_back_shows_the_figures_before(look: Look, site: Site) -> None:
    page = look(site.pages["report"]).page
    page.get_by_label("Redundancy").select_option("single")
    expect(page.locator("#answer")).to_contain_text("These are your figures")

    page.go_back()

    expect(page.locator("#answer")).not_to_contain_text("These are your figures")


def test_arithmetic_opens_with_the_keyboard(look: Look, site: Site) -> None:
    page = look(site.pages["report"]).page
    page.locator("#fold-arithmetic > summary").click()
    summary = page.locator("#arithmetic summary", has_text="a month").first

    summary.focus()
    page.keyboard.press("Enter")

    expect(page.locator("#arithmetic .steps").first).to_be_visible()


def test_print_shows_figures_and_pictures_and_no_forms(look: Look, site: Site) -> None:
    page = look(site.pages["report"]).page
    expect(page.locator("canvas")).to_have_count(1)

    page.emulate_media(media="print")

    expect(page.locator(".chart-drawn").first).to_be_visible()
    expect(page.locator(".chart-live").first).to_be_hidden()
    expect(page.locator(".what-if")).to_be_hidden()
    expect(page.get_by_role("navigation")).to_have_count(0)


@pytest.mark.parametrize("name", ["report", "start", "run", "estimate"])
def test_page_works_without_javascript(look: Look, site: Site, name: str) -> None:
    page = look(site.pages[name], java_script_enabled=False).page

    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main table").first).to_be_visible()


def test_what_if_works_without_javascript(look: Look, site: Site) -> None:
    page = look(site.pages["report"], java_script_enabled=False).page
    expect(page.locator(".chart-drawn svg").first).to_be_visible()

    page.get_by_role("textbox", name="Traffic").fill("1B/day")
    page.get_by_role("button", name="Ask again").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Too close to call.")
