"""Errors: RFC 9457 everywhere, each naming the field and the remedy."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from estimator.api import problems
from estimator.models import BenchmarkPlan
from estimator.services.errors import Refused
from tests.api.conftest import Keys, with_key


def assert_problem(answer: Any, *, status: int, name: str) -> dict[str, Any]:
    """The body, after checking all that every problem has."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert set(body) == {"type", "title", "status", "detail", "instance", "errors"}
    assert body["type"] == f"urn:traffic-cost-estimator:problem:{name}"
    assert body["status"] == status
    assert body["instance"] == answer.wsgi_request.path
    assert body["title"] and body["detail"]
    return body


def fields(body: dict[str, Any]) -> set[str | None]:
    return {error["field"] for error in body["errors"]}


def post(client: Client, path: str, body: Any, **options: Any) -> Any:
    return client.post(path, body, content_type="application/json", **options)


def test_an_unknown_address_is_a_problem_and_no_page(reader: Client) -> None:
    assert_problem(reader.get("/api/v1/nothing/here?at=all"), status=404, name="not-found")


def test_an_unknown_row_is_a_problem(reader: Client) -> None:
    assert_problem(reader.get("/api/v1/plans/987654321"), status=404, name="not-found")


def test_an_id_larger_than_the_database_holds_is_just_not_found(reader: Client) -> None:
    assert_problem(reader.get(f"/api/v1/plans/{10**30}"), status=404, name="not-found")


def test_a_method_that_does_not_exist_is_answered_with_those_that_do(writer: Client) -> None:
    answer = writer.delete("/api/v1/stacks")

    assert_problem(answer, status=405, name="method-not-allowed")
    assert answer["Allow"] == "GET, HEAD"


def test_options_tells_nothing(reader: Client) -> None:
    assert_problem(reader.options("/api/v1/stacks"), status=405, name="method-not-allowed")


@pytest.mark.parametrize(
    "body", ["{", "[1, ", '{"plan": NaN}', "\ufeff", "[" * 100_000, '{"plan": 1' + "0" * 5000 + "}"]
)
def test_a_body_that_is_not_json_is_refused(writer: Client, body: str) -> None:
    assert_problem(post(writer, "/api/v1/runs", body), status=400, name="invalid")


@pytest.mark.parametrize("body", ["[]", "1", '"text"', "null", "true"])
def test_a_body_that_is_no_object_is_refused(writer: Client, body: str) -> None:
    assert_problem(post(writer, "/api/v1/runs", body), status=400, name="invalid")


def test_a_body_that_is_too_large_is_not_read(writer: Client) -> None:
    assert_problem(post(writer, "/api/v1/runs", " " * 300_000), status=413, name="too-large")


def test_a_form_is_not_taken_for_json(writer: Client) -> None:
    answer = writer.post("/api/v1/runs", {"plan": 1})

    body = assert_problem(answer, status=415, name="unsupported-media-type")
    assert "application/json" in body["detail"]


def test_a_misspelt_field_is_refused_by_name(writer: Client) -> None:
    answer = post(writer, "/api/v1/traffic-targets", {"name": "A", "requests_per_day": 1, "requests_perday": 2})

    body = assert_problem(answer, status=400, name="invalid")
    assert fields(body) == {"requests_perday"}
    assert "requests_per_day" in body["errors"][0]["detail"]


def test_every_wrong_field_is_named_at_once(writer: Client) -> None:
    body = '{"slo_p99_ms": "soon", "zones": 1.5, "headroom": 1e999}'

    answer = post(writer, "/api/v1/traffic-targets", body)

    assert fields(assert_problem(answer, status=400, name="invalid")) == {
        "headroom",
        "name",
        "requests_per_day",
        "slo_p99_ms",
        "zones",
    }


