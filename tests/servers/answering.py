"""A tiny HTTP server with a fault of choice: answering.py <port or fd:N> [mode[:right answers first]] [uvloop|slow]."""

import asyncio
import json
import os
import socket
import sys
import time
from typing import cast

import httptools

ANSWER = json.dumps({"message": "Hello, World!"}).encode()
WRONG = json.dumps({"message": "Hello, Wrong!"}).encode()  # as long as the right one
LONGER = json.dumps({"message": "Hello, World!!!"}).encode()
SLOW = "slow" in sys.argv
KEPT: list[bytes] = []
MODE, _, AFTER = (sys.argv[2] if len(sys.argv) > 2 else "right").partition(":")


class Connection(asyncio.Protocol):
    """Answers rightly `AFTER` times over all connections, then as the mode says."""

    answered = 0
    answered_s = 0.0
    transport: asyncio.Transport
    path = ""

    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.path = url.decode()

    def on_message_complete(self) -> None:
        if self.path == "/health":
            self.reply(b'{"status":"ok"}')
            return
        Connection.answered += 1
        if Connection.answered <= int(AFTER or 0):
            self.right()
        else:
            getattr(self, MODE)()

    def reply(self, body: bytes, status: str = "200 OK", more: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        self.transport.write(head.encode() + body)

    def right(self) -> None:
        if SLOW:
            until_s = time.thread_time() + 0.0005  # so that the generator is not the slower one
            while time.thread_time() < until_s:
                pass
        self.reply(ANSWER)

    def wrong_body(self) -> None:
        self.reply(WRONG)

    def longer_body(self) -> None:
        self.reply(LONGER)

    def error(self) -> None:
        self.reply(b"{}", status="500 Internal Server Error")

    def not_http(self) -> None:
        self.transport.write(b"what?\r\n\r\n")

    def close_each(self) -> None:
        self.reply(ANSWER, more="Connection: close\r\n")
        self.transport.close()

    def drop_each(self) -> None:
        self.transport.close()

    def hang(self) -> None:
        pass

    def forget_once(self) -> None:
        """One request never gets its answer; all others do."""
        if Connection.answered != int(AFTER) + 1:
            self.right()

    def stall_once(self) -> None:
        if Connection.answered == int(AFTER) + 1:
            time.sleep(1)
        self.right()

    def leak(self) -> None:
        """Keeps 1 MiB for each second of load."""
        now_s = time.monotonic()
        KEPT.append(b"x" * int(min(0.5, now_s - Connection.answered_s) * 2**20))
        Connection.answered_s = now_s
        self.right()

    def lapse(self) -> None:
        """Wrong for two seconds, five seconds after the load began; then right again."""
        Connection.answered_s = Connection.answered_s or time.monotonic()
        wrong = 5 <= time.monotonic() - Connection.answered_s < 7
        self.wrong_body() if wrong else self.right()

    def die(self) -> None:
        print("out of memory, said the app", flush=True)  # noqa: T201
        os._exit(3)


async def serve(place: str) -> None:
    loop = asyncio.get_running_loop()
    if place.startswith("fd:"):
        listener = socket.socket(fileno=int(place[3:]))
        listener.setblocking(False)
        server = await loop.create_server(Connection, sock=listener)
    else:
        server = await loop.create_server(Connection, "127.0.0.1", int(place))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    if "uvloop" in sys.argv:
        import uvloop

        uvloop.run(serve(sys.argv[1]))
    else:
        asyncio.run(serve(sys.argv[1]))
