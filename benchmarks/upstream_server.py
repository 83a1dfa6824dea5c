"""The HTTP API that the workload `upstream` calls: real, local, cheap, and 100 ms slow.

    python -m benchmarks.upstream_server DESCRIPTOR

Serves `GET /score?item=<n>` on a listening socket that it inherits, each answer 100 ms after its request.
"""

import asyncio
import json
import socket
import sys
from collections.abc import Callable
from typing import cast

import httptools
import uvloop

from benchmarks.seed_data import upstream_score

DELAY_S = 0.1


class Connection(asyncio.Protocol):
    """One keep-alive connection; also the callbacks of its parser. Equal delays keep answers in order."""

    __slots__ = ("_later", "_parser", "_transport", "_url")

    def __init__(self, later: Callable[..., object]) -> None:
        self._later = later
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """A piece of a request."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_begin(self) -> None:
        """A new request."""
        self._url = b""

    def on_url(self, url: bytes) -> None:
        """A piece of its target."""
        self._url += url

    def on_message_complete(self) -> None:
        """All of it is there: answer later."""
        self._later(DELAY_S, self._answer, response(self._url), self._parser.should_keep_alive())

    def _answer(self, data: bytes, keep_alive: bool) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)
            if not keep_alive:
                self._transport.close()


def response(url: bytes) -> bytes:
    """The whole answer to one request."""
    path, _, item = url.partition(b"?item=")
    if path == b"/score" and item.isdigit():
        number = int(item)
        return _http(b"200 OK", {"item": number, "score": upstream_score(number)})
    return _http(b"404 Not Found", {"detail": "ask for /score?item=<whole number>"})


def _http(status: bytes, body: object) -> bytes:
    content = json.dumps(body, separators=(",", ":")).encode()
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(content)) + content


async def serve(listener: socket.socket) -> None:
    """Until the process is told to end."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(loop.call_later), sock=listener, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(socket.socket(fileno=int(sys.argv[1]))))
