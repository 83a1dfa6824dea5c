"""What is read from a query."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest


def whole_number(request: HttpRequest, name: str) -> int:
    """A parameter of the request. Raises BadRequest when it is missing or no whole number."""
    try:
        return int(request.GET[name])
    except (KeyError, ValueError) as error:
        raise BadRequest(f"{name} must be a whole number") from error
