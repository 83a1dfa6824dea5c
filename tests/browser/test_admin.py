"""The admin in a real browser: within the security policy, without overflow on a phone, light and dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload

from estimator.models import BenchmarkPlan, HardwareProfile
from tests.admin.cast import address
from tests.browser.conftest import HOSTILE, Looked, Site
from tests.browser.test_every_page import FAINT
from tests.catalogue.test_sheets import PRICE_ROW, csv_file

Look = Callable[..., Looked]
pytestmark = pytest.mark.django_db
# The widest lists and the fullest rows; tests/admin reads all pages for inline style and script.
NOUNS = ("benchmarkplan", "hardwareprofile", "price", "run", "traffictarget", "windowrecord")
ENTERED = ("apikey", "benchmarkplan", "hardwareprofile", "traffictarget")

# The stock admin fades colours over: those in between are nobody's.
FADED = """
async () => {
  await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
}
"""


def _check(looked: Looked, where: str) -> None:
    looked.page.wait_for_load_state()
    for scheme in ("light", "dark"):
        looked.page.emulate_media(color_scheme=scheme)
        looked.page.evaluate(FADED)
        assert looked.page.evaluate("document.scrollingElement.scrollWidth") <= 360, where
        assert looked.page.evaluate(FAINT) == [], (where, scheme)
    assert looked.problems() == [], where


@pytest.mark.parametrize("noun", NOUNS)
def test_lists_and_rows_fit_a_phone_and_break_no_policy(look: Look, noun: str) -> None:
    looked = look(f"/admin/estimator/{noun}/", viewport={"width": 360, "height": 740})
    _check(looked, f"list of {noun}")

    row = looked.page.locator("#result_list tbody tr th a").first
    if row.count():
        row.click()
        _check(looked, f"row of {noun}")


@pytest.mark.parametrize("noun", ENTERED)
def test_forms_fit_a_phone_and_tell_what_is_missing(look: Look, noun: str) -> None:
    looked = look(f"/admin/estimator/{noun}/add/", viewport={"width": 360, "height": 740})
    _check(looked, f"form of {noun}")

    looked.page.locator("[name=_save]").first.click()

    looked.page.locator(".errornote").wait_for()
    _check(looked, f"refused form of {noun}")


def test_a_price_row_is_added_by_its_button(look: Look, site: Site) -> None:
    profile = HardwareProfile.objects.get(provider="aws", name="m7i.large")
    looked = look(address(profile, "change"))
    rows = looked.page.locator("#prices-group tr.dynamic-prices")
    before = rows.count()

    looked.page.locator("#prices-group .add-row a").click()

    assert rows.count() == before + 1
    assert looked.problems() == []


def test_run_now_is_within_reach_on_a_plans_page(look: Look, site: Site) -> None:
    plan = BenchmarkPlan.objects.earliest("pk")
    looked = look(address(plan, "change"), viewport={"width": 360, "height": 740})

    assert looked.page.get_by_role("button", name="Run now").is_visible()
    assert looked.problems() == []


def test_hostile_names_are_text_in_lists_and_forms(look: Look, site: Site) -> None:
    page = look("/admin/estimator/traffictarget/").page
    assert HOSTILE in page.inner_text("#result_list")

    page.goto(f"{site.url}/admin/estimator/traffictarget/{site.hostile_target}/change/")
    assert page.input_value("#id_name") == HOSTILE
    assert page.locator("#content img[src=x]").count() == 0


def test_an_import_is_uploaded_and_looked_at_on_a_phone(look: Look) -> None:
    looked = look("/admin/estimator/price/import/", viewport={"width": 360, "height": 740})
    _check(looked, "import of prices")

    rows = csv_file(PRICE_ROW, PRICE_ROW.replace("m7i.large", "no-such-type"))
    file = FilePayload(name="prices.csv", mimeType="text/csv", buffer=rows)
    looked.page.locator("[name=import_file]").set_input_files(file)
    looked.page.locator("[type=submit].default").click()

    looked.page.get_by_text("1 refused").wait_for()
    _check(looked, "differences of prices")
