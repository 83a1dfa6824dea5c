"""Google's commitments, found from two types of a generation, are those that the source gives for the others."""

from decimal import Decimal

import pytest

from estimator.catalogue.reader import Catalogue
from tests.catalogue.shipped import shipped_catalogue

# USD per month of types that the rates were not found from, as the source has them.
OTHERS = {
    ("n2-standard-8", "us-east1"): ("178.65144", "127.62152"),
    ("n2-standard-64", "europe-west1"): ("1572.17472", "1122.96192"),
    ("n2-highmem-4", "asia-southeast1"): ("148.63676", "106.18288"),
    ("e2-standard-8", "us-east4"): ("138.8361012", "99.16864288"),
    ("e2-micro", "europe-west3"): ("4.9632150675", "3.5451539325"),
    ("n2d-highmem-2", "us-east4"): ("56.09174", "40.06532"),
    ("n2d-highcpu-96", "europe-west1"): ("1514.63904", "1081.89504"),
    ("n1-standard-16", "europe-west3"): ("449.88148", "321.357972"),
    ("n1-highmem-96", "asia-southeast1"): ("3221.2272", "2301.14688"),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped_catalogue()


@pytest.mark.parametrize(("name", "region"), OTHERS)
def test_rates_of_two_types_give_the_price_of_a_third(catalogue: Catalogue, name: str, region: str) -> None:
    rows = {price.term: price.hourly for price in catalogue.prices if (price.name, price.region) == (name, region)}
    for term, monthly in zip(("reserved_1y", "reserved_3y"), OTHERS[name, region], strict=True):
        assert abs(rows[term] * 730 - Decimal(monthly)) < Decimal("0.0001"), term


def test_a_longer_commitment_costs_less(catalogue: Catalogue) -> None:
    listed = {(price.name, price.region, price.term): price.hourly for price in catalogue.prices}
    years = [key for key in listed if key[2] == "reserved_1y"]
    assert len(years) > 400
    for name, region, term in years:
        one = listed[name, region, term] / listed[name, region, "on_demand"]
        three = listed[name, region, "reserved_3y"] / listed[name, region, "on_demand"]
        assert Decimal("0.39") < three < one < Decimal("0.64"), (name, region)
