"""What holds for every page: no other host, no breach of policy, no overflow, contrast, labels, light and dark."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Looked, Site

Look = Callable[..., Looked]
pytestmark = pytest.mark.django_db  # so that the tests' database is there
PAGES = (
    "start",
    "reports",
    "report",
    "hostile report",
    "what-if",
    "refused what-if",
    "estimates",
    "estimate",
    "difference",
    "repriced",
    "plans",
    "capacities",
    "claims",
    "runs",
    "run",
    "running run",
    "nothing",
    "shared",
)

# Elements with text of their own whose colour stands out less than WCAG 2.2 AA asks for.
FAINT = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest("svg, noscript, .visually-hidden, .skip")) continue;
    const style = getComputedStyle(element);
    const behind = ground(element);
    const [one, two] = [light(over(rgba(style.color), behind)), light(behind)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (one + 0.05) / (two + 0.05);
    if (ratio >= (large ? 3 : 4.5)) continue;
    faint.push(element.className + ": " + element.textContent.trim().slice(0, 40) + " " + ratio.toFixed(2));
  }
  return faint;
}
"""

# What a screen reader would miss.
UNNAMED = """
() => {
  const missing = [];
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption) missing.push("table without caption");
    for (const head of table.querySelectorAll("th:not([scope])")) missing.push("th without scope: " + head.outerHTML);
  }
  for (const field of document.querySelectorAll("input:not([type=hidden]), select")) {
    if (!field.labels || !field.labels.length) missing.push("field without label: " + field.name);
  }
  for (const part of document.querySelectorAll("nav, [role=region], progress, article, section")) {
    if (!part.getAttribute("aria-label") && !part.getAttribute("aria-labelledby") && part.tagName !== "SECTION") {
      missing.push("part without name: " + part.tagName);
    }
  }
  for (const kind of ["aria-labelledby", "aria-describedby"]) {
    for (const named of document.querySelectorAll("[" + kind + "]")) {
      for (const by of named.getAttribute(kind).split(" ")) {
        if (!document.getElementById(by)) missing.push(kind + " leads nowhere: " + by);
      }
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) missing.push("id twice: " + id);
  const levels = [...document.querySelectorAll("main :is(h1, h2, h3, h4)")].map((head) => Number(head.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) missing.push("not exactly one h1");
  levels.forEach((level, at) => { if (at && level > levels[at - 1] + 1) missing.push("heading level skipped"); });
  if (document.querySelectorAll("main").length !== 1) missing.push("not exactly one main");
  return missing;
}
"""


# Whether the element with the focus, if any, has an outline of two pixels or more.
FOCUS_SEEN = """
() => {
  const style = getComputedStyle(document.activeElement);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return outlined || document.activeElement === document.body;
}
"""


@pytest.mark.parametrize("name", PAGES)
def test_page_keeps_to_itself_and_can_be_read_anywhere(look: Look, site: Site, name: str) -> None:
    looked = look(site.pages[name])
    page = looked.page
    page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour half way to another
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width, f"{name} overflows at {width} px"
        assert page.evaluate(FAINT) == [], scheme
    assert page.evaluate(UNNAMED) == []
    assert looked.problems() == []


def test_all_kinds_of_pages_are_looked_at(site: Site) -> None:
    assert set(site.pages) == set(PAGES)


@pytest.mark.parametrize("name", ["report", "run", "capacities", "start", "plans"])
def test_page_can_be_used_with_the_keyboard_alone(look: Look, site: Site, name: str) -> None:
    page = look(site.pages[name]).page

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_skip_link_leads_past_the_navigation(look: Look, site: Site) -> None:
    page = look(site.pages["report"]).page

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_sign_in_page_is_clean_too(look: Look) -> None:
    looked = look("/sign-in/", anonymous=True, viewport={"width": 360, "height": 700})

    assert looked.page.evaluate("document.scrollingElement.scrollWidth") <= 360
    assert looked.page.evaluate(FAINT) == []
    assert looked.page.evaluate(UNNAMED) == []
    assert looked.problems() == []


@pytest.mark.parametrize("path", ["/admin/", "/api/v1/docs/"])
def test_pages_beside_the_reports_break_no_policy_either(look: Look, path: str) -> None:
    looked = look(path)
    looked.page.wait_for_load_state("networkidle")

    assert looked.problems() == []


def test_hostile_names_are_shown_as_text(look: Look, site: Site) -> None:
    for name in ("hostile report", "estimate", "estimates", "reports"):
        page = look(site.pages[name]).page

        assert page.locator("main img").count() == 0
        assert "<img src=x onerror=alert(1)>{{ 7 }}" in page.inner_text("main"), name
