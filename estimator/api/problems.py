"""Every error of the API as RFC 9457 problem details that name the field and the remedy."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.settings import api_settings

from estimator.services.errors import Refused
from estimator.services.estimates import Tampered

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:traffic-cost-estimator:problem:"
TITLES = {
    "invalid": "The request is not valid",
    "unauthenticated": "The request does not say who asks",
    "forbidden": "This is not allowed to whoever asks",
    "not-found": "Nothing has this address",
    "method-not-allowed": "The method does not exist at this address",
    "conflict": "The present state stands in the way",
    "too-large": "The body is too large",
    "unsupported-media-type": "The body is not JSON",
    "refused": "The request was understood and refused",
    "throttled": "Too many requests",
    "tampered": "The stored estimate is not what was frozen",
    "failed": "The service failed",
    "unavailable": "The service cannot answer now",
}


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """What to mend. `field` is a parameter, a header or the dotted path of a body field; None for the whole."""

    field: str | None
    detail: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One error, before it knows the request that it answers."""

    status: int
    name: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self, *, instance: str) -> dict[str, Any]:
        """The members of RFC 9457, and `errors`."""
        return {
            "type": TYPE_PREFIX + self.name,
            "title": TITLES[self.name],
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "errors": [asdict(error) for error in self.errors],
        }


class BodyTooLarge(exceptions.APIException):
    """The body is larger than any that the API takes."""

    status_code = 413
    default_code = "too-large"


def problem_response(problem: Problem, request: HttpRequest) -> HttpResponse:
    """The answer; it bypasses the view's renderer, so that a CSV address reports errors in JSON too."""
    body = json.dumps(problem.to_json(instance=request.path), ensure_ascii=False)
    return HttpResponse(body, status=problem.status, content_type=CONTENT_TYPE, headers=dict(problem.headers))


def handle_exception(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """REST framework's hook: no exception leaves the API as a page or a stack trace."""
    problem = problem_of(error)
    if problem.status >= 500:
        logger.error("%s answered with %s", context["request"].path, problem.name, exc_info=error)
    return problem_response(problem, context["request"])


def problem_of(error: Exception) -> Problem:
    """The problem that an exception stands for."""
    for kind, describe in _DESCRIPTIONS:
        if isinstance(error, kind):
            return describe(error)
    return Problem(status=500, name="failed", detail="This is our mistake; the log of the service says more.")


def _invalid(error: exceptions.ValidationError) -> Problem:
    errors = tuple(_flat(error.detail))
    return Problem(status=400, name="invalid", detail=_summary(errors), errors=errors)


def _model_invalid(error: ModelInvalid) -> Problem:
    fields = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    errors = tuple(
        FieldError(field=None if name == NON_FIELD_ERRORS else name, detail=message)
        for name, messages in fields.items()
        for message in messages
    )
    return Problem(status=400, name="invalid", detail=_summary(errors), errors=errors)


def _flat(detail: Any, path: tuple[str, ...] = ()) -> Iterator[FieldError]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = () if name == api_settings.NON_FIELD_ERRORS_KEY else (str(name),)
            yield from _flat(inner, path + own)
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _flat(inner, (*path, str(position)) if nested else path)
    else:
        yield FieldError(field=".".join(path) or None, detail=str(detail))


def _summary(errors: Sequence[FieldError]) -> str:
    return " ".join(f"{error.field}: {error.detail}" if error.field else error.detail for error in errors)


def _refused(error: Refused) -> Problem:
    if error.field is None:  # nothing in the request is wrong: the service's state stands in the way
        return Problem(status=409, name="conflict", detail=str(error))
    wrong = FieldError(field=error.field, detail=str(error))
    return Problem(status=422, name="refused", detail=str(error), errors=(wrong,))


def _throttled(error: exceptions.Throttled) -> Problem:
    wait_s = max(1, round(getattr(error, "wait", None) or 1))
    detail = f"This key has used up its rate; ask again in {wait_s} s."
    return Problem(status=429, name="throttled", detail=detail, headers={"Retry-After": str(wait_s)})


def _unauthenticated(error: exceptions.APIException) -> Problem:
    header = getattr(error, "auth_header", "")
    detail = str(error.detail)
    if isinstance(error, exceptions.NotAuthenticated):
        detail = "Send `Authorization: Api-Key <key>`, or Basic with the key as password; or sign in."
    return Problem(status=401, name="unauthenticated", detail=detail, headers={"WWW-Authenticate": header})


def _method_not_allowed(error: exceptions.MethodNotAllowed) -> Problem:
    return Problem(status=405, name="method-not-allowed", detail=f"{error.detail} The header Allow lists what exists.")


def _not_json(error: exceptions.UnsupportedMediaType) -> Problem:
    return Problem(status=415, name="unsupported-media-type", detail=f"{error.detail} Send application/json.")


def _not_found(error: Exception) -> Problem:
    return Problem(status=404, name="not-found", detail="There is nothing here; /api/v1/docs/ lists all addresses.")


def _conflict(error: IntegrityError) -> Problem:
    detail = "Another request wrote the same row at the same time; read it and try again."
    return Problem(status=409, name="conflict", detail=detail)


def _unstorable(error: DataError) -> Problem:
    return Problem(status=400, name="invalid", detail="A value is out of range or holds a character that cannot be.")


def _unavailable(error: OperationalError) -> Problem:
    detail = "The database does not answer; try again shortly."
    return Problem(status=503, name="unavailable", detail=detail, headers={"Retry-After": "5"})


def _plain(status: int, name: str) -> Callable[[Any], Problem]:
    return lambda error: Problem(status=status, name=name, detail=str(getattr(error, "detail", error)))


_DESCRIPTIONS: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (exceptions.ValidationError, _invalid),
    (ModelInvalid, _model_invalid),
    (exceptions.ParseError, _plain(400, "invalid")),
    (exceptions.NotAuthenticated, _unauthenticated),
    (exceptions.AuthenticationFailed, _unauthenticated),
    (exceptions.PermissionDenied, _plain(403, "forbidden")),
    (PermissionDenied, _plain(403, "forbidden")),
    (exceptions.NotFound, _not_found),
    (Http404, _not_found),
    (exceptions.MethodNotAllowed, _method_not_allowed),
    (BodyTooLarge, _plain(413, "too-large")),
    (exceptions.UnsupportedMediaType, _not_json),
    (exceptions.Throttled, _throttled),
    (Refused, _refused),
    (Tampered, _plain(500, "tampered")),
    (IntegrityError, _conflict),
    (DataError, _unstorable),
    (OperationalError, _unavailable),
)
