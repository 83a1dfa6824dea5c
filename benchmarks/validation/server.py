"""A tiny HTTP server whose behaviour is known. Run as a script: server.py <listening descriptor> <behaviour>

null             answers at once
stall:<n>        sleeps for one second before its n-th answer, once
burn:<us>        uses exactly so many microseconds of CPU per answer, by its own process clock, all overhead included
"""

import asyncio
import socket
import sys
import time
from collections.abc import Callable
from typing import cast

import uvloop

_BODY = b'{"status":"ok"}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
_END = b"\r\n\r\n"  # requests have no body


class Stall:
    """One second of silence, once."""

    def __init__(self, number: str) -> None:
        self.left = int(number)

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            time.sleep(1)


class Burn:
    """Spins until the process clock has advanced by a fixed time per answer since the first."""

    def __init__(self, microseconds: str) -> None:
        self.each_ns = int(microseconds) * 1000
        self.due_ns = 0

    def __call__(self) -> None:
        self.due_ns = (self.due_ns or time.process_time_ns()) + self.each_ns
        while time.process_time_ns() < self.due_ns:
            pass


def nothing() -> None:
    """The null server's work."""


class Connection(asyncio.Protocol):
    """Answers each request once its headers have ended."""

    work: Callable[[], None]
    transport: asyncio.Transport
    rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer what is complete, keep what is not."""
        *complete, self.rest = (self.rest + data).split(_END)
        for _ in complete:
            type(self).work()
            self.transport.write(_ANSWER)


def behaviour(name: str, number: str) -> Callable[[], None]:
    """What is done before each answer."""
    known: dict[str, Callable[[str], Callable[[], None]]] = {"stall": Stall, "burn": Burn}
    return known[name](number) if name in known else nothing


async def serve(descriptor: int) -> None:
    """Until the process is ended."""
    listener = socket.socket(fileno=descriptor)
    listener.setblocking(False)
    async with await asyncio.get_running_loop().create_server(Connection, sock=listener) as server:
        await server.serve_forever()


if __name__ == "__main__":
    name, _, number = sys.argv[2].partition(":")
    Connection.work = staticmethod(behaviour(name, number))
    uvloop.run(serve(int(sys.argv[1])))
