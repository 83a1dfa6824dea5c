"""Budgets with thresholds: what is used, what is crossed and when, as words on every surface."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from estimator.models import Estimate, TrafficTarget
from tests.api.conftest import World, frozen, signed_in
from tests.api.test_estimates import project
from tests.api.test_problems import assert_problem, fields


@pytest.fixture
def tight(world: World) -> World:
    """A budget that the smallest fleet of three exceeds."""
    TrafficTarget.objects.filter(pk=world.target.pk).update(monthly_budget=Decimal(200))
    return world


def budget_of(reader: Client, query: str) -> dict[str, Any]:
    found: dict[str, Any] = project(reader, query)["answers"][0]["budget"]
    return found


def test_a_budget_says_what_is_used_and_the_first_month_of_each_threshold(reader: Client, tight: World) -> None:
    bill = Decimal(project(reader, "traffic=10M/day")["rows"][0]["monthly_cost"]["p50"])

    found = budget_of(reader, f"target={tight.target.pk}")

    assert found["status"] == "over"
    assert found["used"]["p50"] == pytest.approx(float(bill / 200), abs=1e-3)
    assert [(one["percent"], one["crossed_by"]) for one in found["thresholds"]] == [
        (50, "p50"),
        (80, "p50"),
        (100, "p50"),
    ]
    assert found["use_sentence"].startswith("Over: P50 uses ")


def test_growth_crosses_a_threshold_in_a_later_month(reader: Client, world: World) -> None:
    query = f"target={world.target.pk}&growth_per_month=0.5&monthly_budget=250&budget_thresholds=50,100,400"

    half, all_of_it, more = budget_of(reader, query)["thresholds"]

    assert (half["crossed_by"], all_of_it["crossed_by"], more["limit"]) == ("p50", None, "1000.00")
    assert 1 < all_of_it["first_month_over"]["p50"] < (more["first_month_over"]["p50"] or 13)


def test_status_stands_on_page_list_and_in_files_in_words(reader: Client, tight: World) -> None:
    estimate = frozen("Tight", monthly_budget=Decimal(200))
    address, person = f"/api/v1/estimates/{estimate.pk}", signed_in("viewer")
    told = estimate.content["answers"][0]["budget"]["use_sentence"]

    rows = list(csv.DictReader(io.StringIO(reader.get(f"{address}.csv").getvalue().decode("utf-8-sig"))))

    assert {(row["monthly_budget"], row["budget_status"]) for row in rows} == {("200", "over")}
    assert told in reader.get(f"{address}.md").getvalue().decode().replace("\\", "")
    for page in (f"/estimates/{estimate.pk}/", f"/reports/{tight.target.pk}/"):
        assert told in person.get(page).content.decode(), page
    assert ">over<" in "".join(person.get("/estimates/").content.decode().split())
    listed = reader.get("/api/v1/estimates?budget_status=over").json()["results"]
    assert [one["id"] for one in listed] == [estimate.pk]


def test_a_status_edited_in_the_database_is_refused(reader: Client, tight: World) -> None:
    estimate = frozen("Tight", monthly_budget=Decimal(200))
    Estimate.objects.filter(pk=estimate.pk).update(budget_status="within")

    answer = reader.get(f"/api/v1/estimates/{estimate.pk}")

    assert answer.status_code >= 400
    assert "was changed after it was frozen" in answer.content.decode()


@pytest.mark.parametrize("thresholds", [[80, 50], [50, 50], [0], [1001]])
def test_thresholds_are_percentages_in_rising_order(thresholds: list[int], writer: Client, world: World) -> None:
    body = {"budget_thresholds": thresholds}

    stored = writer.patch(f"/api/v1/traffic-targets/{world.target.pk}", body, content_type="application/json")
    asked = ",".join(map(str, thresholds))
    question = writer.get(f"/api/v1/projections?traffic=1M/day&monthly_budget=5&budget_thresholds={asked}")

    for answer in (stored, question):
        problem = assert_problem(answer, status=400, name="invalid")
        assert fields(problem) == {"budget_thresholds"}
        assert "rising order" in problem["errors"][0]["detail"]
