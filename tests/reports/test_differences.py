"""Pages that hold an estimate against another one and price it again; without a script."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from estimator.domain.cost.traffic import TrafficTarget
from estimator.models import Estimate, HardwareProfile, Price
from estimator.queries.estimate_versions import comparable_estimates
from estimator.services.estimates import freeze_estimate
from tests.domain.frozen_cases import MACHINES, frozen
from tests.reports.test_run_pages import text

pytestmark = pytest.mark.django_db
MANY: dict[str, Any] = {"requests_per_day": Decimal(10**9)}


def freeze(title: str = "Budget", **target: Any) -> Estimate:
    return freeze_estimate(title=title, target_name="Shop", content=frozen(TrafficTarget(**target)), created_by=None)


def listed() -> None:
    """Today the machines that the estimates hold cost twice as much."""
    for machine in MACHINES:
        facts = {"vcpus": machine.hardware.vcpus, "memory_mib": 8192, "source": "a list", "as_of": date(2026, 11, 1)}
        row = HardwareProfile.objects.create(provider="aws", name=machine.hardware.name, **facts)
        Price.objects.create(
            hardware=row, region="us-east-1", hourly=2 * machine.price.hourly, source="a list", as_of=date(2026, 12, 1)
        )


def test_an_estimate_offers_its_earlier_version_first(viewer: Client) -> None:
    first, other, second = freeze(), freeze("Another"), freeze()
    third = freeze()

    assert [one.pk for one in comparable_estimates(second)] == [first.pk, third.pk, other.pk]
    page = text(viewer.get(f"/estimates/{second.pk}/"))
    assert page.index("Budget, version 1") < page.index("Budget, version 3") < page.index("Another, version 1")


def test_the_page_splits_the_difference_to_the_version_before(viewer: Client) -> None:
    before, after = freeze(), freeze(**MANY)

    page = text(viewer.get(f"/estimates/{after.pk}/difference/"))

    assert f'href="/estimates/{before.pk}/"' in page
    assert "more a month: " in page and "requests a day" in page
    assert f'<option value="{before.pk}" selected>' in page  # the version before is what it starts with


def test_a_lone_estimate_says_that_there_is_nothing_to_compare(viewer: Client) -> None:
    page = text(viewer.get(f"/estimates/{freeze().pk}/difference/"))

    assert "no other estimate to compare it with" in page


@pytest.mark.parametrize("base", ["987654321", "x", "-1", "9" * 40, "%00"])
def test_a_base_that_is_not_there_is_not_found(viewer: Client, base: str) -> None:
    assert viewer.get(f"/estimates/{freeze().pk}/difference/?base={base}").status_code == 404


def test_an_edited_estimate_is_neither_compared_nor_priced(viewer: Client) -> None:
    before, after = freeze(), freeze(**MANY)
    Estimate.objects.filter(pk=before.pk).update(target_name="Changed")

    for address in (
        f"/estimates/{after.pk}/difference/?base={before.pk}",
        f"/estimates/{before.pk}/repriced/",
        f"/estimates/{after.pk}/repriced/?prices_of={before.pk}",
    ):
        page = text(viewer.get(address))
        assert "was changed after it was frozen" in page
        assert "a month:" not in page


def test_the_same_fleets_at_new_prices_differ_by_price_alone(viewer: Client) -> None:
    estimate = freeze(**MANY)
    listed()

    page = text(viewer.get(f"/estimates/{estimate.pk}/repriced/"))

    assert f"The fleets of estimate {estimate.pk} at the prices of the list" in page
    assert "price, 0 performance, 0 traffic." in page
    assert "Costs first differ at" not in page  # nothing was searched
    assert "Freeze as the next version" not in page  # a viewer freezes nothing


def test_without_new_prices_the_page_says_what_to_do(viewer: Client) -> None:
    page = text(viewer.get(f"/estimates/{freeze().pk}/repriced/"))

    assert "Make a new projection" in page


def test_an_analyst_freezes_new_prices_as_the_next_version(analyst: Client) -> None:
    estimate = freeze(**MANY)
    listed()

    answer = analyst.post(f"/estimates/{estimate.pk}/repriced/freeze/", follow=True)

    made = Estimate.objects.get(previous=estimate)
    assert answer.redirect_chain == [(f"/estimates/{made.pk}/", 302)]
    page = text(answer)
    assert f"Priced again from estimate {estimate.pk}" in page and "Costs first differ at" not in page
    assert made.content["repriced"]["content_hash"] == estimate.content_hash


def test_freezing_without_prices_says_why_and_freezes_nothing(analyst: Client) -> None:
    estimate = freeze()

    page = text(analyst.post(f"/estimates/{estimate.pk}/repriced/freeze/", follow=True))

    assert "Make a new projection" in page
    assert Estimate.objects.count() == 1


def test_hostile_names_stay_text(viewer: Client) -> None:
    before, after = freeze("<script>alert(1)</script>"), freeze("<script>alert(1)</script>", **MANY)

    page = text(viewer.get(f"/estimates/{after.pk}/difference/?base={before.pk}"))

    assert "<script>alert(1)" not in page
