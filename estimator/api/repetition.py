"""`Idempotency-Key` on POST: the first answer again, for a day, and nothing done twice."""

import json
from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from estimator.api.authentication import person
from estimator.models import AnsweredRequest
from estimator.services.repeated_requests import keep_answer, remembered

HEADER = "Idempotency-Key"
REPEATED = "Idempotent-Replayed"
_KEY_LENGTH = 255


def answered_once(
    handler: Callable[..., Response], request: Request, *args: Any, told_once: Collection[str], **kwargs: Any
) -> HttpResponseBase:
    """What the handler answers; to the same request again, what it answered then. Fields of `told_once` are null then.

    Refusals are not kept: what was refused may be mended and sent with the same key.
    """
    with remembered(by=person(request), key=_key(request), asked=_asked(request)) as row:
        if row.status:
            return _again(row)
        response = handler(request, *args, **kwargs)
        kept = {**response.data, **dict.fromkeys(told_once)} if told_once else response.data
        body = JSONRenderer().render(kept).decode()
        keep_answer(row, status=response.status_code, location=response.get("Location", ""), body=body)
        return response


def _again(row: AnsweredRequest) -> HttpResponseBase:
    headers = {REPEATED: "true", **({"Location": row.location} if row.location else {})}
    return HttpResponse(row.body, status=row.status, content_type="application/json", headers=headers)


def _key(request: Request) -> str:
    key = str(request.headers[HEADER])
    if not 0 < len(key) <= _KEY_LENGTH:
        raise ValidationError({HEADER: [f"Send 1 to {_KEY_LENGTH} characters, such as a UUID."]})
    return key


def _asked(request: Request) -> str:
    """The same for the same values, however their JSON is written."""
    return json.dumps([request.method, request.path.rstrip("/"), request.data], sort_keys=True)
