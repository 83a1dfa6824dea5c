"""Whose token is this? Asked through the ORM, and through the driver alone."""

from collections.abc import Callable
from functools import wraps

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from ..answers import answer, refusal
from ..models import User


def bearer_token_required(view: Callable[[HttpRequest, str], JsonResponse]) -> Callable[[HttpRequest], JsonResponse]:
    """Hand the request's token to the view; a request without one never gets there."""

    @wraps(view)
    def guarded(request: HttpRequest) -> JsonResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return invalid_token()
        return view(request, token)

    return guarded


@require_GET
@bearer_token_required
def read_user(_request: HttpRequest, token: str) -> JsonResponse:
    """Serve the user whose bearer token this is."""
    try:
        user = User.objects.get(token=token)
    except User.DoesNotExist:
        return invalid_token()
    return answer({"id": user.id, "name": user.name, "email": user.email})


@require_GET
@bearer_token_required
def read_user_raw(_request: HttpRequest, token: str) -> JsonResponse:
    """Serve the same without the ORM."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, email FROM users WHERE token = %s", [token])
        row = cursor.fetchone()
    if row is None:
        return invalid_token()
    return answer(dict(zip(("id", "name", "email"), row, strict=True)))


def invalid_token() -> JsonResponse:
    """Refuse the request, as RFC 6750 asks."""
    return refusal("Invalid token", status=401, headers={"WWW-Authenticate": "Bearer"})
