"""Tokens, sent one by one as a language model would."""

import asyncio
from collections.abc import AsyncIterator

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from ..parameters import whole_number

TOKENS = 10
PAUSE_S = 0.01


@require_GET
async def stream_tokens(request: HttpRequest) -> StreamingHttpResponse:
    """Stream tokens as server-sent events."""
    return StreamingHttpResponse(events(whole_number(request, "n")), content_type="text/event-stream")


async def events(n: int) -> AsyncIterator[str]:
    """One event a token, each followed by a pause."""
    for k in range(TOKENS):
        yield f"data: token-{n}-{k}\n\n"
        await asyncio.sleep(PAUSE_S)
