"""Estimates held against each other and priced again over the API."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from estimator.domain.cost.traffic import TrafficTarget
from estimator.models import Estimate, Price
from estimator.services.estimates import freeze_estimate
from tests.api.conftest import machine, priced
from tests.api.test_problems import assert_problem, fields
from tests.domain.cases import candidate
from tests.domain.frozen_cases import MACHINES, frozen

pytestmark = pytest.mark.django_db
BUSY = Decimal(10**9)


def freeze(title: str = "Budget 2027", **target: Any) -> Estimate:
    """At 0.05 and 0.11 an hour; nothing was measured here, and no price is listed."""
    machines = MACHINES if target["currency"] == "USD" else (candidate(currency=target["currency"]),)
    content = frozen(TrafficTarget(**target), machines=machines)
    return freeze_estimate(title=title, target_name="Shop", content=content, created_by=None)


@pytest.fixture
def estimate() -> Estimate:
    return freeze(requests_per_day=BUSY, currency="USD")


@pytest.fixture
def doubled() -> None:
    """Twice the price, a month later."""
    for one in MACHINES:
        row = machine(one.hardware.name, vcpus=one.hardware.vcpus)
        priced(row, str(one.price.hourly), as_of=date(2026, 11, 2))
        priced(row, str(2 * one.price.hourly), as_of=date(2026, 12, 1))


def get(client: Client, address: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/estimates/{address}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def post(client: Client, body: dict[str, Any]) -> Any:
    return client.post("/api/v1/estimates", body, content_type="application/json")


def p50s(content: dict[str, Any]) -> list[Decimal]:
    return [Decimal(row["monthly_cost"]["p50"]) for row in content["rows"]]


def test_a_difference_names_both_estimates_and_splits_each_stack(reader: Client, estimate: Estimate) -> None:
    more = freeze(requests_per_day=2 * BUSY, currency="USD")

    found = get(reader, f"{more.pk}/difference?base={estimate.pk}")

    assert (found["base"]["id"], found["estimate"]["id"], found["estimate"]["version"]) == (estimate.pk, more.pk, 2)
    (pair,) = found["stacks"]
    assert pair["month"]["traffic"] == pair["month"]["difference"] != "0.000000"
    assert pair["sentence"].startswith("USD ") and "0 price, 0 performance" in pair["sentence"]


def test_a_difference_from_nothing_is_refused_by_field(reader: Client, estimate: Estimate) -> None:
    for query, field in (("", "base"), ("base=987654321", "base"), ("base=x", "base"), ("base=1&to=2", "to")):
        answer = reader.get(f"/api/v1/estimates/{estimate.pk}/difference?{query}")
        assert field in fields(assert_problem(answer, status=400, name="invalid")), query


def test_what_was_edited_is_neither_compared_nor_priced(reader: Client, estimate: Estimate) -> None:
    other = freeze("Another", currency="USD")
    Estimate.objects.filter(pk=other.pk).update(title="Changed")

    for address in (
        f"{other.pk}/difference?base={estimate.pk}",
        f"{estimate.pk}/difference?base={other.pk}",
        f"{other.pk}/repriced",
        f"{estimate.pk}/repriced?prices_of={other.pk}",
    ):
        assert_problem(reader.get(f"/api/v1/estimates/{address}"), status=500, name="tampered")


def test_two_currencies_are_refused_with_the_remedy(reader: Client, estimate: Estimate) -> None:
    answer = reader.get(f"/api/v1/estimates/{freeze(currency='EUR').pk}/difference?base={estimate.pk}")

    assert "dated rate" in assert_problem(answer, status=422, name="refused")["detail"]


@pytest.mark.usefixtures("doubled")
def test_new_prices_double_the_bill_and_leave_the_estimate_as_it_was(reader: Client, estimate: Estimate) -> None:
    before = get(reader, f"{estimate.pk}")["content"]

    again = get(reader, f"{estimate.pk}/repriced")

    assert p50s(again) == [2 * amount for amount in p50s(before)]
    assert {row["priced_as_of"] for row in again["rows"]} == {"2026-12-01"}
    origin = {"estimate": estimate.pk, "content_hash": estimate.content_hash, "prices_of": None}
    assert again["repriced"] == origin
    assert get(reader, f"{estimate.pk}")["content"] == before


@pytest.mark.usefixtures("doubled")
def test_freezing_new_prices_makes_the_next_version_and_old_prices_lead_back(
    writer: Client, estimate: Estimate
) -> None:
    answer = post(writer, {"reprice_of": estimate.pk})

    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["title"], made["version"], made["previous"]) == ("Budget 2027", 2, estimate.pk)
    (pair,) = get(writer, f"{made['id']}/difference?base={estimate.pk}")["stacks"]
    assert pair["year"]["price"] == pair["year"]["difference"] != "0.000000"
    back = get(writer, f"{made['id']}/repriced?prices_of={estimate.pk}")
    assert p50s(back) == p50s(estimate.content)
    assert f"the prices of estimate {estimate.pk}" in back["verdict"]["sentence"]


@pytest.mark.usefixtures("doubled")
def test_what_was_priced_again_is_exported_like_any_other(writer: Client, estimate: Estimate) -> None:
    made = post(writer, {"reprice_of": estimate.pk, "title": "At new prices", "cost_centre": "4711"}).json()

    assert (made["version"], made["cost_centre"]) == (1, "4711")
    for ending in ("csv", "xlsx", "focus.csv", "md"):
        answer = writer.get(f"/api/v1/estimates/{made['id']}.{ending}")
        assert answer.status_code == 200 and answer.getvalue(), ending


def test_without_any_price_there_is_nothing_to_freeze(writer: Client, estimate: Estimate) -> None:
    assert not Price.objects.exists()

    answer = post(writer, {"reprice_of": estimate.pk})

    assert "Make a new projection" in assert_problem(answer, status=409, name="conflict")["detail"]


def test_pricing_again_asks_no_other_question(writer: Client, estimate: Estimate) -> None:
    again = {"reprice_of": estimate.pk}
    for body, field in (
        ({**again, "traffic": "1M/day"}, "traffic"),
        ({**again, "slo_p99_ms": 50}, "slo_p99_ms"),
        ({**again, "term": "spot"}, "term"),
        ({**again, "prices_of": 987654321}, "prices_of"),
        ({"traffic": "1M/day", "prices_of": estimate.pk}, "prices_of"),
    ):
        assert fields(assert_problem(post(writer, body), status=400, name="invalid")) == {field}
