"""The shipped prices of containers, functions and lines: sourced, dated, never free, and never over a person's own."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from estimator.catalogue.loader import Counts
from estimator.catalogue.reader import DATA, CatalogueError
from estimator.catalogue.tariff_loader import load_tariffs
from estimator.catalogue.tariff_reader import TariffRows, read_tariffs
from estimator.domain.cost.lines import Line
from estimator.models import ContainerPrice, FunctionPrice, LinePrice
from estimator.models.hardware import CrossCheck
from estimator.queries.tariffs import newest_tariffs

REGIONS = ("us-east-1", "us-east1", "eastus", "us-ashburn-1", "westeurope")


@pytest.fixture(scope="module")
def shipped() -> TariffRows:
    return read_tariffs()


def test_each_shipped_row_names_its_source_day_and_licence(shipped: TariffRows) -> None:
    for row in (*shipped.containers, *shipped.functions, *shipped.lines):
        assert all(row[name] for name in ("source", "source_version", "licence")), row
        assert date(2022, 1, 1) < row["as_of"] <= date(2026, 11, 30), row


def test_containers_functions_and_every_line_are_shipped(shipped: TariffRows) -> None:
    assert {row["name"] for row in shipped.containers} == {
        "Fargate x86",
        "Fargate arm64",
        "Cloud Run, instance-based",
        "Container Apps",
    }
    assert {row["provider"] for row in shipped.functions} == {"aws", "gcp", "azure"}
    assert {row["line"] for row in shipped.lines} == set(map(str, Line))


def test_lambda_has_a_vcpu_at_1769_mib_and_its_share_below(shipped: TariffRows) -> None:
    sizes = dict(size.split(":") for size in shipped.functions[0]["sizes"].split())

    assert sizes["1769"] == "1"
    assert all(float(vcpus) == pytest.approx(int(mib) / 1769, abs=1e-4) for mib, vcpus in sizes.items())


def test_figures_that_two_sources_give_agree(shipped: TariffRows) -> None:
    """Each as it stands in the second source, worked out by hand."""
    fargate, arm, run, _ = shipped.containers
    assert (fargate["vcpu_hour"] * 730).quantize(Decimal("0.01")) == Decimal("29.55")
    assert fargate["vcpu_hour"] / 3600 == pytest.approx(Decimal("0.000011244"), rel=Decimal("0.001"))
    assert (arm["vcpu_hour"], arm["gib_hour"]) == (Decimal("0.03238"), Decimal("0.00356"))
    assert run["vcpu_hour"] == Decimal("0.000018") * 3600
    egress = [row for row in shipped.lines if (row["provider"], row["line"]) == ("aws", "egress")]
    assert [row["unit_price"] for row in egress] == [Decimal(price) for price in ("0.09", "0.085", "0.07", "0.05")]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("containers.csv", "0.04048", "0", "vcpu_hour"),
        ("containers.csv", "0.25:0.5-1/0.5", "0.25:big", "sizes"),
        ("functions.csv", "0.0000166667", "", "gib_second"),
        ("lines.csv", ",disk,", ",cache,", "line"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
    text = (DATA / file).read_text(encoding="utf-8")
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(CatalogueError, match=rf"{file} line \d+ column {told}"):
        read_tariffs(tmp_path)


@pytest.mark.django_db
def test_the_shipped_prices_load_twice_and_change_nothing_the_second_time(shipped: TariffRows) -> None:
    assert load_tariffs(shipped).functions == Counts(added=4)
    assert load_tariffs(shipped).containers == Counts(unchanged=4)
    assert LinePrice.objects.count() == len(shipped.lines)


@pytest.mark.django_db
def test_what_a_person_entered_changed_or_deleted_stays(shipped: TariffRows) -> None:
    load_tariffs(shipped)
    ContainerPrice.objects.filter(name="Fargate x86").update(vcpu_hour=1, cross_check=CrossCheck.ENTERED)
    FunctionPrice.objects.get(name="Lambda arm64").delete()

    loaded = load_tariffs(shipped)

    assert ContainerPrice.objects.get(name="Fargate x86").vcpu_hour == 1
    assert (loaded.containers.kept, loaded.functions.kept) == (1, 1)


@pytest.mark.django_db
def test_the_newest_price_of_each_place_is_used_with_all_its_tiers(shipped: TariffRows) -> None:
    load_tariffs(shipped)
    newer = [{**row, "as_of": date(2026, 10, 1), "vcpu_hour": Decimal("0.05")} for row in shipped.containers[:1]]
    load_tariffs(replace(shipped, containers=(*shipped.containers, *newer)))

    tariffs = newest_tariffs(regions=REGIONS, currency="USD")

    assert [one.vcpu_hour for one in tariffs.containers if one.name == "Fargate x86"] == [Decimal("0.05")]
    assert len(tariffs.functions) == 4
    egress = next(one for one in tariffs.lines if (one.provider, one.line) == ("aws", "egress"))
    assert [tier.above for tier in egress.tiers] == [0, 10_000, 50_000, 150_000]
    assert newest_tariffs(regions=REGIONS, currency="EUR").containers == ()
