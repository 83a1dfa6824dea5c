"""Fleets by the hour on the report: beside the fixed one, only where the target has a shape, and kept in estimates."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from estimator.catalogue.loader import load_catalogue
from estimator.catalogue.reader import Catalogue
from estimator.exports.text import report_lines
from estimator.models import Estimate, Price, TrafficTarget
from estimator.models.profiles import TrafficProfile
from estimator.queries.projections import cost_report, report_json, target_value
from estimator.reports.hourly import hourly_rows
from estimator.services.first_start import ensure_targets
from tests.catalogue.shipped import shipped_catalogue
from tests.reports import measured_run
from tests.reports.test_run_pages import text

pytestmark = pytest.mark.django_db

SECTION = "The same fleet by the hour"


@pytest.fixture
def target() -> TrafficTarget:
    """A billion a day with busy evenings, on a machine that has a price by the hour and one for a year."""
    shipped = shipped_catalogue()
    hardware = tuple(row for row in shipped.hardware if row.name == "m7i.large")
    prices = tuple(row for row in shipped.prices if row.name == "m7i.large" and row.region == "us-east-1")
    load_catalogue(Catalogue(hardware=hardware, prices=tuple(row for row in prices if row.term == "on_demand")))
    on_demand = Price.objects.get()
    Price.objects.create(
        hardware=on_demand.hardware,
        region="us-east-1",
        term="reserved_1y",
        hourly=on_demand.hourly * Decimal("0.6"),
        source="a list",
        as_of=date(2026, 9, 1),
    )
    measured_run.measure()
    ensure_targets()
    profile = TrafficProfile.objects.create(
        name="Evenings", hourly=([1.0] * 20 + [2.0] * 4) * 7, source="a log", as_of=date(2026, 9, 1)
    )
    billion = TrafficTarget.objects.get(name="1B requests/day")
    billion.shape, billion.fleet_policy = profile, "autoscaled"
    billion.save()
    return billion


def answered(target: TrafficTarget) -> dict[str, Any]:
    """What the API serves."""
    return report_json(cost_report(target=target_value(target)))


def test_each_policy_stands_beside_the_fixed_fleet(viewer: Client, target: TrafficTarget) -> None:
    data = answered(target)

    page = text(viewer.get(f"/reports/{target.pk}/"))

    assert SECTION in page and "Evenings" in page
    for fleet in data["fleets"]:
        fixed, scaled, committed = fleet["policies"]
        row = next(row for row in data["rows"] if row["stack"] == fleet["stack"] and row["hardware"] == "aws m7i.large")
        assert fixed["monthly_cost"] == row["monthly_cost"]
        costs = [Decimal(policy["monthly_cost"]["p50"]) for policy in (fixed, scaled, committed)]
        assert costs[0] > costs[1] > costs[2]
        assert (scaled["asked"], committed["cheapest"]) == (True, True)
        for policy in fleet["policies"]:
            assert f"{Decimal(policy['monthly_cost']['p50']):,.2f}" in page
    assert "asked for" in page and "Committed base, 1 year" in page
    for verdict in data["fleet_verdicts"]:
        assert verdict["sentence"] in page
    (asked,) = [one for one in data["fleet_verdicts"] if one["asked"]]
    assert asked["policy"] == "autoscaled"
    assert page.count(asked["sentence"]) == 2  # under the verdict, and beside the policies
    regrets = data["fleets"][0]["policies"][2]["regrets"]
    assert [one["fall"] for one in regrets] == [0.25, 0.5, 0.75]
    assert Decimal(regrets[0]["net"]) >= Decimal(regrets[1]["net"]) >= Decimal(regrets[2]["net"])
    assert "in today's money (8 % a year)" in page and "If traffic falls after 6 of 12 months" in page


def test_the_command_s_report_tells_who_is_cheapest_by_the_hour(target: TrafficTarget) -> None:
    told = list(report_lines(cost_report(target=target_value(target))))
    assert [line.partition(":")[0] for line in told[told.index("") :] if line.startswith(("Autosc", "With a"))] == [
        "Autoscaled by the hour",
        "With a committed base",
    ]


def test_the_week_is_drawn_inside_the_picture(target: TrafficTarget) -> None:
    rows = hourly_rows(answered(target), {})[0]
    chart = rows.chart

    steps = [float(step.split("H")[0]) for step in chart.instances_line.split("V")[1:]]

    assert len(steps) == 168
    assert all(chart.top <= step <= chart.bottom for step in steps)
    assert [day.label for day in chart.days] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert chart.levels[0].label == f"fixed: {rows.data['fixed_instances']:,}"
    assert min(steps) == pytest.approx(chart.levels[0].at, abs=0.2)


def test_without_a_shape_nothing_of_it_is_there(viewer: Client, target: TrafficTarget) -> None:
    plain = TrafficTarget.objects.get(standing=True)

    assert SECTION not in text(viewer.get(f"/reports/{plain.pk}/"))
    assert "fleets" not in answered(plain)


def test_a_frozen_estimate_keeps_the_week_and_its_arithmetic(analyst: Client, target: TrafficTarget) -> None:
    analyst.post(f"/reports/{target.pk}/freeze/", {"title": "Evenings"})

    estimate = Estimate.objects.get()
    TrafficProfile.objects.update(hourly=[1.0] * 168)
    page = text(analyst.get(f"/estimates/{estimate.pk}/"))

    assert SECTION in page and "instances in the busiest hour, Monday 20:00 UTC" in page
    (fleet, *_) = estimate.content["fleets"]
    assert len(fleet["instances"]) == 168


def test_the_what_if_changes_shape_policy_and_boot(viewer: Client, target: TrafficTarget) -> None:
    plain = text(viewer.get(f"/reports/{target.pk}/", {"shape": ""}))
    slow = text(viewer.get(f"/reports/{target.pk}/", {"boot_s": "7300", "fleet_policy": "committed"}))

    assert SECTION not in plain
    assert "asked for 3 hours ahead" in slow
    assert 'value="committed" selected' in slow
