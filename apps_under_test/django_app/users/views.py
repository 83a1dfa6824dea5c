"""JSON views: whose token is this?"""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from .models import User

COMPACT = {"separators": (",", ":")}


@require_GET
def health(_request: HttpRequest) -> JsonResponse:
    """Say that the server is up."""
    return JsonResponse({"status": "ok"}, json_dumps_params=COMPACT)


@require_GET
def hello(_request: HttpRequest) -> JsonResponse:
    """Serve the smallest JSON body."""
    return JsonResponse({"message": "Hello, World!"}, json_dumps_params=COMPACT)


@require_GET
def read_user(request: HttpRequest) -> JsonResponse:
    """Serve the user whose bearer token this is."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return invalid_token()
    try:
        user = User.objects.get(token=token)
    except User.DoesNotExist:
        return invalid_token()
    body = {"id": user.id, "name": user.name, "email": user.email}
    return JsonResponse(body, json_dumps_params=COMPACT)


def invalid_token() -> JsonResponse:
    """Refuse the request, as RFC 6750 asks."""
    return JsonResponse(
        {"detail": "Invalid token"},
        status=401,
        headers={"WWW-Authenticate": "Bearer"},
        json_dumps_params=COMPACT,
    )
