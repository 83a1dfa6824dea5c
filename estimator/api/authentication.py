"""Who asks: an API key as header, Basic password or (export-only) in the address, else the signed-in session."""

import base64
from collections.abc import Sequence
from typing import cast

from django.contrib.auth.models import AbstractBaseUser, User
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from estimator.middleware import keys_in_address
from estimator.models import ApiKey
from estimator.queries.api_keys import find_api_key

_REALM = 'realm="traffic-cost-estimator"'
CHALLENGE = f'Api-Key {_REALM}, Basic {_REALM}, charset="UTF-8"'
_REMEDY = "ask an administrator for a new one"


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key <key>`, or Basic with any user name and the key as password; `?key=` for exports."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, ApiKey] | None:
        """The key's owner and the key; None without any, so that the session is asked next."""
        header, in_address = request.META.get("HTTP_AUTHORIZATION", ""), keys_in_address(request)
        if not header and not in_address:
            return None
        key = _key_in_address(in_address, header) if in_address else usable(find_api_key(_secret(header)))
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 tells clients to send."""
        return CHALLENGE


class SignedInAuthentication(SessionAuthentication):
    """The session of the web pages, so that the API's own page can try things out. CSRF is enforced."""

    def enforce_csrf(self, request: Request) -> None:
        """Raises PermissionDenied that says what to send."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise PermissionDenied(
                "A signed-in session sends the cookie csrftoken's value in the header X-CSRFToken; or use an API key."
            ) from None


def person(request: Request) -> User:
    """Who asks: nobody anonymous comes past the permission."""
    return cast(User, request.user)


def usable(key: ApiKey | None) -> ApiKey:
    """The key, when it may be used now. Raises AuthenticationFailed with the reason."""
    if key is None:
        raise AuthenticationFailed("This API key is not known; check it for missing characters.")
    if key.revoked:
        raise AuthenticationFailed(f"API key {key.prefix} was revoked; {_REMEDY}.")
    if key.has_expired:
        raise AuthenticationFailed(f"API key {key.prefix} expired on {key.expiry_date:%Y-%m-%d}; {_REMEDY}.")
    if not key.owner.is_active:
        raise AuthenticationFailed(f"The owner of API key {key.prefix} is no longer active; {_REMEDY}.")
    return key


def _key_in_address(given: Sequence[str], header: str) -> ApiKey:
    if header or len(given) > 1:
        raise AuthenticationFailed("Send one key: in the header Authorization, or an export-only one as ?key=.")
    key = usable(find_api_key(given[0]))
    if not key.export_only:
        raise AuthenticationFailed(
            f"API key {key.prefix} may not stand in an address, which others may see: only export-only keys may. "
            f"Send `Authorization: Api-Key <key>`, and {_REMEDY} in its place."
        )
    return key


def _secret(header: str) -> str:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "api-key":
        return credentials.strip()
    if scheme.lower() == "basic":
        return _password(credentials.strip())
    raise AuthenticationFailed("Authorization takes `Api-Key <key>`, or Basic with the key as password.")


def _password(credentials: str) -> str:
    try:
        name_and_password = base64.b64decode(credentials, validate=True).decode()
    except ValueError:  # neither base64 nor UTF-8
        raise AuthenticationFailed("Basic credentials are base64 of `name:key` in UTF-8.") from None
    return name_and_password.partition(":")[2]