def test_a_wrong_element_of_a_list_is_named_by_its_place(writer: Client, plan: BenchmarkPlan) -> None:
    body = {"name": "A", "stacks": ["flask", "nobody"], "workloads": ["user_lookup"]}

    found = assert_problem(post(writer, "/api/v1/plans", body), status=400, name="invalid")

    assert "'nobody'" in found["detail"]
    assert all(str(field).startswith("stacks") for field in fields(found))


def test_a_choice_that_does_not_exist_lists_those_that_do(writer: Client, plan: BenchmarkPlan) -> None:
    body = {"name": "A", "stacks": ["flask"], "workloads": ["user_lookup"], "profile": "fast"}

    found = assert_problem(post(writer, "/api/v1/plans", body), status=400, name="invalid")

    assert "quick, standard, rigorous" in found["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("nonsense=1", "nonsense"),
        ("page_size=0", "page_size"),
        ("page_size=1001", "page_size"),
        ("page_size=ten", "page_size"),
        ("page_size=%C2%B2", "page_size"),
        ("page_size=", "page_size"),
        ("cursor=nonsense", "cursor"),
        ("cursor=cD1hYmM%3D", "cursor"),  # p=abc
        ("cursor=%FF", "cursor"),
        ("vcpus=two", "vcpus"),
        ("vcpus=1.5", "vcpus"),
        ("burstable=perhaps", "burstable"),
        ("provider=a%00b", "provider"),
        ("provider=aws&provider=gcp", "provider"),
        ("format=json", "format"),
    ],
)
def test_a_bad_query_parameter_is_refused_by_name(reader: Client, query: str, field: str) -> None:
    answer = reader.get(f"/api/v1/hardware-profiles?{query}")

    assert fields(assert_problem(answer, status=400, name="invalid")) == {field}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("runs?state=done", "state"),
        ("runs?created_after=yesterday", "created_after"),
        ("prices?term=forever", "term"),
        ("prices?as_of_after=2026-13-01", "as_of_after"),
        ("windows?kind=odd", "kind"),
        ("plans?profile=odd", "profile"),
        ("estimates.csv?page_size=3", "page_size"),
        ("estimates.csv?created_before=x", "created_before"),
        ("stacks/flask?x=1", "x"),
    ],
)
def test_each_list_refuses_what_it_cannot_filter_by(reader: Client, plan: BenchmarkPlan, path: str, field: str) -> None:
    answer = reader.get(f"/api/v1/{path}")

    assert fields(assert_problem(answer, status=400, name="invalid")) == {field}


def test_a_refusal_that_names_a_field_is_422_and_any_other_409() -> None:
    named = problems.problem_of(Refused("Add one.", field="stacks"))
    unnamed = problems.problem_of(Refused("Too many runs are waiting."))

    assert (named.status, [error.field for error in named.errors]) == (422, ["stacks"])
    assert (unnamed.status, unnamed.errors) == (409, ())


def test_a_failing_service_says_so_without_a_stack_trace(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("estimator.api.authentication.find_api_key", lambda secret: 1 / 0)

    body = assert_problem(reader.get("/api/v1/stacks"), status=500, name="failed")

    assert "division" not in str(body)


def test_a_database_that_is_away_is_told_with_a_time_to_come_back() -> None:
    problem = problems.problem_of(OperationalError("server closed the connection"))

    assert (problem.status, dict(problem.headers)) == (503, {"Retry-After": "5"})


def test_a_csv_address_reports_its_errors_as_problems_too(secret: Keys) -> None:
    answer = with_key(secret("run")).get("/api/v1/estimates.csv", headers={"Accept": "text/csv"})

    assert_problem(answer, status=403, name="forbidden")


@pytest.mark.parametrize("accept", ["text/html", "text/csv", "image/*", "nonsense", "application/json;q=0"])
def test_whatever_a_client_accepts_it_gets_what_the_address_has(reader: Client, accept: str) -> None:
    answer = reader.get("/api/v1/stacks", headers={"Accept": accept})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
