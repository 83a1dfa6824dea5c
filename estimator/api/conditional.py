"""Answers that are not sent twice: whoever names the ETag of an answer gets 304 while it is still the same.

JSON has a strong ETag, of its bytes. A file has a weak one, of the content hashes it is made from: the same figures,
however they are packed. Errors have none.
"""

import hashlib
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.response import Response

_READING = ("GET", "HEAD")
_KEPT = ("Cache-Control", "ETag", "Vary")  # what a 304 says again (RFC 9110, 15.4.5)


def unless_unchanged(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The response with its ETag, or 304 without a body. A stream that sets no ETag itself has none."""
    if request.method not in _READING or response.status_code != 200:
        return response
    if isinstance(response, Response) and not response.is_rendered:
        response.render()
    if isinstance(response, HttpResponse) and "ETag" not in response:
        response["ETag"] = strong_etag(response.content)
    return _not_modified(response) if _is_known(request, response.get("ETag", "")) else response


def strong_etag(body: bytes) -> str:
    """Of exactly these bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def weak_etag(parts: Iterable[object]) -> str:
    """Of what a file is made from, read once."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{part}\n".encode())
    return f'W/"{digest.hexdigest()[:32]}"'


def _is_known(request: HttpRequest, etag: str) -> bool:
    """The comparison of If-None-Match is the weak one (RFC 9110, 13.1.2)."""
    named = parse_etags(request.headers.get("If-None-Match", ""))
    return bool(etag) and (named == ["*"] or _opaque(etag) in map(_opaque, named))


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/")


def _not_modified(response: HttpResponseBase) -> HttpResponseBase:
    headers = {name: response[name] for name in _KEPT if name in response}
    return HttpResponseNotModified(headers=headers)
