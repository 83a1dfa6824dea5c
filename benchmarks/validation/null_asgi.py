"""The null ASGI app: Uvicorn's own work and nothing else. Served by the app environments' Uvicorn, never imported."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Send = Callable[[Mapping[str, Any]], Awaitable[None]]

_BODY = b'{"status":"ok"}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))]
_START = {"type": "http.response.start", "status": 200, "headers": _HEADERS}
_END = {"type": "http.response.body", "body": _BODY}


async def app(_scope: Mapping[str, Any], _receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    """The same answer to every request."""
    await send(_START)
    await send(_END)
