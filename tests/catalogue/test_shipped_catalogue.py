"""The files that the product ships: complete, sourced, and free of the price patterns known to be wrong."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest

from estimator.catalogue.build import write
from estimator.catalogue.reader import (
    DATA,
    HARDWARE_FILE,
    PRICES_FILE,
    TERMS,
    Catalogue,
    HardwareRow,
    PriceRow,
)
from estimator.catalogue.sources import regions
from tests.catalogue.shipped import shipped_catalogue

REGIONS = {"aws": regions.AWS, "azure": regions.AZURE, "gcp": regions.GCP, "oci": regions.OCI}
REFERENCES = {
    ("aws", "m7i.large"),
    ("azure", "Standard_D2s_v5"),
    ("gcp", "n2-standard-2"),
    ("oci", "VM.Standard.E5.Flex.1OCPU"),
}
MARKUPS = {"dedicated tenancy": (1.05, 1.12), "Windows": (1.3, 2.5)}
COPYLEFT = "CC-BY-SA"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped_catalogue()


@pytest.fixture(scope="module")
def machines(catalogue: Catalogue) -> dict[tuple[str, str], HardwareRow]:
    return {(row.provider, row.name): row for row in catalogue.hardware}


def every_row(catalogue: Catalogue) -> list[HardwareRow | PriceRow]:
    return [*catalogue.hardware, *catalogue.prices]


def on_demand(catalogue: Catalogue) -> list[PriceRow]:
    return [price for price in catalogue.prices if price.term == "on_demand"]


def test_at_least_seven_hundred_types_of_four_clouds(catalogue: Catalogue) -> None:
    providers = Counter(row.provider for row in catalogue.hardware)
    assert len(catalogue.hardware) >= 700
    assert providers.keys() == {"aws", "azure", "gcp", "oci", "vultr"}
    assert min(providers["aws"], providers["azure"], providers["gcp"]) >= 90


def test_the_documentation_counts_what_is_shipped(catalogue: Catalogue) -> None:
    page = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")
    assert f"{len(catalogue.hardware):,} types, {len(catalogue.prices):,} prices" in page
    for source in {(row.source, row.source_version) for row in catalogue.prices}:
        assert all(part in page for part in source), source


@pytest.mark.parametrize("provider", REGIONS)
def test_each_cloud_has_prices_in_america_europe_and_asia(catalogue: Catalogue, provider: str) -> None:
    counts = Counter(price.region for price in on_demand(catalogue) if price.provider == provider)
    assert counts.keys() == set(REGIONS[provider])
    assert min(counts.values()) >= 40


def test_every_term_has_prices(catalogue: Catalogue) -> None:
    assert {price.term for price in catalogue.prices} == set(TERMS)


def test_no_price_rests_alone_on_a_source_that_mixes_tenancies(catalogue: Catalogue) -> None:
    rows = [price for price in catalogue.prices if (price.provider, price.source) == ("aws", "apache-libcloud")]
    assert {price.cross_check for price in rows} == {"ok"}


def test_every_type_has_an_on_demand_price_in_dollars(catalogue: Catalogue) -> None:
    priced = {(price.provider, price.name) for price in on_demand(catalogue) if price.currency == "USD"}
    assert {(row.provider, row.name) for row in catalogue.hardware} == priced


def test_no_price_is_zero_and_every_price_fits_the_database(catalogue: Catalogue) -> None:
    for price in catalogue.prices:
        assert price.hourly > 0
        assert -int(price.hourly.as_tuple().exponent) <= 8, price
        assert len(price.cross_check_note) <= 300, price


def test_every_row_names_source_version_day_and_licence(catalogue: Catalogue) -> None:
    for row in every_row(catalogue):
        assert row.source
        assert row.source_version
        assert row.licence
        assert date(2024, 1, 1) < row.as_of <= date(2026, 11, 30), row


def test_no_figure_is_copied_from_a_share_alike_source(catalogue: Catalogue) -> None:
    assert not [row for row in every_row(catalogue) if row.licence.startswith(COPYLEFT)]


def test_prices_per_vcpu_agree_within_a_family(
    catalogue: Catalogue, machines: dict[tuple[str, str], HardwareRow]
) -> None:
    families: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for price in on_demand(catalogue):
        machine = machines[price.provider, price.name]
        if not machine.burstable:
            families[price.provider, machine.family, price.region].append(price.hourly / machine.vcpus)
    assert len(families) >= 30
    for family, per_vcpu in families.items():
        spread = [float(one / median(per_vcpu)) for one in per_vcpu]
        assert max(spread) < 1.03, family
        assert min(spread) > 0.97, family


@pytest.mark.parametrize("pattern", MARKUPS)
def test_no_price_stands_at_a_known_wrong_multiple_of_its_siblings(
    catalogue: Catalogue, machines: dict[tuple[str, str], HardwareRow], pattern: str
) -> None:
    low, high = MARKUPS[pattern]
    cheapest: dict[tuple[str, str, str, int], Decimal] = {}
    rows = [(price, machines[price.provider, price.name]) for price in on_demand(catalogue)]
    for price, machine in rows:
        key = (price.provider, machine.family, price.region, machine.memory_mib // machine.vcpus)
        cheapest[key] = min(cheapest.get(key, Decimal(10**6)), price.hourly / machine.vcpus)
    for price, machine in rows:
        key = (price.provider, machine.family, price.region, machine.memory_mib // machine.vcpus)
        if not (price.name.startswith("e2-") and machine.burstable):  # billed for a part of the vCPUs
            assert not low < price.hourly / machine.vcpus / cheapest[key] < high, price


def test_sizes_of_a_family_keep_their_memory_per_vcpu(catalogue: Catalogue) -> None:
    families: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in catalogue.hardware:
        if not row.burstable:
            families[row.provider, row.family].append(row.memory_mib / row.vcpus)
    for family, per_vcpu in families.items():
        assert max(per_vcpu) / min(per_vcpu) < 1.1, family  # Standard_E64s_v4 has 504 GiB, not 512


def test_commitment_and_spot_never_cost_more_than_on_demand(catalogue: Catalogue) -> None:
    listed = {(price.provider, price.name, price.region): price.hourly for price in on_demand(catalogue)}
    for price in catalogue.prices:
        if price.term != "on_demand":
            assert price.hourly < listed[price.provider, price.name, price.region], price


def test_the_reference_types_are_those_of_the_first_catalogue(catalogue: Catalogue) -> None:
    assert {(row.provider, row.name) for row in catalogue.hardware if row.reference} == REFERENCES


@pytest.mark.parametrize("provider", ["aws", "azure", "gcp", "oci"])
def test_one_reference_type_per_provider_is_two_hyperthreads_and_eight_gib(catalogue: Catalogue, provider: str) -> None:
    (reference,) = (row for row in catalogue.hardware if row.reference and row.provider == provider)
    assert (reference.vcpus, reference.memory_mib) == (2, 8192)
    assert (reference.architecture, reference.vcpu_kind) == ("x86_64", "hyperthread")
    assert not reference.burstable


@pytest.mark.parametrize("provider", ["aws", "azure", "gcp", "oci"])
def test_reference_prices_are_confirmed_by_a_second_source(catalogue: Catalogue, provider: str) -> None:
    (reference,) = (row for row in catalogue.hardware if row.reference and row.provider == provider)
    verdicts = [price.cross_check for price in on_demand(catalogue) if price.name == reference.name]
    assert "ok" in verdicts


def test_burstable_types_are_flagged(machines: dict[tuple[str, str], HardwareRow]) -> None:
    for key in (("aws", "t3.micro"), ("aws", "t4g.large"), ("gcp", "e2-medium"), ("azure", "Standard_B2s")):
        assert machines[key].burstable, key
    assert not machines["gcp", "e2-standard-2"].burstable


def test_a_vcpu_is_a_core_on_graviton_and_late_amd_and_a_hyperthread_on_intel(
    machines: dict[tuple[str, str], HardwareRow],
) -> None:
    kinds = {name: machines["aws", f"{name}.large"].vcpu_kind for name in ("m7g", "t4g", "m7a", "m6a", "m7i", "t3")}
    assert kinds == {
        "m7g": "core",
        "t4g": "core",
        "m7a": "core",
        "m6a": "hyperthread",
        "m7i": "hyperthread",
        "t3": "hyperthread",
    }


@pytest.mark.parametrize("factor", MARKUPS)
def test_a_price_of_another_tenancy_or_system_would_be_found(
    catalogue: Catalogue, machines: dict[tuple[str, str], HardwareRow], factor: str
) -> None:
    low, high = MARKUPS[factor]
    wrong = tuple(
        replace(price, hourly=price.hourly * Decimal(low + high) / 2) if price.name == "c6i.xlarge" else price
        for price in catalogue.prices
    )
    with pytest.raises(AssertionError, match=r"c6i\.xlarge"):
        test_no_price_stands_at_a_known_wrong_multiple_of_its_siblings(
            replace(catalogue, prices=wrong), machines, factor
        )


def test_files_are_what_the_build_writes(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("again")
    write(catalogue, directory=directory)
    for file in (HARDWARE_FILE, PRICES_FILE):
        assert (directory / file).read_text(encoding="utf-8") == (DATA / file).read_text(encoding="utf-8")
