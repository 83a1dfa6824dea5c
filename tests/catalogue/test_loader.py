"""Loading is repeatable, and never takes away what a person entered."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from estimator.catalogue.loader import Counts, load_catalogue
from estimator.catalogue.reader import Catalogue, HardwareRow, PriceRow
from estimator.models import HardwareProfile, Price
from estimator.models.hardware import CrossCheck
from tests.catalogue.shipped import shipped_catalogue

pytestmark = pytest.mark.django_db

MACHINE = HardwareRow(
    provider="aws",
    name="m7i.large",
    family="m7i",
    architecture="x86_64",
    vcpus=2,
    memory_mib=8192,
    vcpu_kind="hyperthread",
    cpu_vendor="Intel",
    cpu_model="Xeon",
    clock_ghz=3.2,
    single_thread_score=None,
    burstable=False,
    network_mbps=780,
    reference=True,
    source="list of machines",
    source_version="1",
    as_of=date(2026, 9, 1),
    licence="MIT",
)
PRICE = PriceRow(
    provider="aws",
    name="m7i.large",
    region="us-east-1",
    term="on_demand",
    upfront=Decimal(0),
    hourly=Decimal("0.1008"),
    currency="USD",
    source="list of prices",
    source_version="1",
    as_of=date(2026, 9, 1),
    licence="MIT",
    cross_check="ok",
    cross_check_note="agrees with another list",
)


def catalogue(*prices: PriceRow, machine: HardwareRow = MACHINE) -> Catalogue:
    return Catalogue(hardware=(machine,), prices=prices or (PRICE,))


def test_the_shipped_catalogue_is_loaded_whole() -> None:
    shipped = shipped_catalogue()

    loaded = load_catalogue(shipped)

    assert loaded.hardware == Counts(added=len(shipped.hardware))
    assert loaded.prices == Counts(added=len(shipped.prices))
    assert HardwareProfile.objects.count() == len(shipped.hardware)
    assert Price.objects.count() == len(shipped.prices)


def test_every_shipped_row_passes_the_checks_that_entered_rows_pass() -> None:
    load_catalogue(shipped_catalogue())

    for machine in HardwareProfile.objects.all():
        machine.clean_fields()
    for price in Price.objects.all():
        price.clean_fields(exclude={"hardware"})  # the database holds that one; asking it per row is slow


def test_a_row_holds_what_the_catalogue_says() -> None:
    load_catalogue(catalogue())

    machine, price = HardwareProfile.objects.get(), Price.objects.get()
    assert (machine.provider, machine.name, machine.vcpus, machine.single_thread_score) == ("aws", "m7i.large", 2, None)
    assert (price.hardware, price.hourly, price.currency) == (machine, Decimal("0.1008"), "USD")
    assert (price.source, price.as_of, price.cross_check) == ("list of prices", date(2026, 9, 1), CrossCheck.OK)


def test_loading_twice_changes_nothing() -> None:
    load_catalogue(catalogue())

    again = load_catalogue(catalogue())

    assert (again.hardware, again.prices) == (Counts(unchanged=1), Counts(unchanged=1))
    assert Price.history.count() == 1


def test_a_corrected_row_replaces_the_catalogues_own_and_leaves_its_trace() -> None:
    load_catalogue(catalogue())

    loaded = load_catalogue(catalogue(replace(PRICE, hourly=Decimal("0.2"))))

    assert loaded.prices == Counts(updated=1)
    assert Price.objects.get().hourly == Decimal("0.2")
    assert [row.hourly for row in Price.history.order_by("history_id")] == [Decimal("0.1008"), Decimal("0.2")]


def test_a_newer_price_stands_beside_the_older_one() -> None:
    load_catalogue(catalogue())

    loaded = load_catalogue(catalogue(replace(PRICE, as_of=date(2026, 10, 1), hourly=Decimal("0.11"))))

    assert loaded.prices == Counts(added=1)
    assert [price.hourly for price in Price.objects.order_by("as_of")] == [Decimal("0.1008"), Decimal("0.11")]


def test_rows_that_a_person_changed_are_left_alone() -> None:
    load_catalogue(catalogue())
    HardwareProfile.objects.update(memory_mib=1, source="our own data sheet")
    Price.objects.update(hourly=Decimal("0.05"), source="our contract")

    loaded = load_catalogue(catalogue(machine=replace(MACHINE, memory_mib=9000)))

    assert (loaded.hardware, loaded.prices) == (Counts(kept=1), Counts(kept=1))
    assert HardwareProfile.objects.get().memory_mib == 1
    assert Price.objects.get().hourly == Decimal("0.05")


def test_a_price_marked_as_entered_is_left_alone_whatever_its_source_says() -> None:
    load_catalogue(catalogue())
    Price.objects.update(hourly=Decimal("0.05"), cross_check=CrossCheck.ENTERED)

    load_catalogue(catalogue())

    assert Price.objects.get().hourly == Decimal("0.05")


def test_a_newer_list_price_does_not_come_before_a_price_that_a_person_entered() -> None:
    load_catalogue(catalogue())
    Price.objects.update(hourly=Decimal("0.05"), source="our contract", cross_check=CrossCheck.ENTERED)

    loaded = load_catalogue(catalogue(replace(PRICE, as_of=date(2027, 1, 1))))

    assert loaded.prices == Counts(kept=1)
    assert Price.objects.get().hourly == Decimal("0.05")


def test_rows_that_a_person_deleted_do_not_come_back() -> None:
    load_catalogue(catalogue(PRICE, replace(PRICE, term="spot")))
    Price.objects.get(term="spot").delete()

    assert load_catalogue(catalogue(PRICE, replace(PRICE, term="spot"))).prices == Counts(unchanged=1, kept=1)

    HardwareProfile.objects.get().delete()

    assert load_catalogue(catalogue()).hardware == Counts(kept=1)
    assert not HardwareProfile.objects.exists() and not Price.objects.exists()


def test_a_disputed_price_is_loaded_with_its_dispute() -> None:
    disputed = replace(PRICE, cross_check="disagrees", cross_check_note="another list says 0.0956")

    loaded = load_catalogue(catalogue(disputed))

    assert loaded.disagreeing == 1
    assert Price.objects.get().cross_check == CrossCheck.DISAGREES


def test_the_command_prints_what_became_of_the_rows() -> None:
    out = StringIO()

    call_command("load_catalogue", stdout=out)
    call_command("load_catalogue", stdout=out)

    printed = out.getvalue().splitlines()
    first, second = printed[0], [line for line in printed if line.startswith("prices: ")][-1]
    assert first.startswith("hardware profiles: ") and "0 updated" in first
    assert second.startswith("prices: 0 added, 0 updated, ")


def test_a_bad_file_changes_nothing_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "hardware.csv").write_text("provider\naws\n", encoding="utf-8")

    with pytest.raises(CommandError, match=r"nothing was changed: hardware\.csv line 1"):
        call_command("load_catalogue", "--directory", str(tmp_path))

    assert not HardwareProfile.objects.exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("load_catalogue", "--directory", str(tmp_path / "nowhere"))
