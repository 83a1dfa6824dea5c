"""What is taken from providers' lists, in each of their shapes, and what is left out."""

import io
import json
import tracemalloc
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.catalogue.price_lists import aws, azure
from estimator.catalogue.price_lists.download import Allowance, PriceListError
from estimator.catalogue.price_lists.json_stream import JsonStream
from estimator.catalogue.price_lists.listed import PriceList
from tests.catalogue.recorded_lists import COMMITMENTS, VERSION, Sku, aws_csv, aws_json, azure_item, azure_page

SHAPES = (aws_csv, aws_json)
TODAY = date(2026, 11, 22)


def read_aws(content: bytes, *, upfront: str = "all", known: tuple[str, ...] = ("m7i.large",)) -> PriceList:
    stream: Any = io.BufferedReader(io.BytesIO(content))
    return aws.read_offers(stream, region="us-east-1", known=known, upfront=upfront, place="the list")


def read_azure(*items: dict[str, Any], known: tuple[str, ...] = ("Standard_D2s_v5",)) -> PriceList:
    pages = [json.loads(azure_page(*items), parse_float=Decimal)]
    return azure.read_items(pages, region="eastus", known=known, as_of=TODAY, place="the list")


def prices(listed: PriceList) -> dict[str, Decimal]:
    return {offer.term: offer.hourly for offer in listed.offers}


@pytest.mark.parametrize("shape", SHAPES)
def test_both_shapes_of_aws_give_on_demand_and_standard_commitments(shape: Callable[..., bytes]) -> None:
    listed = read_aws(shape(Sku(name="m7i.large", commitments=COMMITMENTS)))

    assert prices(listed) == {
        "on_demand": Decimal("0.1008"),
        "reserved_1y": Decimal("0.06221461"),  # 545 / 8,760 h
        "reserved_3y": Decimal("0.03968798"),  # 1,043 / 26,280 h
    }
    assert listed.unknown == listed.left_out == ()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_commitment_without_upfront_payment_is_taken_by_the_hour(shape: Callable[..., bytes]) -> None:
    listed = read_aws(shape(Sku(name="m7i.large", commitments=COMMITMENTS)), upfront="none")

    assert prices(listed) == {"on_demand": Decimal("0.1008"), "reserved_1y": Decimal("0.0667")}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_price_of_aws_says_where_it_is_from_and_as_of_when(shape: Callable[..., bytes]) -> None:
    [offer] = read_aws(shape(Sku(name="m7i.large"))).offers

    assert (offer.source, offer.source_version, offer.as_of) == (
        "AWS price list, AmazonEC2",
        VERSION,
        date(2026, 11, 20),
    )
    assert (offer.provider, offer.region, offer.currency) == ("aws", "us-east-1", "USD")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "attributes",
    [
        {"operatingSystem": "Windows"},
        {"operatingSystem": "RHEL"},
        {"tenancy": "Dedicated"},
        {"tenancy": "Host"},
        {"preInstalledSw": "SQL Web"},
        {"capacitystatus": "UnusedCapacityReservation"},
        {"operation": "RunInstances:0002"},
        {"marketoption": "CapacityBlock"},
        {"regionCode": "us-east-2"},
    ],
)
def test_what_is_no_shared_machine_with_plain_linux_is_not_taken(
    shape: Callable[..., bytes], attributes: dict[str, str]
) -> None:
    listed = read_aws(shape(Sku(name="m7i.large"), Sku(name="m7i.large", hourly="0.2", attributes=attributes)))

    assert prices(listed) == {"on_demand": Decimal("0.1008")}


@pytest.mark.parametrize("shape", SHAPES)
def test_types_that_the_catalogue_does_not_know_are_named(shape: Callable[..., bytes]) -> None:
    listed = read_aws(shape(Sku(name="m7i.large"), Sku(name="x9.large"), Sku(name="x9.metal")))

    assert listed.unknown == ("x9.large", "x9.metal")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_price_of_zero_or_two_prices_for_one_thing_are_left_out_and_told(shape: Callable[..., bytes]) -> None:
    known = ("m7i.large", "m7g.large")
    listed = read_aws(
        shape(Sku(name="m7i.large"), Sku(name="m7i.large", hourly="0.2"), Sku(name="m7g.large", hourly="0")),
        known=known,
    )

    assert listed.offers == ()
    assert listed.left_out == (
        "aws m7g.large, us-east-1, on demand, USD is listed without a price",
        "aws m7i.large, us-east-1, on demand, USD is listed at 0.1008 and 0.2",
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no line starts with SKU"),
        (b"<html>Sign in</html>", "no line starts with SKU"),
        (b'{"formatVersion": "v1.0"', "was cut off"),
        (b'{"products": []}', "belongs"),
        (b'{"products": {"A": 1}}', "has not the form"),
        (b'{"terms": {}}', "terms before its products"),
        (b'{"publicationDate": "2026-11-20"} {}', "goes on after its end"),
        (b"{" + b'"a":[' * 100_000, "well-formed"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (aws_json(), "holds no Linux prices of us-east-1"),
        (aws_json(Sku(name="m7i.large"), publicationDate="soon"), "does not say when it was published"),
        (aws_json(Sku(name="m7i.large", hourly="NaN")), "where a price belongs"),
        (aws_json(Sku(name="m7i.large"))[:-40], "cut off"),
        (aws_csv(Sku(name="m7i.large"))[:-20], "no CSV"),
        (aws_csv(Sku(name="m7i.large", hourly="free")), "'free' where a price belongs"),
        (aws_csv(Sku(name="m7i.large")).replace(b"PricePerUnit", b"Price"), "has not the form"),
    ],
)
def test_a_list_that_is_broken_or_none_is_refused_in_one_sentence(content: bytes, told: str) -> None:
    with pytest.raises(PriceListError, match=told):
        read_aws(content)


