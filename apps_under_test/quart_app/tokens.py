"""Tokens, sent one by one as a language model would."""

import asyncio
from collections.abc import AsyncIterator

from parameters import whole_number
from quart import Blueprint, Response

TOKENS = 10
PAUSE_S = 0.01

blueprint = Blueprint("tokens", __name__)


@blueprint.get("/stream")
async def stream_tokens() -> Response:
    """Stream tokens as server-sent events."""
    response = Response(events(whole_number("n")), mimetype="text/event-stream")
    response.timeout = None  # Quart would cut off a stream that lasts a minute
    return response


async def events(n: int) -> AsyncIterator[str]:
    """One event a token, each followed by a pause."""
    for k in range(TOKENS):
        yield f"data: token-{n}-{k}\n\n"
        await asyncio.sleep(PAUSE_S)
