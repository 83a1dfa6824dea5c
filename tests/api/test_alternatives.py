"""Containers, functions and lines beside the rows of a projection, over the API and the command line."""

import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from estimator.catalogue.tariff_loader import load_tariffs
from estimator.catalogue.tariff_reader import read_tariffs
from tests.api.conftest import World

ALL = "database,load_balancer,egress,disk"


@pytest.fixture
def asked(world: World, reader: Client) -> Any:
    """Asks for a projection with the shipped tariffs."""
    load_tariffs(read_tariffs())

    def ask(query: str) -> Any:
        return reader.get(f"/api/v1/projections?traffic=10M/day{query}").json()

    return ask


def test_a_projection_has_containers_and_functions_of_its_regions_and_no_line(asked: Any) -> None:
    answer = asked("&region=us-east-1")

    assert {row["service"] for row in answer["containers"]} == {"aws Fargate x86", "aws Fargate arm64"}
    assert {row["service"] for row in answer["functions"]} == {"aws Lambda x86", "aws Lambda arm64"}
    assert {row["stack"] for row in answer["functions"]} == {row["stack"] for row in answer["rows"]}
    assert answer["lines"] == answer["lines_totals"] == []


def test_each_row_shows_source_day_licence_and_parts_that_add_up(asked: Any) -> None:
    answer = asked("")
    for row in (*answer["containers"], *answer["functions"]):
        parts = sum((Decimal(part) for part in row["parts"].values()), Decimal(0))

        assert abs(parts - Decimal(row["monthly_cost"]["p50"])) <= Decimal("0.005")
        assert row["price_source"] and row["priced_as_of"] and row["licence"]


def test_lines_that_were_asked_for_stand_beside_each_fleet_with_a_sum_of_their_own(asked: Any) -> None:
    plain = asked("&region=us-east-1")
    answer = asked(f"&region=us-east-1&lines={ALL}&payload_bytes=2000")

    assert [row["monthly_cost"] for row in answer["rows"]] == [row["monthly_cost"] for row in plain["rows"]]
    assert {row["line"] for row in answer["lines"]} == set(ALL.split(","))
    for total in answer["lines_totals"]:
        assert Decimal(total["compute"]) + Decimal(total["lines"]) == Decimal(total["with_compute"])
        assert total["uncounted"] == []


def test_a_line_that_cannot_be_counted_says_why(asked: Any) -> None:
    (total, *_) = asked("&region=us-east-1&lines=egress")["lines_totals"]

    assert "payload_bytes" in total["uncounted"][0]["reason"]


def test_a_line_that_is_none_is_refused_by_name(asked: Any) -> None:
    problem = asked("&lines=database,cache")

    assert problem["status"] == 400
    assert "database, load_balancer, egress, disk" in json.dumps(problem)


def test_the_command_line_prints_the_same_arrays(asked: Any) -> None:
    out = StringIO()
    call_command("estimate", "10M/day", "--json", "--region", "us-east-1", "--lines", "disk", stdout=out)
    printed = json.loads(out.getvalue())

    assert [row["service"] for row in printed["containers"]]
    assert {row["line"] for row in printed["lines"]} == {"disk"}
