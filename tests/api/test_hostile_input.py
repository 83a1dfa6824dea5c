"""Whatever is sent, the API answers with a result or with a problem that is the sender's: it never fails."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estimator.models import BenchmarkPlan, TrafficTarget
from tests.api.endpoints import endpoints, schema

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(["", "\0", "NaN", "Infinity", "-1", "1e999", "9" * 400, "=1+1", "../..", "'; --", "٣", "true"]),
)
NUMBERS = st.one_of(st.integers(), st.integers(min_value=10**300, max_value=10**400), st.floats(allow_nan=False))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
LISTS = [one for one in endpoints() if one.reads and "{" not in one.template and "docs" not in one.template]
WRITING = {
    "/api/v1/runs": ["plan"],
    "/api/v1/plans": ["name", "stacks", "workloads", "profile", "objective_ms", "confirm_with_locust"],
    "/api/v1/traffic-targets": list(schema()["components"]["schemas"]["TrafficTargetRequest"]["properties"]),
    "/api/v1/estimates": list(schema()["components"]["schemas"]["FreezeRequest"]["properties"]),
}
# The database is rolled back after the test, not after each example: nothing here depends on what an example left.
HOSTILE = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """More examples than a key may ask in a minute."""
    monkeypatch.setattr("estimator.api.throttling.PerKey.allow_request", lambda *args: True)


def assert_answered(answer: Any) -> None:
    """Done, or refused as a problem with the sender's part in it named."""
    assert answer.status_code in (200, 201, 202, 400, 409, 422), (answer.status_code, answer.content)
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]


def parameters_of(template: str) -> list[str]:
    described = schema()["paths"].get(template, {}).get("get", {}).get("parameters", [])
    return [one["name"] for one in described if one["in"] == "query"] or ["strange"]


@HOSTILE
@given(data=st.data())
def test_no_query_breaks_a_list_or_a_projection(reader: Client, standing: TrafficTarget, data: st.DataObject) -> None:
    template = data.draw(st.sampled_from([one.template for one in LISTS]))
    query = data.draw(st.dictionaries(st.sampled_from(parameters_of(template)) | TEXTS, TEXTS, max_size=3))

    assert_answered(reader.get(f"{template}?{urlencode(query)}"))


@HOSTILE
@given(data=st.data())
def test_no_body_breaks_a_write(
    writer: Client, plan: BenchmarkPlan, standing: TrafficTarget, data: st.DataObject
) -> None:
    template = data.draw(st.sampled_from(sorted(WRITING)))
    likely = {"plan": st.just(plan.pk), "target": st.just(standing.pk), "name": TEXTS, "traffic": st.just("1M/day")}
    names = st.sampled_from(WRITING[template])
    fields = {name: data.draw(likely.get(name, VALUES) | VALUES) for name in data.draw(st.sets(names, max_size=6))}
    body = data.draw(st.just(fields) | VALUES)

    assert_answered(writer.post(template, json.dumps(body), content_type="application/json"))


@HOSTILE
@given(body=st.binary(max_size=60))
def test_no_bytes_break_the_parser(writer: Client, body: bytes) -> None:
    assert_answered(writer.post("/api/v1/traffic-targets", body, content_type="application/json"))


@HOSTILE
@given(header=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40))
def test_no_header_breaks_the_door(db: None, header: str) -> None:
    for scheme in ("", "Api-Key ", "Basic "):
        assert Client(headers={"Authorization": scheme + header}).get("/api/v1/stacks").status_code == 401


@HOSTILE
@given(key=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=300))
def test_no_idempotency_key_breaks_a_run(writer: Client, plan: BenchmarkPlan, key: str) -> None:
    answer = writer.post(
        "/api/v1/runs", {"plan": plan.pk}, content_type="application/json", headers={"Idempotency-Key": key}
    )

    assert_answered(answer)


@HOSTILE
@given(start=TEXTS, changes=st.dictionaries(st.sampled_from(WRITING["/api/v1/traffic-targets"]), VALUES, max_size=4))
def test_a_refused_change_leaves_every_column_as_it_was(
    writer: Client, standing: TrafficTarget, start: str, changes: dict[str, Any]
) -> None:
    before = TrafficTarget.objects.filter(pk=standing.pk).values().get()

    answer = writer.patch(
        f"/api/v1/traffic-targets/{standing.pk}", json.dumps({**changes, "peak_to_mean": start}), "application/json"
    )

    assert_answered(answer)
    if answer.status_code != 200:
        assert TrafficTarget.objects.filter(pk=standing.pk).values().get() == before
