"""Whose token is this? Asked through the ORM, and through the driver alone."""

from collections.abc import Awaitable, Callable
from functools import wraps

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from ..answers import answer, refusal
from ..models import User

View = Callable[[HttpRequest], Awaitable[JsonResponse]]
TokenView = Callable[[HttpRequest, str], Awaitable[JsonResponse]]


def bearer_token_required(view: TokenView) -> View:
    """Hand the request's token to the view; a request without one never gets there."""

    @wraps(view)
    async def guarded(request: HttpRequest) -> JsonResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return invalid_token()
        return await view(request, token)

    return guarded


@require_GET
@bearer_token_required
async def read_user(_request: HttpRequest, token: str) -> JsonResponse:
    """Serve the user whose bearer token this is."""
    try:
        user = await User.objects.aget(token=token)
    except User.DoesNotExist:
        return invalid_token()
    return answer({"id": user.id, "name": user.name, "email": user.email})


@require_GET
@bearer_token_required
async def read_user_raw(_request: HttpRequest, token: str) -> JsonResponse:
    """Serve the same without the ORM."""
    row = await fetch_user(token)
    if row is None:
        return invalid_token()
    return answer(dict(zip(("id", "name", "email"), row, strict=True)))


@sync_to_async
def fetch_user(token: str) -> tuple[int, str, str] | None:
    """The row, if there is one. Django's cursors are sync."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, email FROM users WHERE token = %s", [token])
        return cursor.fetchone()


def invalid_token() -> JsonResponse:
    """Refuse the request, as RFC 6750 asks."""
    return refusal("Invalid token", status=401, headers={"WWW-Authenticate": "Bearer"})
