"""The API describes itself, completely and truthfully."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from openapi_schema_validator import OAS30ReadValidator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from estimator.api import urls
from estimator.models import BenchmarkPlan, Price, Workload
from estimator.services import runs
from tests.api.conftest import World, frozen
from tests.api.endpoints import Endpoint, endpoints, schema
from tests.reports import measured_run

# Addresses that describe or refuse: no client is generated for them.
UNLISTED = {"schema/", "docs/", ""}


def test_the_schema_is_valid_openapi(reader: Client) -> None:
    answer = reader.get("/api/v1/schema/")

    assert answer["Content-Type"] == "application/json"
    validate(answer.json())
    assert answer.json()["openapi"].startswith("3.")


def test_the_schema_lists_every_address_once() -> None:
    served = {_template(pattern) for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}

    listed = {path.removeprefix("/api/v1/") for path in schema()["paths"]}

    assert listed == {path.rstrip("/") for path in served - UNLISTED}


def _template(pattern: URLPattern) -> str:
    return re.sub(r"<\w+:(\w+)>", lambda match: "{id}" if match[1] == "pk" else f"{{{match[1]}}}", str(pattern.pattern))


def test_the_api_hangs_where_the_schema_says() -> None:
    assert get_resolver().resolve("/api/v1/stacks").app_names == ["api"]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, of_path in schema()["paths"].items()
        for method, operation in of_path.items()
    ]


def test_every_operation_names_who_may_ask_and_what_errors_look_like() -> None:
    for path, method, operation in operations():
        ways = {next(iter(way)) for way in operation["security"]}
        assert ways - {"exportKey"} == {"apiKey", "basic", "session"}, (path, method)
        assert {"400", "401", "403", "429"} <= set(operation["responses"]), (path, method)
        assert operation["description"], (path, method)
    schemes = schema()["components"]["securitySchemes"]
    assert {name: scheme["type"] for name, scheme in schemes.items()} == {
        "apiKey": "apiKey",
        "basic": "http",
        "exportKey": "apiKey",
        "session": "apiKey",
    }


def test_every_problem_has_an_example() -> None:
    for name, response in schema()["components"]["responses"].items():
        content = response["content"]["application/problem+json"]
        assert content["example"]["status"] == int(name.removeprefix("Problem"))
        assert _complaints({"$ref": "#/components/schemas/Problem"}, content["example"]) == []


def test_every_request_example_works(administrator: Client, plan: BenchmarkPlan, price: Price) -> None:
    measured_run.measure()
    Workload.objects.create(slug="json", title="Plain JSON")

    estimate = {"estimate": frozen().pk}
    there = {"/api/v1/runs": {"plan": plan.pk}}
    there |= {"/api/v1/estimate-shares": estimate, "/api/v1/estimate-approvals": estimate}
    there |= {"/api/v1/comparisons": {"base": measured_run.measure().run.pk, "head": measured_run.measure().run.pk}}

    for path, method, operation in operations():
        for example in _examples(operation):
            if method == "post":
                body = {**example, **there.get(path, {})}
                answer = administrator.post(path, body, content_type="application/json")
                assert answer.status_code in (200, 201, 202), (path, answer.content)


def test_every_body_has_an_example() -> None:
    with_a_body = [(path, operation) for path, _, operation in operations() if "requestBody" in operation]

    assert [path for path, operation in with_a_body if not _examples(operation)] == []


def _examples(operation: dict[str, Any]) -> list[dict[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return [example["value"] for example in content.get("examples", {}).values()]


def test_operation_names_are_unique_and_fit_a_programming_language() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]

    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in names)


def test_every_query_parameter_is_described() -> None:
    described = {
        path: {one["name"] for one in of_path["get"].get("parameters", []) if one["in"] == "query"}
        for path, of_path in schema()["paths"].items()
        if "get" in of_path
    }

    assert {"cursor", "page_size", "provider", "vcpus_min"} <= described["/api/v1/hardware-profiles"]
    assert {"target", "traffic", "slo_p99_ms", "term"} <= described["/api/v1/projections"]
    assert {"target_name"} <= described["/api/v1/estimates.csv"]


def test_answers_are_what_the_schema_says(reader: Client, world: World) -> None:
    runs.request_run(plan=world.measured.plan)  # a waiting run has neither host nor times
    json_addresses = [one for one in endpoints() if one.reads and one.template in schema()["paths"]]

    found = {
        one.template: _complaints(_described(one), json.loads(reader.get(one.address(world)).getvalue()))
        for one in json_addresses
        if not one.template.endswith((".csv", ".hlog", ".xlsx", ".md"))
    }

    assert len(found) >= 47
    assert {path: complaints for path, complaints in found.items() if complaints} == {}


def _described(endpoint: Endpoint) -> dict[str, Any]:
    answer = schema()["paths"][endpoint.template]["get"]["responses"]["200"]
    described: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return described


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/plans/0", "/api/v1/stacks?x=1", "/api/v1/projections"])
def test_problems_are_what_the_schema_says(path: str, reader: Client) -> None:
    assert _complaints({"$ref": "#/components/schemas/Problem"}, reader.get(path).json()) == []


def _complaints(described: dict[str, Any], value: Any) -> list[str]:
    """How the value differs from the schema; a field that the schema does not know is a difference too."""
    resource = Resource.from_contents(_closed(schema()), default_specification=DRAFT4)
    registry: Any = Registry().with_resource("urn:schema", resource)
    pointed = _pointed(described)
    validator = OAS30ReadValidator(pointed, registry=registry)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


def _pointed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: f"urn:schema{item}" if key == "$ref" and item.startswith("#") else _pointed(item)
            for key, item in value.items()
        }
    return [_pointed(item) for item in value] if isinstance(value, list) else value


def _closed(whole: dict[str, Any]) -> dict[str, Any]:
    """The schema with `additionalProperties: false` on every object that lists its properties."""
    closed = {
        name: {**component, "additionalProperties": False} if "properties" in component else component
        for name, component in whole["components"]["schemas"].items()
    }
    return {**whole, "components": {**whole["components"], "schemas": closed}}
