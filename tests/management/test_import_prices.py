"""`manage.py import_prices` against real HTTP servers on loopback that give out the providers' recorded shapes."""

import socket
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from estimator.models import HardwareProfile, Price
from estimator.models.hardware import CrossCheck
from tests.admin.cast import a_price, a_profile
from tests.catalogue.recorded_lists import (
    COMMITMENTS,
    ListServer,
    Sku,
    aws_csv,
    aws_json,
    azure_item,
    azure_page,
    list_server,
)

pytestmark = pytest.mark.django_db

AWS_PATH = "/offers/v1.0/aws/AmazonEC2/current/us-east-1/index.csv"
M7I = Sku(name="m7i.large", commitments=COMMITMENTS)


@pytest.fixture(scope="module")
def running() -> Iterator[ListServer]:
    with list_server() as server:
        yield server


@pytest.fixture
def server(running: ListServer, settings: Any) -> ListServer:
    running.answers.clear()
    running.asked.clear()
    settings.AWS_PRICE_LIST_URL = running.url
    settings.AZURE_PRICE_LIST_URL = f"{running.url}/api/retail/prices"
    a_profile()
    a_profile("Standard_D2s_v5", provider="azure")
    return running


def run(*words: str) -> str:
    out = StringIO()
    call_command("import_prices", *words, stdout=out, stderr=out)
    return out.getvalue()


def test_aws_prices_are_fetched_and_written_and_unknown_types_named(server: ListServer) -> None:
    server.answers[AWS_PATH] = aws_csv(M7I, Sku(name="x9.large"))

    told = run("aws")

    assert {price.term: price.hourly for price in Price.objects.all()} == {
        "on_demand": Decimal("0.1008"),
        "reserved_1y": Decimal("0.06221461"),
        "reserved_3y": Decimal("0.03968798"),
    }
    assert "3 new" in told and "3 written" in told
    assert "1 types are not in the catalogue" in told and "x9.large" in told
    assert Price.history.first().history_change_reason.startswith("import: AWS price list, AmazonEC2 2026")


def test_the_same_list_again_writes_nothing(server: ListServer) -> None:
    server.answers[AWS_PATH] = aws_csv(M7I)
    run("aws")

    assert "prices: 3 unchanged" in run("aws")
    assert Price.history.count() == 3


def test_a_dry_run_shows_old_and_new_and_writes_nothing(server: ListServer) -> None:
    a_price(HardwareProfile.objects.get(name="m7i.large"), "0.09", cross_check="ok")
    server.answers[AWS_PATH] = aws_csv(M7I)

    told = run("aws", "--dry-run")

    assert "changed: aws m7i.large, us-east-1, on demand, USD: hourly 0.09 → 0.1008 (+12.0 %)" in told
    assert "as_of 2026-09-01 → 2026-11-20" in told and "nothing was written" in told
    assert Price.objects.get().hourly == Decimal("0.09")


def test_an_entered_price_stays_and_the_report_says_so(server: ListServer) -> None:
    machine = HardwareProfile.objects.get(name="m7i.large")
    a_price(machine, "0.05", source="contract 12", cross_check=CrossCheck.ENTERED)
    server.answers[AWS_PATH] = aws_csv(Sku(name="m7i.large"))

    assert "kept: aws m7i.large, us-east-1, on demand, USD: contract 12" in run("aws")
    assert Price.objects.get().hourly == Decimal("0.05")


@pytest.mark.parametrize(("name", "shape"), [("index.csv", aws_csv), ("index.json", aws_json)])
def test_a_saved_aws_list_is_read_in_either_shape(server: ListServer, tmp_path: Path, name: str, shape: Any) -> None:
    (tmp_path / name).write_bytes(shape(M7I))

    assert "1 unchanged" not in run("aws", "--file", str(tmp_path / name), "--upfront", "none")
    assert Price.objects.get(term="reserved_1y").hourly == Decimal("0.0667")


def test_azures_pages_are_followed_to_the_last(server: ListServer) -> None:
    spot = azure_item(price=0.0192, skuName="D2s v5 Spot")
    server.answers["/api/retail/prices"] = azure_page(azure_item(), following=f"{server.url}/page-2")
    server.answers["/page-2"] = azure_page(spot)

    run("azure")

    assert {price.term: price.hourly for price in Price.objects.all()} == {
        "on_demand": Decimal("0.096"),
        "spot": Decimal("0.0192"),
    }
    assert "armRegionName+eq+%27eastus%27" in server.asked[0] and "currencyCode=%27USD%27" in server.asked[0]


