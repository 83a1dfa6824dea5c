"""Tokens, sent one by one as a language model would."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent

TOKENS = 10
PAUSE_S = 0.01

router = APIRouter()


@router.get("/stream", response_class=EventSourceResponse)
async def stream_tokens(n: int) -> AsyncIterator[ServerSentEvent]:
    """Stream tokens as server-sent events, each followed by a pause."""
    for k in range(TOKENS):
        yield ServerSentEvent(raw_data=f"token-{n}-{k}")
        await asyncio.sleep(PAUSE_S)
