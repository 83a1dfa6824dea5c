"""Prices of a file or a list: all of them or none, with their past kept."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from estimator.models import Price
from estimator.models.hardware import CrossCheck
from estimator.services.differences import Differences, FieldChange, ImportRefused, Kind
from estimator.services.hardware_import import HardwareOffer, import_profiles, profile_differences
from estimator.services.price_import import PriceOffer, import_prices, price_differences
from tests.admin.cast import a_price, a_profile

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
OFFER = PriceOffer(
    row=2,
    provider="aws",
    name="m7i.large",
    region="us-east-1",
    term="on_demand",
    hourly=Decimal("0.1008"),
    currency="USD",
    as_of=date(2026, 9, 1),
    source="a list",
)
TYPE = HardwareOffer(
    row=2,
    provider="aws",
    name="m7i.large",
    family="m7i",
    architecture="x86_64",
    vcpus=2,
    memory_mib=8192,
    vcpu_kind="hyperthread",
    cpu_vendor="Intel",
    cpu_model="",
    clock_ghz=3.2,
    single_thread_score=None,
    burstable=False,
    network_mbps=780,
    reference=False,
    source="data sheet",
    source_version="",
    as_of=date(2026, 9, 1),
    licence="",
)


def compared(*offers: PriceOffer, entered: bool = True) -> Differences:
    return price_differences(offers, entered=entered, today=TODAY)


def imported(*offers: PriceOffer, entered: bool = True, **options: Any) -> Differences:
    return import_prices(offers, entered=entered, by=None, reason="a test", today=TODAY, **options)


def test_a_new_price_is_written_with_its_history_and_its_author() -> None:
    a_profile()
    person = User.objects.create_user("finance")

    differences = import_prices([OFFER], entered=True, by=person, reason="import: prices.csv", today=TODAY)

    price = Price.objects.get()
    assert differences.counts[Kind.NEW] == differences.writes == 1
    assert (price.hourly, price.source, price.cross_check) == (Decimal("0.1008"), "a list", CrossCheck.ENTERED)
    past = Price.history.get()
    assert (past.history_user, past.history_change_reason) == (person, "import: prices.csv")


def test_looking_writes_nothing() -> None:
    a_profile()

    assert compared(OFFER).counts[Kind.NEW] == 1
    assert not Price.objects.exists()


@pytest.mark.parametrize("entered", [True, False])
def test_the_same_file_again_changes_nothing(entered: bool) -> None:
    a_profile()
    imported(OFFER, entered=entered)

    again = imported(OFFER, entered=entered)

    assert (again.counts[Kind.UNCHANGED], again.writes) == (1, 0)
    assert Price.history.count() == 1


def test_a_shipped_price_in_a_file_keeps_its_cross_check() -> None:
    a_price(a_profile(), cross_check=CrossCheck.OK, cross_check_note="agrees")

    assert imported(OFFER).counts[Kind.UNCHANGED] == 1
    assert Price.objects.get().cross_check == CrossCheck.OK


def test_a_corrected_price_of_the_same_day_replaces_the_row_and_keeps_its_past() -> None:
    a_price(a_profile())

    differences = imported(replace(OFFER, hourly=Decimal("0.09")))

    assert differences.rows[0].changes == (FieldChange(name="hourly", old=Decimal("0.1008"), new=Decimal("0.09")),)
    assert str(differences.rows[0].changes[0]) == "hourly 0.1008 → 0.09 (-10.7 %)"
    assert [row.hourly for row in Price.history.order_by("history_id")] == [Decimal("0.1008"), Decimal("0.09")]


def test_a_price_of_a_later_day_stands_beside_the_older_one() -> None:
    a_price(a_profile())

    differences = imported(replace(OFFER, hourly=Decimal("0.11"), as_of=date(2026, 11, 1)))

    assert differences.rows[0].kind == Kind.CHANGED
    assert [change.name for change in differences.rows[0].changes] == ["hourly", "as_of"]
    assert [price.hourly for price in Price.objects.order_by("as_of")] == [Decimal("0.1008"), Decimal("0.11")]


def test_the_same_price_on_a_later_day_is_confirmed() -> None:
    a_price(a_profile())

    assert imported(replace(OFFER, as_of=date(2026, 11, 1))).counts[Kind.CONFIRMED] == 1
    assert Price.objects.latest("as_of").as_of == date(2026, 11, 1)


def test_an_older_price_is_taken_and_told_not_to_count() -> None:
    a_price(a_profile())

    [row] = imported(replace(OFFER, hourly=Decimal("0.2"), as_of=date(2025, 1, 1))).rows

    assert row.remark == "older than the price as of 2026-09-01, which still counts"


def test_a_providers_list_leaves_alone_what_a_person_entered() -> None:
    a_price(a_profile(), "0.05", source="contract 12", cross_check=CrossCheck.ENTERED)

    [row] = imported(replace(OFFER, as_of=date(2026, 11, 1)), entered=False).rows

    assert (row.kind, row.remark) == (Kind.KEPT, "contract 12, as of 2026-09-01, stays")
    assert Price.objects.get().hourly == Decimal("0.05")


def test_a_providers_list_replaces_what_no_person_entered_and_says_it_is_one_source() -> None:
    a_price(a_profile(), "0.05", cross_check=CrossCheck.OK)

    imported(replace(OFFER, cross_check_note="standard"), entered=False)

    price = Price.objects.get()
    assert (price.hourly, price.cross_check) == (Decimal("0.1008"), CrossCheck.SINGLE_SOURCE)
    assert price.cross_check_note == "standard"


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"name": "m9.large"}, "name", "aws m9.large is no known type"),
        ({"hourly": Decimal(0)}, "hourly", "Enter a price above 0"),
        ({"hourly": Decimal("-0.1")}, "hourly", "Enter a price above 0"),
        ({"hourly": Decimal("0.123456789")}, "hourly", "8 decimal places"),
        ({"hourly": Decimal("NaN")}, "hourly", "decimal"),
        ({"upfront": Decimal(5)}, "upfront", "no length to spread a payment over"),
        ({"upfront": Decimal(-5), "term": "reserved_1y"}, "upfront", "greater than or equal to 0"),
        ({"currency": "usd"}, "currency", "ISO 4217"),
        ({"as_of": date(2026, 11, 23)}, "as_of", "lies ahead"),
        ({"source": ""}, "source", "cannot be blank"),
        ({"region": "x" * 61}, "region", "at most 60"),
        ({"term": "forever"}, "term", "not a valid choice"),
    ],
)
def test_one_bad_row_is_named_with_its_field_and_nothing_is_written(
    changes: dict[str, Any], field: str, told: str
) -> None:
    a_profile()
    elsewhere: dict[str, Any] = {"region": "eu-west-1", "row": 3}
    bad = replace(OFFER, **(elsewhere | changes))

    with pytest.raises(ImportRefused, match="nothing was imported") as refused:
        imported(OFFER, bad)

    [refusal] = refused.value.differences.refusals
    assert (refusal.row, refusal.field) == (3, field) and told in refusal.message
    assert not Price.objects.exists()
    assert compared(OFFER, bad).refusals == (refusal,)


def test_a_row_that_repeats_another_is_refused_with_both_places() -> None:
    a_profile()

    [refusal] = compared(OFFER, replace(OFFER, row=7, hourly=Decimal("0.2"))).refusals

    assert str(refusal) == "row 7: repeats the price of row 2; delete one of the two."


def test_what_was_looked_at_is_what_is_written() -> None:
    profile = a_profile()
    looked_at = compared(OFFER).fingerprint
    a_price(profile, "0.2")

    with pytest.raises(ImportRefused, match="changed after the preview"):
        imported(OFFER, expected=looked_at)

    assert Price.objects.get().hourly == Decimal("0.2")
    imported(OFFER, expected=compared(OFFER).fingerprint)
    assert Price.objects.get().hourly == Decimal("0.1008")


@pytest.mark.parametrize("entered", [True, False])
def test_several_days_of_one_price_repeated_are_a_no_op(entered: bool) -> None:
    a_profile()
    days = [date(2026, 3, 1), date(2025, 1, 1), date(2026, 11, 22)]
    offers = [replace(OFFER, row=row, as_of=day) for row, day in enumerate(days, start=2)]
    imported(*offers, entered=entered)

    assert imported(*offers, entered=entered).counts[Kind.UNCHANGED] == len(days)


def test_profiles_are_new_then_unchanged_then_changed() -> None:
    def run(offer: HardwareOffer) -> Differences:
        return import_profiles([offer], by=None, reason="a test", today=TODAY)

    assert [run(TYPE).counts[Kind.NEW], run(TYPE).counts[Kind.UNCHANGED]] == [1, 1]
    [row] = run(replace(TYPE, memory_mib=4096, network_mbps=None)).rows
    assert [str(change) for change in row.changes] == ["memory_mib 8192 → 4096", "network_mbps 780 → nothing"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"vcpus": 0}, "vcpus"), ({"vcpu_kind": "quark"}, "vcpu_kind"), ({"as_of": date(2027, 1, 1)}, "as_of")],
)
def test_an_impossible_profile_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    [refusal] = profile_differences([replace(TYPE, **changes)], today=TODAY).refusals

    assert (refusal.row, refusal.field) == (2, field)


def test_a_profile_twice_in_one_file_is_refused() -> None:
    [refusal] = profile_differences([TYPE, replace(TYPE, row=3)], today=TODAY).refusals

    assert "repeats the type of row 2" in refusal.message
