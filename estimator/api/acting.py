"""Tells the audit who acts: the signed-in person, or the key that the API found after the request began."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from estimator.models import ApiKey
from estimator.services.audit import Actor, acting
from estimator.services.sign_in import address_of


class Acting:
    """Middleware after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Whatever is recorded while the request is answered names its actor."""
        with acting(lambda: _actor(request)):
            return self.get_response(request)


def _actor(request: HttpRequest) -> Actor:
    """REST framework leaves person and key on the request that it wraps."""
    key = getattr(request, "auth", None)
    through = f"key {key.prefix}" if isinstance(key, ApiKey) else "signed in"
    if not request.user.is_authenticated:
        return Actor(through="nobody signed in", address=address_of(request))
    return Actor(name=request.user.get_username(), through=through, address=address_of(request))
