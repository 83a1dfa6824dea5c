"""Every surface that shows a price's figure shows the day on which its source said so."""

import csv
import io
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from estimator.exports.csv_text import BYTE_ORDER_MARK
from estimator.services.shares import share_estimate
from tests.api.conftest import World, frozen, priced, signed_in
from tests.api.test_estimate_files import sheets_of

SAID = "2026-03-17"


@pytest.fixture
def dated(world: World) -> World:
    """The only price is of a day that nothing else has."""
    world.price.as_of = date.fromisoformat(SAID)
    world.price.save()
    return world


def answer(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200, path
    data: bytes = response.getvalue()
    return data


def column(text: bytes, name: str) -> set[str]:
    lines = text.decode().removeprefix(BYTE_ORDER_MARK)
    return {row[name] for row in csv.DictReader(io.StringIO(lines, newline=""))}


def days(found: Any) -> set[str]:
    """Every `priced_as_of` within plain data, and `none` for each row of money without one."""
    if isinstance(found, list):
        return {day for one in found for day in days(one)}
    if not isinstance(found, dict):
        return set()
    own = {found.get("priced_as_of", "none")} if {"monthly_cost", "hardware"} <= found.keys() else set()
    return own | {day for one in found.values() for day in days(one)}


def test_every_row_with_a_bill_that_the_api_serves_has_the_day_of_its_price(reader: Client, dated: World) -> None:
    kept = frozen("Dated")
    assert days(reader.get("/api/v1/projections?traffic=10M/day").json()) == {SAID}
    assert days(reader.get(f"/api/v1/estimates/{kept.pk}").json()) == {SAID}


def test_every_file_of_an_estimate_has_the_day_of_its_prices(reader: Client, dated: World) -> None:
    own = f"/api/v1/estimates/{frozen('Dated').pk}"
    assert column(answer(reader, f"{own}.csv"), "priced_as_of") == {SAID}
    for version in ("1.4", "1.2"):
        assert column(answer(reader, f"{own}.focus.csv?version={version}"), "x_PricedAsOf") == {SAID}
    assert f"| {SAID} |" in answer(reader, f"{own}.md").decode()
    assumptions = sheets_of(answer(reader, f"{own}.xlsx"))["Assumptions"]
    assert {cell for place, cell in assumptions.items() if place.startswith("M") and place not in ("M5",)} >= {SAID}
    for name in ("csv", "json", "xlsx"):
        data = answer(reader, f"/api/v1/estimates.{name}")
        found = str(sheets_of(data)).encode() if name == "xlsx" else data
        assert SAID.encode() in found, name


def test_every_page_with_a_bill_has_the_day_of_its_prices(dated: World) -> None:
    kept = frozen("Dated")
    link = share_estimate(estimate=kept, by=User.objects.create_user("giver")).plain_token
    viewer = signed_in("viewer")
    for path in ("/", f"/reports/{dated.target.pk}/", f"/estimates/{kept.pk}/", f"/shared/{link}/"):
        assert SAID in answer(viewer, path).decode(), path


def test_the_command_prints_the_day_of_each_price(dated: World) -> None:
    priced(dated.hardware, "0.05", term="reserved_3y", as_of=date(2026, 3, 18))
    output = StringIO()
    call_command("estimate", "10M/day", stdout=output)
    costs = [line for line in output.getvalue().splitlines() if "aws m7i.large" in line and "us-east-1" in line]
    assert costs and all(line.rstrip().endswith(SAID) for line in costs)
