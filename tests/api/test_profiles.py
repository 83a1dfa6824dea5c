"""Traffic profiles over the API: read, and asked for by a target or a question."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from estimator.api.serializers.hourly import HourlyFleetSerializer, PolicyCostSerializer
from estimator.api.serializers.verdicts import PolicyVerdictSerializer
from estimator.models import TrafficTarget
from tests.api.conftest import World, a_week

QUESTION = "/api/v1/projections?traffic=300M/day"
OF_A_BASE = {"base_price", "present_saving", "discount_per_year", "regrets"}  # only where one is committed to


def test_a_week_is_read_with_its_peak(reader: Client, db: None) -> None:
    profile = a_week()

    (listed,) = reader.get("/api/v1/traffic-profiles?assumed=false").json()["results"]

    assert listed == reader.get(f"/api/v1/traffic-profiles/{profile.pk}").json()
    assert len(listed["hourly"]) == 168
    assert listed["peak_to_mean"] == pytest.approx(12 / 7)
    assert (listed["name"], listed["source"], listed["assumed"]) == ("Evenings", "a log", False)
    assert reader.get("/api/v1/traffic-profiles?assumed=true").json()["results"] == []


def test_nobody_writes_a_week_over_the_api(writer: Client, db: None) -> None:
    assert writer.post("/api/v1/traffic-profiles", {}, content_type="application/json").status_code == 405


def test_a_target_is_written_with_a_shape_and_a_policy(writer: Client, db: None) -> None:
    profile = a_week()
    fields: dict[str, Any] = {"shape": profile.pk, "fleet_policy": "autoscaled", "boot_s": 300.0, "burst": 1.5}

    answer = writer.post(
        "/api/v1/traffic-targets",
        {"name": "Shop", "requests_per_day": 1000, **fields},
        content_type="application/json",
    )

    assert answer.status_code == 201, answer.content
    assert {name: answer.json()[name] for name in fields} == fields
    assert TrafficTarget.objects.get().shape == profile


@pytest.mark.parametrize(
    ("field", "value"), [("shape", 999), ("shape", 1.5), ("fleet_policy", "x"), ("boot_s", -1), ("burst", 0.5)]
)
def test_a_wrong_field_is_named(writer: Client, db: None, field: str, value: object) -> None:
    body = {"name": "Shop", "requests_per_day": 1000, field: value}

    answer = writer.post("/api/v1/traffic-targets", body, content_type="application/json")

    assert answer.status_code == 400
    assert field in answer.content.decode()
    assert not TrafficTarget.objects.exists()


def test_a_question_with_a_shape_is_sized_for_its_busiest_hour(reader: Client, world: World) -> None:
    plain = reader.get(f"{QUESTION}&peak_to_mean_low=1&peak_to_mean=1&peak_to_mean_high=1").json()

    shaped = reader.get(f"{QUESTION}&shape={world.profile.pk}").json()

    costs = [Decimal(answer["rows"][0]["monthly_cost"]["p50"]) for answer in (plain, shaped)]
    assert costs[0] < costs[1]
    assert "shape" not in plain["traffic"]
    assert shaped["traffic"]["shape"]["name"] == "Evenings"
    for fleet in shaped["fleets"]:
        assert set(fleet) == set(HourlyFleetSerializer().fields)
        for policy in fleet["policies"]:
            assert policy.keys() | OF_A_BASE == set(PolicyCostSerializer().fields)
    for verdict in shaped["fleet_verdicts"]:
        assert set(verdict) == set(PolicyVerdictSerializer().fields)
    assert [verdict["policy"] for verdict in shaped["fleet_verdicts"]] == ["autoscaled"]  # no price for a base
