"""Listings of one price are weighed against each other; misfits within a family stop the build."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.catalogue.crosscheck import published_price, refuse_misfits
from estimator.catalogue.reader import CatalogueError, PriceRow
from estimator.catalogue.sources.listing import Listing
from estimator.catalogue.sources.package import Package
from tests.catalogue.shipped import shipped_catalogue

OPEN = Package(name="open-list", version="1", licence="MIT")
OTHER = Package(name="other-list", version="2", licence="MIT")
SHARE_ALIKE = Package(name="commons", version="3", licence="CC-BY-SA-4.0", publishable=False)
LIBCLOUD = Package(name="apache-libcloud", version="4", licence="Apache-2.0")
PRICES = st.decimals(min_value="0.001", max_value="50", places=5)


def listing(package: Package, hourly: str | Decimal, *, provider: str = "aws") -> Listing:
    return Listing(
        package=package,
        as_of=date(2026, 9, 6),
        provider=provider,
        name="m7i.large",
        region="us-east-1",
        hourly=Decimal(hourly),
    )


def published(*listings: Listing) -> PriceRow:
    row = published_price(listings)
    assert row is not None
    return row


def test_the_most_trusted_source_is_published() -> None:
    row = published(listing(OTHER, "0.10"), listing(OPEN, "0.1001"))
    assert (row.source, row.hourly, row.cross_check) == ("other-list", Decimal("0.10"), "ok")


def test_a_share_alike_figure_confirms_but_is_never_copied() -> None:
    row = published(listing(SHARE_ALIKE, "0.1008"), listing(OPEN, "0.1"))
    assert (row.source, row.hourly, row.cross_check) == ("open-list", Decimal("0.1"), "ok")
    assert "0.1008" not in row.cross_check_note


def test_a_share_alike_figure_alone_publishes_nothing() -> None:
    assert published_price([listing(SHARE_ALIKE, "0.1008")]) is None


def test_zero_is_no_figure() -> None:
    assert published_price([listing(OPEN, "0")]) is None
    assert published(listing(OPEN, "0"), listing(OTHER, "0.1")).cross_check == "single_source"


@pytest.mark.parametrize("markup", ["1.06", "1.10"])
def test_dedicated_tenancy_is_told_only_of_the_source_known_for_it(markup: str) -> None:
    raised = Decimal(markup) * Decimal("0.1")
    assert published(listing(OPEN, "0.1"), listing(LIBCLOUD, raised)).cross_check == "single_source"
    assert published(listing(OPEN, "0.1"), listing(OTHER, raised)).cross_check == "disagrees"
    azure = published(listing(OPEN, "0.1", provider="azure"), listing(LIBCLOUD, raised, provider="azure"))
    assert azure.cross_check == "disagrees"


@pytest.mark.parametrize("others", [[], [SHARE_ALIKE], [OPEN]])
def test_a_source_that_mixes_tenancies_publishes_no_aws_price_that_nobody_confirms(others: list[Package]) -> None:
    raised = [listing(LIBCLOUD, "0.106"), *(listing(other, "0.1") for other in others)]
    row = published_price(raised)
    assert row is None or row.source != LIBCLOUD.name
    confirmed = published(listing(SHARE_ALIKE, "0.1"), listing(LIBCLOUD, "0.1"))
    assert (confirmed.source, confirmed.cross_check) == (LIBCLOUD.name, "ok")
    azure = published(listing(LIBCLOUD, "0.1", provider="azure"))
    assert (azure.source, azure.cross_check) == (LIBCLOUD.name, "single_source")


def test_one_dissenting_source_outweighs_any_number_that_agree() -> None:
    row = published(listing(OPEN, "0.1"), listing(SHARE_ALIKE, "0.1"), listing(OTHER, "0.2"))
    assert (row.cross_check, row.cross_check_note) == ("disagrees", "0.1 here, 0.2 in other-list 2 (2026-09-06)")


@given(first=PRICES, second=PRICES)
def test_two_sources_are_ok_exactly_when_within_two_percent(first: Decimal, second: Decimal) -> None:
    row = published(listing(OPEN, first), listing(OTHER, second))
    assert (row.cross_check == "ok") == (abs(second - first) <= first * Decimal("0.02"))
    assert row.hourly == first


@pytest.mark.parametrize("factor", ["1.10", "1.06", "1.92", "0.5"])
@pytest.mark.parametrize("name", ["m7i.xlarge", "n2-standard-8", "Standard_D4s_v4"])
def test_a_seeded_wrong_price_does_not_get_through(name: str, factor: str) -> None:
    catalogue = shipped_catalogue()
    wrong = tuple(
        replace(row, hourly=row.hourly * Decimal(factor)) if row.name == name and row.term == "on_demand" else row
        for row in catalogue.prices
    )
    refuse_misfits(hardware=catalogue.hardware, prices=catalogue.prices)
    with pytest.raises(CatalogueError, match=f"{name} in .* x its family's price per vCPU"):
        refuse_misfits(hardware=catalogue.hardware, prices=wrong)