def test_a_long_list_is_read_in_little_memory() -> None:
    filler = [Sku(name=f"x{number}.large", commitments=COMMITMENTS) for number in range(1_500)]
    content = aws_json(Sku(name="m7i.large"), *filler)

    tracemalloc.start()
    listed = read_aws(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(listed.unknown) == len(filler)
    assert peak < len(content) / 2


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False).map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(document=st.dictionaries(st.text(), _JSON, max_size=5), indent=st.none() | st.integers(0, 4))
def test_a_document_read_member_by_member_is_the_document(document: dict[str, Any], indent: int | None) -> None:
    stream = JsonStream(io.StringIO(json.dumps(document, indent=indent)), place="it")

    assert [(name, stream.value()) for name in stream.members()] == list(document.items())
    stream.end()


def test_azure_gives_on_demand_spot_and_reservations_by_the_hour() -> None:
    listed = read_azure(
        azure_item(),
        azure_item(price=0.0192, skuName="D2s v5 Spot", meterName="D2s v5 Spot"),
        azure_item(price=496.0, type="Reservation", reservationTerm="1 Year"),
        azure_item(price=958.0, type="Reservation", reservationTerm="3 Years"),
    )

    assert prices(listed) == {
        "on_demand": Decimal("0.096"),
        "spot": Decimal("0.0192"),
        "reserved_1y": Decimal("0.05662100"),  # 496 / 8,760 h
        "reserved_3y": Decimal("0.03645358"),  # 958 / 26,280 h
    }
    assert {(offer.source, offer.as_of) for offer in listed.offers} == {("Azure Retail Prices API", TODAY)}


@pytest.mark.parametrize(
    "values",
    [
        {"productName": "Virtual Machines Dsv5 Series Windows"},
        {"productName": "Dsv5 Series Cloud Services"},
        {"productName": "Dsv5 Series Dedicated Host"},
        {"skuName": "D2s v5 Low Priority"},
        {"meterName": "D2s v5 Low Priority"},
        {"type": "DevTestConsumption"},
        {"type": "Reservation", "reservationTerm": "5 Years"},
        {"armRegionName": "westus"},
        {"serviceName": "Virtual Machines Licenses"},
        {"unitOfMeasure": "1/Month"},
        {"tierMinimumUnits": 100.0},
        {"effectiveStartDate": "2027-01-01T00:00:00Z"},
        {"effectiveStartDate": "2020-01-01T00:00:00Z"},
        {"isPrimaryMeterRegion": False, "effectiveStartDate": "2026-01-01T00:00:00Z"},
        {"armSkuName": ""},
    ],
)
def test_what_is_no_linux_machine_of_today_is_not_taken_from_azure(values: dict[str, Any]) -> None:
    assert prices(read_azure(azure_item(), azure_item(**{"price": 0.5} | values))) == {"on_demand": Decimal("0.096")}


def test_two_meters_of_one_rank_are_a_dispute_and_nothing_is_taken() -> None:
    listed = read_azure(azure_item(), azure_item(price=0.11), azure_item("Standard_X"))

    assert (listed.offers, listed.unknown) == ((), ("Standard_X",))
    assert "listed at 0.096 and 0.11" in listed.left_out[0]


@pytest.mark.parametrize("item", [{}, 7, azure_item() | {"retailPrice": "free"}, azure_item() | {"retailPrice": None}])
def test_an_item_without_the_documented_form_is_refused(item: Any) -> None:
    with pytest.raises(PriceListError):
        read_azure(item)


def saved(folder: Path, *pages: bytes) -> list[Path]:
    paths = [folder / f"page-{number}.json" for number in range(len(pages))]
    for path, page in zip(paths, pages, strict=True):
        path.write_bytes(page)
    return paths


def all_pages(paths: list[Path]) -> list[azure.Page]:
    return list(azure.saved_pages(paths, allowance=Allowance(maximum_bytes=1 << 20, timeout_s=5)))


def test_saved_pages_are_read_in_any_order(tmp_path: Path) -> None:
    assert len(all_pages(saved(tmp_path, azure_page(), azure_page(following="https://next")))) == 2


@pytest.mark.parametrize(
    "pages",
    [
        (azure_page(following="https://next"),),
        (azure_page(), azure_page()),
        (b"[]",),
        (b'{"Items": {}}',),
        (b'{"Items": [], "NextPageLink": 5}',),
        (b"[" * 100_000,),
        (b"",),
    ],
)
def test_saved_pages_that_are_not_the_whole_list_are_refused(tmp_path: Path, pages: tuple[bytes, ...]) -> None:
    with pytest.raises(PriceListError):
        all_pages(saved(tmp_path, *pages))
