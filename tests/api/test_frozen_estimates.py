"""One promise on every surface: an estimate is shown as it was frozen, or refused as edited.

Surfaces are found by their addresses, so a new one is held to the promise without being named here.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from estimator.models import (
    ContainerPrice,
    Estimate,
    FunctionPrice,
    HardwareProfile,
    LinePrice,
    Price,
    Run,
    Stack,
    TrafficProfile,
)
from estimator.reports import urls
from estimator.services.roles import ADMIN
from estimator.services.shares import share_estimate
from tests.api.conftest import World, frozen, signed_in
from tests.api.endpoints import endpoints

REFUSAL = "was changed after it was frozen"
FORGED = "98765432.10"  # an amount that no estimate holds
FILES_OF_ALL = "/api/v1/estimates."  # an edited one is a row that says so: it must not keep the others from everybody
LISTS = {"/api/v1/estimates", "/estimates/"}  # open no estimate, so they check none and show no content


@pytest.fixture
def surfaces(world: World) -> set[str]:
    """Every address to be read at which estimates are shown, pages and API."""
    api = {one.address(world) for one in endpoints() if one.reads and one.template.startswith("/api/v1/estimates")}
    made = share_estimate(estimate=world.estimate, by=User.objects.create_user("sharer"))
    values = {"estimate_id": world.estimate.pk, "share_id": made.pk, "token": made.plain_token}
    routes = [str(one.pattern) for one in urls.urlpatterns]
    pages = {f"/{_filled(route, values)}" for route in routes if "estimate" in route or "shared" in route}
    return pages | api | {f"/api/v1/estimates/{world.estimate.pk}.focus.csv?version=1.2"}


def _filled(route: str, values: dict[str, Any]) -> str:
    """The route with a value in each place; one that is not known here fails the test that asks."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda place: str(values[place[1]]), route)


@pytest.fixture
def shown(surfaces: set[str]) -> Callable[[], dict[str, tuple[int, bytes]]]:
    """Asks every surface; buttons, which cannot be read, are left out."""
    client = signed_in(ADMIN)

    def ask() -> dict[str, tuple[int, bytes]]:
        answers = {address: client.get(address) for address in sorted(surfaces)}
        return {address: (one.status_code, _lasting(one)) for address, one in answers.items() if one.status_code != 405}

    return ask


def _lasting(answer: Any) -> bytes:
    """The body, unpacked, less the token against forged requests, which is another one each time."""
    body: bytes = answer.getvalue()
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as archive:
            body = b"".join(map(archive.read, archive.namelist()))
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", body)


def edits(estimate: Estimate) -> dict[str, dict[str, Any]]:
    """What somebody with access to the database might do to a row, by what it is."""
    bill, price, rows = deepcopy(estimate.content), deepcopy(estimate.content), deepcopy(estimate.content)
    for row in bill["rows"]:
        row["monthly_cost"]["p50"] = row["year_cost"]["p50"] = FORGED
    for row in price["rows"]:
        row["hourly_price"] = FORGED
    rows["rows"] = rows["rows"][:1]
    return {
        "the bill": {"content": bill},
        "a price": {"content": price},
        "fewer rows": {"content": rows},
        "nothing left": {"content": {}},
        "the bill that lists show": {"monthly_cost": None},
        "title": {"title": "Another"},
        "target": {"target_name": "Another"},
        "cost centre": {"cost_centre": "1"},
        "time": {"created_at": estimate.created_at + timedelta(seconds=1)},
    }


def test_an_estimate_edited_in_the_database_is_refused_everywhere(
    world: World, shown: Callable[[], dict[str, tuple[int, bytes]]]
) -> None:
    for name, edit in edits(world.estimate).items():
        with transaction.atomic():
            Estimate.objects.filter(pk=world.estimate.pk).update(**edit)
            answers = shown()
            transaction.set_rollback(True)

        for address, (status, body) in answers.items():
            assert FORGED.encode() not in body and b"98,765,432" not in body, (name, address)
            if address in LISTS:
                assert status == 200, (name, address)
            else:
                assert REFUSAL.encode() in body, (name, address)
                told = address.endswith("/") or address.startswith(FILES_OF_ALL)
                assert status == (200 if told else 500), (name, address)


def test_an_estimate_without_any_cost_is_shown_everywhere(
    world: World, shown: Callable[[], dict[str, tuple[int, bytes]]]
) -> None:
    free = frozen("No stack is fast enough", objective_ms=0.2)
    assert not free.content["rows"]

    addresses = {one.replace(f"/{world.estimate.pk}", f"/{free.pk}") for one in shown() if "shared" not in one}

    client = signed_in(ADMIN)
    answers = {one: client.get(one).status_code for one in sorted(addresses | {"/"})}
    assert answers.pop(f"/api/v1/estimates/{free.pk}/repriced") == 409  # there is nothing to price again
    assert {one: status for one, status in answers.items() if status != 200} == {}


def test_nothing_that_happens_later_changes_an_estimate(
    world: World, shown: Callable[[], dict[str, tuple[int, bytes]]]
) -> None:
    before = shown()
    assert {status for status, _ in before.values()} == {200}
    new_prices = {address for address in before if "repriced" in address}  # show today's, and say so

    Price.objects.update(hourly=Decimal(99))
    for tariff in (ContainerPrice, FunctionPrice, LinePrice):
        tariff.objects.all().delete()
    HardwareProfile.objects.update(vcpus=64, name="renamed")
    Stack.objects.update(title="Renamed")
    world.target.delete()
    Run.objects.all().delete()
    TrafficProfile.objects.all().delete()

    after = shown()
    assert all(after[address] == answer for address, answer in before.items() if address not in new_prices)


def test_every_kind_of_surface_is_asked(surfaces: set[str]) -> None:
    kinds = {address.rpartition(".")[2] for address in surfaces if not address.endswith("/")}

    assert {"csv", "xlsx", "md", "json", "/api/v1/estimates", "2"} <= kinds  # the last of FOCUS 1.2
    assert any(address.startswith("/shared/") for address in surfaces)
