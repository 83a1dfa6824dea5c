"""Signing in with a limit on failed tries, for each door that asks for a password: pages and admin alike."""

import hashlib
import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class ThrottledBackend(ModelBackend):
    """Names and passwords as Django keeps them, but no answer once a name failed too often from an address."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The user, or None. Raises PermissionDenied, before looking at the password, when the limit is reached."""
        name, address = username or "", address_of(request)
        if is_blocked(name=name, address=address):
            raise PermissionDenied
        user = super().authenticate(request, username=username, password=password, **kwargs)
        _forget(name, address) if user else _count(name, address)
        return user


def address_of(request: HttpRequest | None) -> str:
    """The address that asks, as the web server saw it; empty without a request."""
    return str(request.META.get("REMOTE_ADDR", "")) if request else ""


def is_blocked(*, name: str, address: str) -> bool:
    """Whether `name` failed so often from `address` that it has to wait."""
    limit: int = settings.SIGN_IN_TRIES
    return _tries(name, address) >= limit


def _tries(name: str, address: str) -> int:
    # Without the cache people can still sign in: a limit that locks everybody out serves an attacker.
    try:
        return int(cache.get(_key(name, address), 0))
    except RedisError as error:
        logger.warning("failed tries to sign in are not being counted: %s", error)
        return 0


def _count(name: str, address: str) -> None:
    key = _key(name, address)
    try:
        cache.add(key, 0, timeout=settings.SIGN_IN_WAIT_S)
        cache.incr(key)
    except (RedisError, ValueError) as error:  # ValueError: the key expired between the two
        logger.warning("a failed try to sign in was not counted: %s", error)


def _forget(name: str, address: str) -> None:
    try:
        cache.delete(_key(name, address))
    except RedisError as error:
        logger.warning("failed tries to sign in were not forgotten: %s", error)


def _key(name: str, address: str) -> str:
    """One key for a name and address; hashed, because both are what a stranger typed."""
    return "sign-in:" + hashlib.sha256(f"{name.casefold()}\n{address}".encode()).hexdigest()
