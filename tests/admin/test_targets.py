"""Traffic targets: what is refused, where, and with which remedy."""

from decimal import Decimal
from typing import Any

import pytest

from estimator.models import TrafficTarget
from tests.admin.cast import HOSTILE_NAMES, a_price, a_profile, a_target, address, errors, signed_in, text

pytestmark = pytest.mark.django_db


def entered(**values: Any) -> dict[str, Any]:
    """The form as a browser sends it for the standing example."""
    return {
        "name": "Shop",
        "requests_per_day": "10000000",
        "peak_to_mean_low": "1.4",
        "peak_to_mean": "1.7",
        "peak_to_mean_high": "2.75",
        "growth_per_month_low": "",
        "growth_per_month": "0",
        "growth_per_month_high": "",
        "slo_p99_ms": "100",
        "error_rate": "0.001",
        "headroom": "0.25",
        "minimum_instances": "3",
        "zones": "3",
        "survive_zone_loss": "on",
        "spares": "0",
        "shape": "",
        "burst": "1",
        "fleet_policy": "fixed",
        "boot_s": "120",
        "region": "",
        "currency": "USD",
        "cost_centre": "",
        "payload_bytes": "0",
        "database_connections": "100",
        "database_connections_reserved": "3",
        "database_rtt_ms": "0.5",
        "_save": "Save",
    } | values


def test_an_analyst_enters_a_target() -> None:
    response = signed_in("analyst").post(address(TrafficTarget, "add"), entered(name="Shop", cost_centre="CC-7"))

    assert response.status_code == 302
    target = TrafficTarget.objects.get()
    assert (target.name, target.requests_per_day, target.cost_centre) == ("Shop", Decimal(10_000_000), "CC-7")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_is_kept_exactly_as_it_was_entered(name: str) -> None:
    signed_in("analyst").post(address(TrafficTarget, "add"), entered(name=name))

    assert TrafficTarget.objects.get().name == name


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("name", "", "required"),
        ("requests_per_day", "0", "greater than or equal to 0.001"),
        ("requests_per_day", "10M/day", "Enter a number"),
        ("peak_to_mean_low", "0.9", "greater than or equal to 1"),
        ("peak_to_mean", "1.2", "is below the low ratio; enter at least 1.4"),
        ("peak_to_mean_high", "1.5", "is below the middle ratio; enter at least 1.7"),
        ("growth_per_month", "5", "less than or equal to 1"),
        ("growth_per_month_low", "0.1", "is above the middle; enter at most 0, or leave it empty"),
        ("growth_per_month_high", "-0.1", "is below the middle; enter at least 0, or leave it empty"),
        ("slo_p99_ms", "0", "greater than or equal to 0.1"),
        ("slo_p99_ms", "nan", "Enter a number"),
        ("error_rate", "0.5", "less than or equal to 0.05"),
        ("headroom", "-0.1", "greater than or equal to 0"),
        ("minimum_instances", "0", "greater than or equal to 1"),
        ("burst", "0.5", "greater than or equal to 1"),
        ("boot_s", "-1", "greater than or equal to 0"),
        ("fleet_policy", "sometimes", "Select a valid choice"),
        ("shape", "7", "Select a valid choice"),
        ("zones", "1", "needs two zones; enter 2 or more"),
        ("currency", "usd", "three capital letters of ISO 4217"),
        ("currency", "EUR", "No price is listed in EUR; use one of USD"),
        ("region", "us-esat-1", "did you mean us-east-1?"),
    ],
)
def test_a_bad_value_is_refused_at_its_field_with_the_remedy(field: str, value: str, remedy: str) -> None:
    a_price(a_profile())

    response = signed_in("analyst").post(address(TrafficTarget, "add"), entered(**{field: value}))

    assert response.status_code == 200
    assert remedy in " ".join(errors(response)[field])
    assert not TrafficTarget.objects.exists()


def test_a_second_standing_example_is_refused_with_the_remedy() -> None:
    a_target("The one", standing=True)

    response = signed_in("analyst").post(address(TrafficTarget, "add"), entered(standing="on"))

    assert errors(response) == {
        "__all__": ["standing: another target is the standing example; untick it there first."],
    }


def test_zones_do_not_matter_where_none_may_be_lost() -> None:
    values = entered(zones="1")
    del values["survive_zone_loss"]

    assert signed_in("analyst").post(address(TrafficTarget, "add"), values).status_code == 302


def test_any_region_may_be_entered_before_there_are_prices() -> None:
    response = signed_in("analyst").post(address(TrafficTarget, "add"), entered(region="eu-new-1", currency="EUR"))

    assert response.status_code == 302


def test_the_form_tells_units_and_what_the_figures_mean() -> None:
    page = text(signed_in("analyst").get(address(TrafficTarget, "add")))

    for told in ("P99 objective (ms)", "In milliseconds.", "0.05 is 5 % growth each month", "0.25 keeps 25 % spare"):
        assert told in page


def test_the_list_shows_rates_and_the_way_to_the_report() -> None:
    target = a_target()

    page = text(signed_in("viewer").get(address(TrafficTarget, "changelist")))

    assert "10,000,000" in page and "115.7" in page and "mean (requests/s)" in page.lower()
    assert f'href="/reports/{target.pk}/"' in page


def test_the_targets_page_leads_to_its_report() -> None:
    target = a_target()

    page = text(signed_in("viewer").get(address(target, "change")))

    assert f'<a href="/reports/{target.pk}/" class="viewsitelink">View cost report</a>' in page


def test_a_change_is_in_the_history_with_its_author_and_both_values() -> None:
    target, analyst = a_target(), signed_in("analyst")

    analyst.post(address(target, "change"), entered(headroom="0.5"))

    page = text(analyst.get(address(target, "history")))
    assert "analyst-person" in page
    assert "0.25 → 0.5" in page


def test_an_analyst_goes_back_to_an_earlier_version() -> None:
    target, analyst = a_target(headroom=0.25), signed_in("analyst")
    analyst.post(address(target, "change"), entered(headroom="0.5"))
    first = TrafficTarget.history.filter(id=target.pk).earliest("history_id")

    response = analyst.post(f"{address(target, 'history')}{first.pk}/", entered(headroom="0.25"))

    assert response.status_code == 302
    assert TrafficTarget.objects.get().headroom == 0.25


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_may_only_look_cannot_go_back_to_an_earlier_version(role: str) -> None:
    target = a_target(headroom=0.5)
    version = TrafficTarget.history.get(id=target.pk)
    client = signed_in(role)
    page = f"{address(target, 'history')}{version.pk}/"

    assert client.get(page).status_code == 200
    assert client.post(page, entered(headroom="0.1")).status_code == 403

    assert TrafficTarget.objects.get().headroom == 0.5
