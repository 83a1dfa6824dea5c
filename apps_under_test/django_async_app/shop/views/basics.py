"""The smallest answers."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from ..answers import answer


@require_GET
async def health(_request: HttpRequest) -> JsonResponse:
    """Say that the server is up."""
    return answer({"status": "ok"})


@require_GET
async def hello(_request: HttpRequest) -> JsonResponse:
    """Serve the smallest JSON body."""
    return answer({"message": "Hello, World!"})
