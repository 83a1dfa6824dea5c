"""A tiny HTTP server of answers in pieces and requests with bodies: streaming.py <listening descriptor>

GET  /stream?n=<n>  ten events, chunked, 2 ms apart, each chunk in two writes
POST /orders        201 with the request's body
GET  anything else  {"message":"Hello, World!"}, also chunked
"""

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import cast

import httptools

PAUSE_S = 0.002


class Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, later: Callable[..., object]) -> None:
        self.later = later
        self.parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.url = self.body = b""

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        path, _, n = self.url.partition(b"?n=")
        if path == b"/stream":
            self.chunked(b"text/event-stream", [b"data: token-%b-%d\n\n" % (n, k) for k in range(10)])
        elif self.parser.get_method() == b"POST":
            head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            self.transport.write(head % len(self.body) + self.body)
        else:
            body = b'{"status":"ok"}' if path == b"/health" else b'{"message":"Hello, World!"}'
            self.chunked(b"application/json", [body])

    def chunked(self, kind: bytes, pieces: list[bytes]) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: %b; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n" % kind
        )
        self.tell(pieces)

    def tell(self, pieces: list[bytes]) -> None:
        self.transport.write(b"%x\r\n" % len(pieces[0]) + pieces[0][:3])
        self.transport.write(pieces[0][3:] + b"\r\n")
        if pieces[1:]:
            self.later(PAUSE_S, self.tell, pieces[1:])
        else:
            self.transport.write(b"0\r\n\r\n")


async def serve(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    listener = socket.socket(fileno=descriptor)
    listener.setblocking(False)
    server = await loop.create_server(lambda: Connection(loop.call_later), sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
