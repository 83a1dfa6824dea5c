"""Writing traffic targets and plans: as a whole or not at all."""

import json
from typing import Any

import pytest
from django.test import Client

from estimator.models import BenchmarkPlan, TrafficTarget
from tests.api.conftest import World
from tests.api.test_problems import assert_problem, fields

TARGET = {"name": "Shop", "requests_per_day": 2_500_000, "slo_p99_ms": 80.0, "zones": 2, "cost_centre": "4711"}


def send(client: Client, method: str, path: str, body: Any) -> Any:
    return client.generic(
        method, f"/api/v1/{path}", body if isinstance(body, str) else json.dumps(body), "application/json"
    )


def test_a_new_target_is_answered_with_its_address(writer: Client) -> None:
    answer = send(writer, "POST", "traffic-targets", TARGET)

    body = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver/api/v1/traffic-targets/{body['id']}"
    assert writer.get(answer["Location"]).json() == body
    assert {name: body[name] for name in TARGET} == TARGET
    assert (body["peak_to_mean"], body["currency"]) == (1.7, "USD")


def test_a_target_may_be_sent_back_as_it_was_read(writer: Client, standing: TrafficTarget) -> None:
    path = f"traffic-targets/{standing.pk}"
    body = writer.get(f"/api/v1/{path}").json()

    answer = send(writer, "PUT", path, body)

    assert (answer.status_code, answer.json()) == (200, body)


def test_a_patch_changes_what_it_names_and_nothing_else(writer: Client, standing: TrafficTarget) -> None:
    path = f"traffic-targets/{standing.pk}"
    before = writer.get(f"/api/v1/{path}").json()

    after = send(writer, "PATCH", path, {"headroom": 0.4}).json()

    assert after == before | {"headroom": 0.4}


def test_a_put_needs_what_has_no_default(writer: Client, standing: TrafficTarget) -> None:
    answer = send(writer, "PUT", f"traffic-targets/{standing.pk}", {"headroom": 0.4})

    assert fields(assert_problem(answer, status=400, name="invalid")) == {"name", "requests_per_day"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"requests_per_day": 0}, "requests_per_day"),
        ({"requests_per_day": "many"}, "requests_per_day"),
        ({"requests_per_day": 1e30}, "requests_per_day"),
        ({"peak_to_mean": 0.5}, "peak_to_mean"),
        ({"peak_to_mean": "nan"}, "peak_to_mean"),
        ({"peak_to_mean": True}, "peak_to_mean"),
        ({"peak_to_mean": 3.0}, "peak_to_mean_high"),
        ({"peak_to_mean": 1.3}, "peak_to_mean"),
        ({"slo_p99_ms": "Infinity"}, "slo_p99_ms"),
        ({"zones": 1}, "zones"),
        ({"zones": 10**12}, "zones"),
        ({"minimum_instances": 0}, "minimum_instances"),
        ({"currency": "usd"}, "currency"),
        ({"currency": "DOLLAR"}, "currency"),
        ({"currency": "CHF"}, "currency"),
        ({"region": "us-east-2"}, "region"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": {"a": 1}}, "name"),
        ({"name": "Ten million"}, "name"),
        ({"standing": True}, "standing"),
        ({"standing": "perhaps"}, "standing"),
    ],
)
def test_a_wrong_target_is_refused_by_the_field_to_mend_and_nothing_is_written(
    writer: Client, standing: TrafficTarget, changes: dict[str, Any], field: str
) -> None:
    answer = send(writer, "POST", "traffic-targets", {**TARGET, **changes})

    body = assert_problem(answer, status=400, name="invalid")
    assert fields(body) == {field}
    assert TrafficTarget.objects.count() == 1


def test_a_change_that_breaks_a_rule_leaves_the_target_as_it_was(writer: Client, standing: TrafficTarget) -> None:
    answer = send(writer, "PATCH", f"traffic-targets/{standing.pk}", {"headroom": 0.9, "peak_to_mean_low": 2.0})

    assert_problem(answer, status=400, name="invalid")
    assert TrafficTarget.objects.get().headroom == 0.25


def test_a_deleted_target_is_gone_and_its_estimates_stay(writer: Client, world: World) -> None:
    path = f"/api/v1/traffic-targets/{world.target.pk}"

    assert (writer.delete(path).status_code, writer.delete(path).status_code) == (204, 404)
    assert writer.get(f"/api/v1/estimates/{world.estimate.pk}").json()["content"]["traffic"]["name"] == "Ten million"


def test_a_plan_is_written_with_its_stacks_and_workloads(writer: Client, plan: BenchmarkPlan) -> None:
    body = {"name": "Two", "stacks": ["flask", "django"], "workloads": ["user_lookup"], "profile": "standard"}

    made = send(writer, "POST", "plans", body).json()
    changed = send(writer, "PATCH", f"plans/{made['id']}", {"stacks": ["fastapi"]}).json()

    assert sorted(made["stacks"]) == ["django", "flask"]
    assert changed == made | {"stacks": ["fastapi"]}
    assert [plan["name"] for plan in writer.get("/api/v1/plans?stack=fastapi&profile=standard").json()["results"]] == [
        "Two"
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stacks": []}, "stacks"),
        ({"stacks": "flask"}, "stacks"),
        ({"stacks": None}, "stacks"),
        ({"workloads": []}, "workloads"),
        ({"objective_ms": 0}, "objective_ms"),
        ({"profile": "odd"}, "profile"),
        ({"name": "Three frameworks"}, "name"),
    ],
)
def test_a_wrong_plan_is_refused_and_nothing_is_written(
    writer: Client, plan: BenchmarkPlan, changes: dict[str, Any], field: str
) -> None:
    body = {"name": "Two", "stacks": ["flask"], "workloads": ["user_lookup"], **changes}

    answer = send(writer, "POST", "plans", body)

    assert fields(assert_problem(answer, status=400, name="invalid")) == {field}
    assert BenchmarkPlan.objects.count() == 1


@pytest.mark.parametrize("slug", [1, None, {}, [], "a\x00", "\ud800", "x" * 500, "nobody"])
def test_whatever_is_given_for_a_stack_is_looked_up_or_refused(writer: Client, plan: BenchmarkPlan, slug: Any) -> None:
    answer = send(writer, "POST", "plans", {"name": "Two", "stacks": [slug], "workloads": ["user_lookup"]})

    assert_problem(answer, status=400, name="invalid")


def test_a_plan_that_was_run_stays(writer: Client, world: World) -> None:
    answer = writer.delete(f"/api/v1/plans/{world.measured.plan.pk}")

    body = assert_problem(answer, status=409, name="conflict")
    assert "has runs" in body["detail"]
