"""What drf-spectacular cannot know by itself: how to authenticate, and that every error is a problem."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from estimator.api.problems import CONTENT_TYPE, TITLES, TYPE_PREFIX, FieldError, Problem
from estimator.api.repetition import HEADER
from estimator.middleware import PARAMETER

Json = dict[str, Any]
Endpoint = tuple[str, str, str, Any]
Schemes = dict[str, list[Any]]

_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457. `errors` names each field or parameter to mend, and how.",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri", "enum": [TYPE_PREFIX + name for name in TITLES]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "The fact and the remedy."},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string", "nullable": True}, "detail": {"type": "string"}},
            },
        },
    },
}
_WRONG = FieldError(field="page_size", detail="Give a whole number from 1 to 1000.")
_OVERLAP = FieldError(field="zones", detail="Surviving the loss of a zone needs at least 2; enter 2 or more.")
_EXAMPLES = (
    Problem(status=400, name="invalid", detail=f"page_size: {_WRONG.detail}", errors=(_WRONG,)),
    Problem(status=401, name="unauthenticated", detail="This API key is not known; check it for missing characters."),
    Problem(status=403, name="forbidden", detail="API key BAnCu4Pr lacks the scope 'run'; ask for one with it."),
    Problem(status=404, name="not-found", detail="There is nothing here; /api/v1/docs/ lists all addresses."),
    Problem(status=409, name="conflict", detail="run 7 has succeeded already: there is nothing left to cancel."),
    Problem(status=413, name="too-large", detail="A body holds at most 262144 bytes; send less."),
    Problem(
        status=415, name="unsupported-media-type", detail="Unsupported media type in request. Send application/json."
    ),
    Problem(status=422, name="refused", detail=_OVERLAP.detail, errors=(_OVERLAP,)),
    Problem(status=429, name="throttled", detail="This key has used up its rate; ask again in 12 s."),
    Problem(status=500, name="failed", detail="This is our mistake; the log of the service says more."),
    Problem(status=503, name="unavailable", detail="The database does not answer; try again shortly."),
)
_HEADERS = {
    401: {"WWW-Authenticate": "What to send."},
    429: {"Retry-After": "Seconds to wait."},
    503: {"Retry-After": "Seconds to wait."},
}
_ANYWHERE = (400, 401, 403, 429, 500, 503)
_WITH_A_BODY = (409, 413, 415, 422)
_CALCULATED = ("/projections", "/difference", "/repriced")  # what is asked may be refused, although nothing is written
_ONCE: Json = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Such as a UUID. For a day, the same request with the same key is carried out once and answered the "
    "same; another request with it is refused (422).",
}
_ETAG: Json = {"description": "Send it as If-None-Match next time: 304 says that nothing changed."}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """An API key, in its own scheme or as Basic password: either will do. Files take export-only ones as ?key=."""

    target_class = "estimator.api.authentication.KeyAuthentication"
    name = ["apiKey", "basic", "exportKey"]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[Schemes]:
        """One of them, not several."""
        in_address: list[Schemes] = [{"exportKey": []}] if getattr(auto_schema.view, "is_export", False) else []
        return [{"apiKey": []}, {"basic": []}, *in_address]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[Json]:
        """How each is sent."""
        header = {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Api-Key <key>`"}
        basic = {"type": "http", "scheme": "basic", "description": "Any user name; the key is the password."}
        in_address = {"type": "apiKey", "in": "query", "name": PARAMETER, "description": "Export-only keys alone."}
        return [header, basic, in_address]


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of the web pages."""

    target_class = "estimator.api.authentication.SignedInAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> Json:
        """Writing needs the CSRF token too."""
        description = "Signed in on the web pages; writing needs the header X-CSRFToken."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": description}


def one_address_each(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Addresses also answer with a slash at their end; the schema lists them once."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]


def describe_problems(result: Json, **_: Any) -> Json:
    """Add the problems that each operation may answer with."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["responses"] = {f"Problem{problem.status}": _response(problem) for problem in _EXAMPLES}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _describe_repetition(method, operation)
            for status in _statuses(path, method):
                operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    return result


def _describe_repetition(method: str, operation: Json) -> None:
    """What is the same at every address: keys that repeat a POST, ETags that spare a GET."""
    if method == "post":
        operation.setdefault("parameters", []).append(_ONCE)
    elif method == "get":
        operation["responses"]["200"].setdefault("headers", {})["ETag"] = {**_ETAG, "schema": {"type": "string"}}
        operation["responses"]["304"] = {"description": "Nothing changed since the ETag in If-None-Match."}


def _statuses(path: str, method: str) -> list[int]:
    found = [*_ANYWHERE, *([404] if "{" in path else []), *([] if method == "get" else _WITH_A_BODY)]
    return sorted([*found, 409, 422] if path.endswith(_CALCULATED) else found)


def _response(problem: Problem) -> Mapping[str, Any]:
    example = problem.to_json(instance="/api/v1/runs")
    headers = {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in _HEADERS.get(problem.status, {}).items()
    }
    return {
        "description": TITLES[problem.name],
        "headers": headers,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
