"""Hardware profiles and prices: entered together, sourced, and safe from the next catalogue."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from estimator.catalogue.loader import load_catalogue
from estimator.models import HardwareProfile, Price
from estimator.models.hardware import CrossCheck
from tests.admin.cast import a_price, a_profile, address, errors, signed_in, text
from tests.catalogue.few_types import reference_catalogue

pytestmark = pytest.mark.django_db


def entered(*prices: dict[str, Any], existing: int = 0, **values: Any) -> dict[str, Any]:
    """The form as a browser sends it; `existing` of the prices are stored already."""
    form: dict[str, Any] = {
        "provider": "aws",
        "name": "m7i.large",
        "architecture": "x86_64",
        "vcpus": "2",
        "vcpu_kind": "hyperthread",
        "memory_mib": "8192",
        "source": "a list",
        "as_of": "2026-09-01",
        "prices-TOTAL_FORMS": str(len(prices)),
        "prices-INITIAL_FORMS": str(existing),
        "_save": "Save",
    } | values
    for number, price in enumerate(prices):
        form |= {f"prices-{number}-{name}": value for name, value in (a_price_form() | price).items()}
    return form


def a_price_form(**values: Any) -> dict[str, Any]:
    return {
        "region": "us-east-1",
        "term": "on_demand",
        "hourly": "0.1008",
        "upfront": "0",
        "currency": "USD",
        "as_of": "2026-09-01",
        "source": "a list",
    } | values


def stored(price: Price, **changes: Any) -> dict[str, Any]:
    """The form of a stored price, with what a person changed in it."""
    return a_price_form(id=price.pk, hardware=price.hardware_id, region=price.region, hourly=price.hourly) | changes


def test_a_profile_is_entered_with_its_prices() -> None:
    form = entered({}, {"term": "reserved_1y", "hourly": "0.06", "upfront": "100"})

    assert signed_in("admin").post(address(HardwareProfile, "add"), form).status_code == 302

    profile = HardwareProfile.objects.get()
    assert [(price.term, price.hourly, price.cross_check) for price in profile.prices.order_by("term")] == [
        ("on_demand", Decimal("0.1008"), CrossCheck.ENTERED),
        ("reserved_1y", Decimal("0.06"), CrossCheck.ENTERED),
    ]


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("hourly", "0", "a type that is not listed has no row"),
        ("hourly", "-1", "Enter a price above 0"),
        ("hourly", "", "required"),
        ("upfront", "-5", "greater than or equal to 0"),
        ("currency", "$", "three capital letters"),
        ("as_of", "soon", "valid date"),
        ("source", "", "required"),
    ],
)
def test_a_bad_price_is_refused_at_its_field_and_nothing_is_stored(field: str, value: str, remedy: str) -> None:
    response: Any = signed_in("admin").post(address(HardwareProfile, "add"), entered({field: value}))

    [problems] = response.context["inline_admin_formsets"][0].formset.errors
    assert remedy in " ".join(problems[field])
    assert not HardwareProfile.objects.exists() and not Price.objects.exists()


def test_the_same_price_twice_on_one_day_is_refused() -> None:
    response = signed_in("admin").post(address(HardwareProfile, "add"), entered({}, {"hourly": "0.2"}))

    assert response.status_code == 200
    assert not Price.objects.exists()


@pytest.mark.parametrize(("field", "value"), [("vcpus", "0"), ("memory_mib", "0"), ("architecture", "sparc")])
def test_an_impossible_machine_is_refused_at_its_field(field: str, value: str) -> None:
    response = signed_in("admin").post(address(HardwareProfile, "add"), entered() | {field: value})

    assert field in errors(response)


def test_a_corrected_price_names_its_author_as_the_source_and_survives_the_next_catalogue() -> None:
    load_catalogue(reference_catalogue())
    price = Price.objects.filter(term="on_demand").select_related("hardware").order_by("pk").first()
    assert price
    profile = price.hardware
    others = list(profile.prices.exclude(pk=price.pk))
    prices = [stored(price, hourly="0.05", source=price.source, as_of=price.as_of)]
    prices += [
        stored(one, term=one.term, source=one.source, as_of=one.as_of, source_version=one.source_version)
        for one in others
    ]
    prices[0]["source_version"] = price.source_version
    form = entered(*prices, existing=len(prices), **_facts(profile))

    response: Any = signed_in("admin").post(address(profile, "change"), form)

    assert response.status_code == 302, response.context["inline_admin_formsets"][0].formset.errors
    load_catalogue(reference_catalogue())
    price.refresh_from_db()
    assert (price.hourly, price.source, price.cross_check) == (
        Decimal("0.05"),
        "entered by admin-person",
        CrossCheck.ENTERED,
    )
    assert {one.source for one in profile.prices.exclude(pk=price.pk)} == {one.source for one in others}
    assert Price.history.filter(id=price.pk).latest().history_user.username == "admin-person"


def _facts(profile: HardwareProfile) -> dict[str, Any]:
    names = (
        "provider",
        "name",
        "family",
        "architecture",
        "vcpus",
        "vcpu_kind",
        "memory_mib",
        "cpu_vendor",
        "cpu_model",
    )
    more = ("clock_ghz", "single_thread_score", "network_mbps", "source", "source_version", "as_of", "licence")
    facts = {name: getattr(profile, name) for name in (*names, *more)}
    flags = {name: "on" for name in ("burstable", "reference") if getattr(profile, name)}
    return {name: "" if value is None else value for name, value in facts.items()} | flags


def test_a_person_who_names_a_source_is_quoted() -> None:
    price = a_price(a_profile(), cross_check=CrossCheck.DISAGREES, cross_check_note="0.1 or 0.2")

    signed_in("admin").post(
        address(price.hardware, "change"),
        entered(stored(price, hourly="0.2", source="contract 12"), existing=1),
    )

    price.refresh_from_db()
    assert (price.source, price.cross_check, price.cross_check_note) == ("contract 12", CrossCheck.ENTERED, "")


def test_saving_without_a_change_leaves_the_source_alone() -> None:
    price = a_price(a_profile(vcpu_kind="hyperthread"), cross_check=CrossCheck.OK)

    signed_in("admin").post(address(price.hardware, "change"), entered(stored(price), existing=1))

    price.refresh_from_db()
    assert (price.source, price.cross_check, price.hardware.source) == ("a list", CrossCheck.OK, "a list")


def test_a_corrected_fact_of_a_machine_names_its_author_as_the_source() -> None:
    profile = a_profile(source_version="3", licence="MIT", vcpu_kind="hyperthread")

    signed_in("admin").post(address(profile, "change"), entered(memory_mib="4096", source_version="3", licence="MIT"))

    profile.refresh_from_db()
    assert (profile.memory_mib, profile.source, profile.source_version) == (4096, "entered by admin-person", "")


def test_the_list_shows_the_newest_on_demand_price_with_its_region_and_units() -> None:
    profile = a_profile()
    a_price(profile, "0.5", as_of=date(2025, 1, 1))
    a_price(profile, "0.1008")
    a_price(profile, "0.01", term="spot")

    page = text(signed_in("viewer").get(address(HardwareProfile, "changelist")))

    assert "0.1008 USD (us-east-1)" in page and "0.5 USD" not in page
    for heading in ("memory (GiB)", "on demand (per hour)", "as of", "source"):
        assert heading.lower() in page.lower()


def test_a_profile_without_a_price_says_so_and_shows_no_zero() -> None:
    a_profile()

    assert "not listed" in text(signed_in("viewer").get(address(HardwareProfile, "changelist")))


def test_a_disputed_price_is_marked_in_the_list() -> None:
    a_price(a_profile(), cross_check=CrossCheck.DISAGREES)

    assert "disputed" in text(signed_in("viewer").get(address(HardwareProfile, "changelist")))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("provider=gcp", {"n2"}),
        ("architecture=arm64", {"m7g"}),
        ("burstable__exact=1", {"t3"}),
        ("reference__exact=1", {"m7g"}),
        ("q=m7", {"m7g"}),
        ("o=5", {"n2", "m7g", "t3"}),
    ],
)
def test_profiles_are_found_by_filter_and_search(query: str, found: set[str]) -> None:
    a_profile("m7g", architecture="arm64", reference=True)
    a_profile("t3", burstable=True)
    a_profile("n2", provider="gcp")

    response: Any = signed_in("viewer").get(f"{address(HardwareProfile, 'changelist')}?{query}")

    assert {row.name for row in response.context["cl"].result_list} == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("hardware__provider=gcp", {"0.3"}),
        ("region=eu-west-1", {"0.2"}),
        ("term__exact=spot", {"0.2"}),
        ("cross_check__exact=disagrees", {"0.1"}),
        ("q=n2", {"0.3"}),
    ],
)
def test_prices_are_found_by_filter_and_search(query: str, found: set[str]) -> None:
    ours = a_profile()
    a_price(ours, "0.1", cross_check=CrossCheck.DISAGREES)
    a_price(ours, "0.2", region="eu-west-1", term="spot")
    a_price(a_profile("n2", provider="gcp"), "0.3")

    response: Any = signed_in("viewer").get(f"{address(Price, 'changelist')}?{query}")

    assert {f"{row.hourly.normalize():f}" for row in response.context["cl"].result_list} == found


def test_prices_are_entered_on_the_page_of_their_profile_only() -> None:
    price, client = a_price(a_profile()), signed_in("superuser")

    assert client.get(address(Price, "add")).status_code == 403
    assert client.post(address(price, "change"), {"hourly": "9"}).status_code == 403
    assert address(price.hardware, "change") in text(client.get(address(Price, "changelist")))


def test_a_profile_is_deleted_with_its_prices() -> None:
    price = a_price(a_profile())

    response = signed_in("admin").post(address(price.hardware, "delete"), {"post": "yes"})

    assert response.status_code == 302
    assert not Price.objects.exists()


def test_a_dispute_between_sources_is_told_in_the_list_of_prices() -> None:
    a_price(a_profile(), cross_check=CrossCheck.DISAGREES, cross_check_note="another list says 0.0956")

    assert "sources disagree: another list says 0.0956" in text(signed_in("viewer").get(address(Price, "changelist")))
