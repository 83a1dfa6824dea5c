"""Figures in another currency: the rate, its day and source on every surface, and none where no rate is known."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from estimator.models import ExchangeRate, TrafficTarget
from estimator.services.estimates import frozen_content
from tests.api.conftest import World, frozen, priced, signed_in
from tests.api.test_estimates import project
from tests.api.test_problems import assert_problem, fields

RATE = "1 USD = 0.8 EUR"  # the world's rate the other way round
TOLD = f"{RATE} as of 2026-11-01, a central bank, calculated from 1 EUR = 1.25 USD"


def p50s(projection: dict[str, Any]) -> list[Decimal]:
    return [Decimal(row["monthly_cost"]["p50"]) for row in projection["rows"]]


def test_every_figure_is_told_in_the_currency_with_rate_day_and_source(reader: Client, world: World) -> None:
    dollars, euros = (project(reader, f"traffic=10M/day&currency={one}") for one in ("USD", "EUR"))

    assert p50s(euros) == [(amount * Decimal("0.8")).quantize(Decimal("0.01")) for amount in p50s(dollars)]
    assert {row["currency"] for row in euros["rows"]} == {euros["traffic"]["currency"]} == {"EUR"}
    assert {fleet["currency"] for fleet in euros["sweep"]} == {"EUR"}
    assert [rate["sentence"] for rate in euros["exchange_rates"]] == [TOLD]
    assert dollars["exchange_rates"] == []
    assert euros["rows"][0]["listed"] == {
        "currency": "USD",
        "hourly_price": "0.1008",
        "exchange_rate": "0.8",
        "exchange_rate_as_of": "2026-11-01",
        "exchange_rate_source": "a central bank",
    }
    assert Decimal(euros["rows"][0]["hourly_price"]) == Decimal("0.1008") * Decimal("0.8")
    assert "listed" not in dollars["rows"][0]


def test_a_price_listed_in_the_currency_is_not_converted(reader: Client, world: World) -> None:
    priced(world.hardware, "0.05", currency="EUR")

    body = project(reader, "traffic=10M/day&currency=EUR")

    assert {row["hourly_price"] for row in body["rows"]} == {"0.05"}
    assert body["exchange_rates"] == []


@pytest.mark.parametrize("currency", ["CHF", "XXX"])
def test_without_a_rate_the_pair_and_the_remedy_are_named(currency: str, reader: Client, world: World) -> None:
    answer = reader.get(f"/api/v1/projections?traffic=1M/day&currency={currency}")

    assert fields(assert_problem(answer, status=400, name="invalid")) == {"currency"}
    assert f"enter an exchange rate from USD to {currency} first (admin, Exchange rates)" in answer.content.decode()
    with pytest.raises(CommandError, match=f"currency: No price is listed in {currency}"):
        call_command("estimate", "1M/day", "--currency", currency, stdout=io.StringIO())


def test_a_budget_is_told_in_the_currency_too(reader: Client, world: World) -> None:
    TrafficTarget.objects.filter(pk=world.target.pk).update(monthly_budget=Decimal(500), budget_thresholds=[50, 90])

    stored = project(reader, f"target={world.target.pk}&currency=EUR")["answers"][0]["budget"]
    given = project(reader, f"target={world.target.pk}&currency=EUR&monthly_budget=500&budget_thresholds=10")

    assert stored["monthly_budget"] == "400.00"
    assert [(one["percent"], one["limit"]) for one in stored["thresholds"]] == [(50, "200.00"), (90, "360.00")]
    assert given["answers"][0]["budget"]["monthly_budget"] == "500.00"
    assert given["traffic"]["budget_thresholds"] == [10]


def test_an_estimate_keeps_its_rate_whatever_becomes_of_the_rates(reader: Client, world: World) -> None:
    estimate = frozen("In euros", currency="EUR")
    before = reader.get(f"/api/v1/estimates/{estimate.pk}.csv").getvalue()

    ExchangeRate.objects.update(rate=2)
    ExchangeRate.objects.create(base="EUR", quote="USD", rate=3, as_of=date(2026, 11, 20), source="a later day")
    after = reader.get(f"/api/v1/estimates/{estimate.pk}.csv").getvalue()
    ExchangeRate.objects.all().delete()

    estimate.refresh_from_db()
    assert frozen_content(estimate)["exchange_rates"][0]["sentence"] == TOLD
    assert before == after == reader.get(f"/api/v1/estimates/{estimate.pk}.csv").getvalue()


def test_each_surface_of_an_estimate_prints_the_rate(reader: Client, world: World) -> None:
    estimate = frozen("In euros", currency="EUR")
    address = f"/api/v1/estimates/{estimate.pk}"

    rows = list(csv.DictReader(io.StringIO(reader.get(f"{address}.csv").getvalue().decode("utf-8-sig"))))
    focus = list(csv.DictReader(io.StringIO(reader.get(f"{address}.focus.csv").getvalue().decode("utf-8-sig"))))

    assert {(row["currency"], row["listed_currency"], row["exchange_rate"]) for row in rows} == {("EUR", "USD", "0.8")}
    assert {row["exchange_rate_as_of"] for row in rows} == {"2026-11-01"}
    assert {row["exchange_rate_source"] for row in rows} == {"a central bank"}
    assert {(row["BillingCurrency"], row["x_ListedCurrency"], row["x_ExchangeRate"]) for row in focus} == {
        ("EUR", "USD", "0.8")
    }
    assert RATE in reader.get(f"{address}.md").getvalue().decode().replace("\\", "")
    person = signed_in("viewer")
    for page in (f"/estimates/{estimate.pk}/", f"/reports/{world.target.pk}/?currency=EUR"):
        text = person.get(page).content.decode()
        assert TOLD in text and "listed: 0.1008 USD/h" in text, page
    output = io.StringIO()
    call_command("estimate", "10M/day", "--currency", "eur", stdout=output)
    assert f"Converted: {TOLD}." in output.getvalue()


def test_the_what_if_form_offers_the_currencies_that_a_rate_leads_to(world: World) -> None:
    person = signed_in("viewer")

    offered = person.get(f"/reports/{world.target.pk}/").content.decode()
    refused = person.get(f"/reports/{world.target.pk}/?currency=CHF").content.decode()

    assert '<option value="EUR">' in offered and '<option value="CHF">' not in offered
    assert "No price can be told in CHF: enter an exchange rate to it in the admin" in refused


def test_a_target_may_ask_for_what_a_rate_leads_to(writer: Client, world: World) -> None:
    euros = {"name": "Euros", "requests_per_day": 5000, "currency": "EUR"}

    made = writer.post("/api/v1/traffic-targets", euros, content_type="application/json")
    lacking = writer.post(
        "/api/v1/traffic-targets", {**euros, "name": "Francs", "currency": "CHF"}, content_type="application/json"
    )

    assert (made.status_code, lacking.status_code) == (201, 400)
    assert "enter an exchange rate from USD to CHF first" in lacking.content.decode()
