"""Projections computed now, estimates frozen for good."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from estimator.models import Estimate, TrafficTarget
from tests.api.conftest import World, frozen, machine, priced
from tests.api.test_problems import assert_problem, fields


def project(client: Client, query: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/projections?{query}")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def costs(projection: dict[str, Any]) -> list[Any]:
    return [row["monthly_cost"] for row in projection["rows"]]


def freeze(client: Client, body: dict[str, Any]) -> Any:
    return client.post("/api/v1/estimates", body, content_type="application/json")


def test_a_projection_of_traffic_in_words_costs_every_measured_stack(reader: Client, fresh_world: World) -> None:
    body = project(reader, "traffic=10M/day&slo_p99_ms=50")

    assert {row["stack"] for row in body["rows"]} == {"fastapi", "flask", "django"}
    assert (body["traffic"]["requests_per_day"], body["traffic"]["slo_p99_ms"]) == ("10000000", 50.0)
    row = body["rows"][0]
    assert (row["currency"], row["term"]) == ("USD", "on_demand")
    assert all(Decimal(row["monthly_cost"][part]) > 0 for part in ("p10", "p50", "p90"))
    assert body["not_counted"]


def test_a_projection_of_a_stored_target_is_the_same_as_of_its_traffic(reader: Client, fresh_world: World) -> None:
    stored = project(reader, f"target={fresh_world.target.pk}")
    said = project(reader, "traffic=10M/day")

    assert costs(stored) == costs(said)
    assert stored["traffic"]["name"] == "Ten million"


def test_each_parameter_changes_what_it_names(reader: Client, fresh_world: World) -> None:
    query = (
        "slo_p99_ms=80&headroom=0.5&peak_to_mean=2&growth_per_month=0.1&minimum_instances=5&zones=2"
        "&survive_zone_loss=false&spares=1&region=us-east-1&currency=USD"
    )

    traffic = project(reader, f"target={fresh_world.target.pk}&{query}")["traffic"]

    assert {
        "slo_p99_ms": 80.0,
        "headroom": 0.5,
        "minimum_instances": 5,
        "zones": 2,
        "survive_zone_loss": False,
        "spares": 1,
        "regions": ["us-east-1"],
    }.items() <= traffic.items()
    assert traffic["peak_to_mean"] == {"low": 1.4, "mid": 2.0, "high": 2.75}
    assert traffic["growth_per_month"] == {"low": 0.1, "mid": 0.1, "high": 0.1}


def test_growth_may_be_in_doubt_and_alone_it_is_known(reader: Client, fresh_world: World) -> None:
    fresh_world.target.growth_per_month_high = 0.1
    fresh_world.target.save()

    ends = "growth_per_month_low=-0.02&growth_per_month=0.05&growth_per_month_high=0.09"
    told = [
        project(reader, f"target={fresh_world.target.pk}{query}")["traffic"]["growth_per_month"]
        for query in ("", f"&{ends}", "&growth_per_month=0.05")
    ]

    assert [(one["low"], one["mid"], one["high"]) for one in told] == [
        (0, 0, 0.1),
        (-0.02, 0.05, 0.09),
        (0.05, 0.05, 0.05),
    ]
    rows = project(reader, f"traffic=1B/day&{ends}")["rows"]
    assert all(Decimal(row["year_cost"]["p10"]) < Decimal(row["year_cost"]["p90"]) for row in rows)


def test_the_term_and_burstable_types_are_chosen(reader: Client, fresh_world: World) -> None:
    priced(fresh_world.hardware, "0.04", term="reserved_3y")
    priced(machine("t3.large", burstable=True, sustained_share=0.3, reference=False), "0.001")
    priced(machine("vps", burstable=True, reference=False), "0.0001")

    reserved = project(reader, "traffic=10M/day&term=reserved_3y")
    with_burstable = project(reader, "traffic=10M/day&allow_burstable=true")

    assert {row["term"] for row in reserved["rows"]} == {"reserved_3y"}
    assert "aws t3.large" in {row["hardware"] for row in with_burstable["rows"]}
    assert ["aws vps"] in [one["hardware"] for one in with_burstable["excluded"] if "sustains" in one["reason"]]
    assert "aws t3.large" not in {row["hardware"] for row in project(reader, "traffic=10M/day")["rows"]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "target"),
        ("target=1&traffic=1M/day", "target"),
        ("target=987654321", "target"),
        ("target=first", "target"),
        ("traffic=lots", "traffic"),
        ("traffic=1M", "traffic"),
        ("traffic=0/day", "traffic"),
        ("traffic=9999999B/day", "traffic"),
        ("traffic=%00", "traffic"),
        ("traffic=1M/day&slo_p99_ms=0", "slo_p99_ms"),
        ("traffic=1M/day&slo_p99_ms=nan", "slo_p99_ms"),
        ("traffic=1M/day&slo=50", "slo"),
        ("traffic=1M/day&headroom=inf", "headroom"),
        ("traffic=1M/day&peak_to_mean=3", "peak_to_mean"),
        ("traffic=1M/day&zones=1", "zones"),
        ("traffic=1M/day&minimum_instances=1e9", "minimum_instances"),
        ("traffic=1M/day&growth_per_month=-1", "growth_per_month"),
        ("traffic=1M/day&growth_per_month_low=0.1", "growth_per_month"),
        ("traffic=1M/day&survive_zone_loss=perhaps", "survive_zone_loss"),
        ("traffic=1M/day&term=forever", "term"),
        ("traffic=1M/day&workload=nobody", "workload"),
        ("traffic=1M/day&currency=dollars", "currency"),
        ("traffic=1M/day&traffic=2M/day", "traffic"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_its_parameter(
    reader: Client, standing: TrafficTarget, query: str, field: str
) -> None:
    body = assert_problem(reader.get(f"/api/v1/projections?{query}"), status=400, name="invalid")

    assert fields(body) == {field}


def test_without_measurements_the_refusal_says_how_to_make_some(reader: Client, standing: TrafficTarget) -> None:
    answer = reader.get("/api/v1/projections?traffic=1M/day")

    assert "make demo" in assert_problem(answer, status=409, name="conflict")["detail"]


def test_an_estimate_freezes_the_projection_with_its_arithmetic(writer: Client, fresh_world: World) -> None:
    answer = freeze(writer, {"target": fresh_world.target.pk, "title": "Budget", "cost_centre": "4711"})

    body = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver/api/v1/estimates/{body['id']}"
    assert (body["title"], body["target_name"], body["cost_centre"]) == ("Budget", "Ten million", "4711")
    assert (body["created_by"], body["intact"]) == ("key-owner", True)
    projected = project(writer, f"target={fresh_world.target.pk}")
    assert [row["monthly_cost"] for row in body["content"]["rows"]] == [
        row["monthly_cost"] for row in projected["rows"]
    ]
    assert all(row["arithmetic"] for row in body["content"]["rows"])


def test_an_estimate_of_traffic_in_words_is_named_after_it(writer: Client, fresh_world: World) -> None:
    body = freeze(writer, {"traffic": "2.5M/day", "slo_p99_ms": 50}).json()

    assert (body["title"], body["target_name"]) == ("2.5M/day", "2.5M/day")
    assert body["content"]["traffic"]["slo_p99_ms"] == 50


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "target"),
        ({"traffic": 5}, "traffic"),
        ({"target": [], "title": "x"}, "target"),
        ({"traffic": "1M/day", "title": ""}, "title"),
        ({"traffic": "1M/day", "title": "x" * 201}, "title"),
        ({"traffic": "1M/day", "content": {}}, "content"),
        ({"traffic": "1M/day", "growth_per_month": {}}, "growth_per_month"),
    ],
)
def test_an_estimate_of_nonsense_is_not_frozen(
    writer: Client, standing: TrafficTarget, body: dict[str, Any], field: str
) -> None:
    assert fields(assert_problem(freeze(writer, body), status=400, name="invalid")) == {field}
    assert not Estimate.objects.exists()


def test_an_estimate_cannot_be_changed_or_removed(writer: Client, fresh_world: World) -> None:
    for ask in (writer.put, writer.patch, writer.delete):
        answer = ask(f"/api/v1/estimates/{fresh_world.estimate.pk}", "{}", content_type="application/json")

        assert_problem(answer, status=405, name="method-not-allowed")


def test_the_refusal_of_an_edited_estimate_names_it(reader: Client, fresh_world: World) -> None:
    Estimate.objects.update(title="Another")

    body = assert_problem(reader.get(f"/api/v1/estimates/{fresh_world.estimate.pk}"), status=500, name="tampered")

    assert f"estimate {fresh_world.estimate.pk} was changed after it was frozen" in body["detail"]


def test_a_list_is_read_from_columns_and_what_it_shows_is_verified_where_it_is_opened(
    reader: Client, fresh_world: World, django_assert_max_num_queries: Any
) -> None:
    other = frozen("Another")
    Estimate.objects.filter(pk=fresh_world.estimate.pk).update(target_name="Changed")

    with django_assert_max_num_queries(6) as asked:
        rows = reader.get("/api/v1/estimates").json()["results"]

    assert not any('"content"' in query["sql"] for query in asked.captured_queries)
    assert [row["id"] for row in rows] == [other.pk, fresh_world.estimate.pk]
    cheapest = min(other.content["rows"], key=lambda row: Decimal(row["monthly_cost"]["p50"]))
    assert (rows[0]["currency"], rows[0]["monthly_cost"]) == ("USD", cheapest["monthly_cost"])
    assert reader.get(f"/api/v1/estimates/{other.pk}").json()["intact"] is True
    assert_problem(reader.get(f"/api/v1/estimates/{fresh_world.estimate.pk}"), status=500, name="tampered")


def test_estimates_are_found_by_what_they_were_made_for(reader: Client, fresh_world: World) -> None:
    frozen("A", "Shop", cost_centre="4711")

    def titles(query: str) -> list[str]:
        return [row["title"] for row in reader.get(f"/api/v1/estimates?{query}").json()["results"]]

    assert titles("target_name=Shop") == titles("cost_centre=4711") == ["A"]
    assert titles("created_before=2020-01-01T00:00:00Z") == []
    assert titles("created_after=2020-01-01T00:00:00Z") == ["A", "Budget 2027"]
    assert titles("currency=USD") == titles("approved=false") + titles("approved=true") == ["A", "Budget 2027"]
    assert titles("currency=EUR") == []
