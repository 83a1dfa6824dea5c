"""The score of an item, which another service knows."""

import httpx2
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from ..answers import answer, refusal
from ..parameters import whole_number

client = httpx2.AsyncClient(
    base_url=settings.UPSTREAM_URL,
    limits=httpx2.Limits(max_connections=None, max_keepalive_connections=512),
    timeout=30,  # waiting in our own queue under load is no failure of theirs
    trust_env=False,
)


@require_GET
async def read_score(request: HttpRequest) -> JsonResponse:
    """Ask the other service and pass on what it says."""
    item = whole_number(request, "item")
    try:
        response = await client.get("/score", params={"item": item})
        score = response.raise_for_status().json()
    except httpx2.HTTPError:
        return refusal("Upstream failed", status=502)
    return answer({"item": score["item"], "score": score["score"]})
