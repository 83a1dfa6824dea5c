"""Shipped prices drawn at random are those of the source they name: as recorded, and in the source if it is at hand."""

import csv
import os
from decimal import Decimal
from pathlib import Path

import pytest

from estimator.catalogue.build import build
from estimator.catalogue.reader import Catalogue, PriceRow
from tests.catalogue.named_sources import READERS, drawn_prices, named_figure
from tests.catalogue.shipped import shipped_catalogue

RECORDED = Path(__file__).parent / "recorded_prices.csv"  # what the sources said on 2026-11-22
SOURCES = os.environ.get("CATALOGUE_SOURCES", "")
EXACT = Decimal("0.00000001")
Key = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped_catalogue()


@pytest.fixture(scope="module")
def sources() -> Path:
    if not SOURCES:
        pytest.skip("CATALOGUE_SOURCES names no folder of unpacked source packages; docs/catalogue.md makes one")
    return Path(SOURCES)


def key_of(price: PriceRow) -> Key:
    return price.provider, price.name, price.region, price.term


def recorded() -> dict[Key, tuple[str, str, Decimal]]:
    with RECORDED.open(newline="", encoding="utf-8") as lines:
        return {
            (row["provider"], row["name"], row["region"], row["term"]): (
                row["source"],
                row["source_version"],
                Decimal(row["hourly"]),
            )
            for row in csv.DictReader(lines)
        }


def test_prices_drawn_at_random_agree_with_what_was_read_in_their_named_source(catalogue: Catalogue) -> None:
    read = recorded()
    drawn = drawn_prices(catalogue)
    assert len(drawn) > 20
    assert {price.source for price in drawn} == READERS.keys() == {price.source for price in catalogue.prices}
    for price in drawn:
        source, version, hourly = read[key_of(price)]
        assert (source, version) == (price.source, price.source_version), price
        assert abs(hourly - price.hourly) < EXACT, price


def test_what_was_recorded_is_what_the_sources_say(catalogue: Catalogue, sources: Path) -> None:
    machines = {(row.provider, row.name): row for row in catalogue.hardware}
    for price in drawn_prices(catalogue):
        figure = named_figure(price, machines[price.provider, price.name], sources)
        assert abs(figure - recorded()[key_of(price)][2]) < EXACT, price


def test_the_sources_give_the_shipped_files_again(catalogue: Catalogue, sources: Path) -> None:
    assert build(sources) == catalogue
