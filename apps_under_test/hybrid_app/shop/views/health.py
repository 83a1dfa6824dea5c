"""Whether the server is up."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from ..answers import answer


@require_GET
def health(_request: HttpRequest) -> JsonResponse:
    """Say that the server is up."""
    return answer({"status": "ok"})
