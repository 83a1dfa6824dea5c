"""The section of a report that sets instances, containers and functions side by side."""

from typing import Any

import pytest
from django.test import Client

from estimator.catalogue.loader import load_catalogue
from estimator.catalogue.reader import Catalogue
from estimator.catalogue.tariff_loader import load_tariffs
from estimator.catalogue.tariff_reader import read_tariffs
from estimator.models import TrafficTarget
from estimator.reports.alternatives import alternative_sheet
from tests.catalogue.shipped import shipped_catalogue
from tests.reports import measured_run
from tests.reports.test_run_pages import text


def cost(p50: str) -> dict[str, Any]:
    return {"p10": "1.00", "p50": p50, "p90": "900.00"}


COMMON = {"currency": "USD", "region": "us-east-1", "priced_as_of": "2026-11-01", "price_source": "a list"}
INSTANCES = {
    **COMMON,
    "stack": "flask",
    "title": "Flask",
    "hardware": "aws m7i.large",
    "hourly_price": "0.1",
    "instances": 3,
    "monthly_cost": cost("219.00"),
}
RENTED = {**COMMON, "stack": "flask", "assumptions": ["assumed"], "free_tier": "much", "size": "1 vCPU"}
CONTAINERS = {
    **RENTED,
    "service": "aws Fargate",
    "vcpu_hour": "0.04",
    "gib_hour": "0.004",
    "containers": 3,
    "monthly_cost": cost("108.00"),
}
FUNCTIONS = {
    **RENTED,
    "service": "aws Lambda",
    "per_million_requests": "0.2",
    "gib_second": "0.00001",
    "instances_cheaper_from_requests_per_day": "6000000",
    "monthly_cost": cost("300.00"),
}


def test_each_stack_has_its_ways_to_rent_cheapest_first() -> None:
    data = {"containers": [CONTAINERS], "functions": [FUNCTIONS]}

    sheet = alternative_sheet(data, [INSTANCES], {"flask": 2})

    assert sheet is not None
    (flask,) = sheet.stacks
    assert [(row.model, row.count) for row in flask.rows] == [("containers", 3), ("instances", 3), ("functions", None)]
    assert flask.rows[2].cheaper_from == "6000000"
    assert flask.rows[0].price.endswith("as of 2026-11-01, a list")
    assert (sheet.assumptions, sheet.free_tiers) == (("assumed",), (("aws Fargate", "much"), ("aws Lambda", "much")))


def test_an_estimate_frozen_before_there_were_any_has_no_such_section() -> None:
    assert alternative_sheet({"rows": [INSTANCES]}, [INSTANCES], {}) is None


@pytest.mark.django_db
def test_the_report_sets_the_three_models_side_by_side_and_lines_only_when_asked(viewer: Client) -> None:
    shipped = shipped_catalogue()
    hardware = tuple(row for row in shipped.hardware if row.reference)
    names = {row.name for row in hardware}
    load_catalogue(Catalogue(hardware=hardware, prices=tuple(row for row in shipped.prices if row.name in names)))
    load_tariffs(read_tariffs())
    measured_run.measure()
    target = TrafficTarget.objects.create(name="Shop", requests_per_day=10_000_000)

    page = text(viewer.get(f"/reports/{target.pk}/"))
    asked = text(viewer.get(f"/reports/{target.pk}/?beside=all&payload_bytes=2000&region=us-east-1"))

    assert "Instances, containers, functions" in page
    assert "aws Fargate arm64" in page and "aws Lambda x86" in page
    assert "Application Load Balancer" not in page
    assert "Application Load Balancer" in asked and "RDS for PostgreSQL" in asked
    assert "together USD" in asked