def test_saved_pages_of_azure_need_the_day_on_which_they_were_saved(server: ListServer, tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_bytes(azure_page(azure_item()))

    with pytest.raises(CommandError, match="--as-of"):
        run("azure", "--file", str(page))
    run("azure", "--file", str(page), "--as-of", "2026-11-01")

    assert str(Price.objects.get().as_of) == "2026-11-01"


@pytest.mark.parametrize(
    ("following", "told"),
    [
        ("https://prices.example.org/page-2", "continues on another host"),
        ("http://127.0.0.1:1/page-2", "continues on another host"),
        ("file:///etc/passwd", "https only"),
        ("{url}/api/retail/prices?again", "in circles"),
        ("{url}/gone", "404"),
    ],
)
def test_a_page_that_leads_astray_is_refused_and_nothing_is_written(
    server: ListServer, following: str, told: str
) -> None:
    again = azure_page(azure_item(), following=following.format(url=server.url))
    server.answers["/api/retail/prices"] = again

    with pytest.raises(CommandError, match=f"{told}.* Nothing was changed"):
        run("azure")

    assert not Price.objects.exists()


def test_a_redirect_is_followed_on_the_same_host_only(server: ListServer) -> None:
    server.answers[AWS_PATH] = (302, {"Location": "/moved.csv"}, b"")
    server.answers["/moved.csv"] = aws_csv(M7I)
    assert "3 written" in run("aws")

    for elsewhere in ("http://127.0.0.1:1/list.csv", "http://169.254.169.254/latest", "ftp://127.0.0.1/list.csv"):
        server.answers[AWS_PATH] = (302, {"Location": elsewhere}, b"")
        with pytest.raises(CommandError, match=r"another host|https only|302"):
            run("aws")


@pytest.mark.parametrize(
    "url",
    [
        "http://pricing.us-east-1.amazonaws.com/list.csv",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "ftp://127.0.0.1/list",
        "https://user:secret@example.org/list",
        "https:///list",
        "https://[::1/list",
        "list.csv",
    ],
)
def test_an_address_that_is_not_https_is_not_read(server: ListServer, url: str) -> None:
    with pytest.raises(CommandError, match="Nothing was changed"):
        run("aws", "--url", url)


def test_a_list_that_is_cut_off_on_the_way_is_refused(server: ListServer) -> None:
    body = aws_csv(M7I)
    ends_at_a_line = body[: body.rindex(b"\r\n", 0, -2) + 2]
    server.answers[AWS_PATH] = (200, {"Content-Length": str(len(body)), "Connection": "close"}, ends_at_a_line)

    with pytest.raises(CommandError, match="cut off"):
        run("aws")

    assert not Price.objects.exists()


def test_a_server_that_is_away_or_silent_is_told(server: ListServer, settings: Any) -> None:
    with pytest.raises(CommandError, match=r"was not read .*save the list and use --file"):
        run("aws", "--url", "http://127.0.0.1:1/index.csv")

    settings.PRICE_LIST_TIMEOUT_S = 0.2
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(CommandError, match="timed out"):
        run("aws", "--url", f"http://127.0.0.1:{silent.getsockname()[1]}/index.csv")


def test_a_list_above_the_limit_is_refused(server: ListServer, settings: Any) -> None:
    settings.PRICE_LIST_MAXIMUM_MIB = 0
    server.answers[AWS_PATH] = aws_csv(M7I)

    with pytest.raises(CommandError, match="raise PRICE_LIST_MAXIMUM_MIB"):
        run("aws")


def test_no_proxy_of_the_environment_is_used(server: ListServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    server.answers[AWS_PATH] = aws_csv(M7I)

    assert "3 written" in run("aws")


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_of_the_server_is_told_with_its_number(server: ListServer, status: int) -> None:
    server.answers[AWS_PATH] = (status, {}, b"no")

    with pytest.raises(CommandError, match=str(status)):
        run("aws")


def test_a_missing_file_and_a_wrong_region_are_told(server: ListServer, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("aws", "--file", str(tmp_path / "nowhere.csv"))
    with pytest.raises(CommandError, match="is no region"):
        run("aws", "--region", "us-east-1' or 'a' eq 'a")
    with pytest.raises(CommandError, match="no currency of ISO 4217"):
        run("azure", "--currency", "USD'")


def test_an_empty_catalogue_is_told() -> None:
    with pytest.raises(CommandError, match="load_catalogue"):
        run("aws")
