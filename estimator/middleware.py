"""API keys in addresses: taken out before anything writes the address down."""

from collections.abc import Callable
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponseBase

PARAMETER = "key"
_TAKEN = "estimator.keys_in_address"
_ADDRESSES = ("RAW_URI", "REQUEST_URI", "HTTP_REFERER")  # what web servers' access logs read beside QUERY_STRING


class KeysOutOfAddresses:
    """First of all middleware: what follows, and gunicorn's access log, read the same environment without `?key=`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to the address without its keys."""
        environment = request.META
        environment["QUERY_STRING"], environment[_TAKEN] = _parted(environment.get("QUERY_STRING", ""))
        for name in _ADDRESSES:
            path, mark, query = environment.get(name, "").partition("?")
            if mark:
                kept, _ = _parted(query)
                environment[name] = f"{path}?{kept}" if kept else path
        return self.get_response(request)


def keys_in_address(request: HttpRequest) -> tuple[str, ...]:
    """What was given as `?key=`."""
    found: tuple[str, ...] = request.META.get(_TAKEN, ())
    return found


def _parted(query: str) -> tuple[str, tuple[str, ...]]:
    """The query without its keys, and the keys."""
    parts = [(part, *part.partition("=")[::2]) for part in query.split("&")]
    kept = [part for part, name, _ in parts if unquote_plus(name) != PARAMETER]
    return "&".join(kept), tuple(unquote_plus(value) for _, name, value in parts if unquote_plus(name) == PARAMETER)
