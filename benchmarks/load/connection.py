"""One keep-alive HTTP/1.1 connection: sends a prepared request, tells the listener when the whole answer is there."""

import asyncio
from typing import Protocol, cast

import httptools

from benchmarks.load.ring import RingItem


class Listener(Protocol):
    """Whoever decides what is sent next, and takes note of answers."""

    def answered(self, connection: "Connection") -> None:
        """A whole answer arrived; `fault()` judges it. The connection is free unless it is `closing`."""

    def failed(self, connection: "Connection", reason: str) -> None:
        """The request under way gets no answer, and the connection is lost."""

    def available(self, connection: "Connection") -> None:
        """A connection was opened in place of a lost one."""


class Owner(Protocol):
    """Whoever keeps the connections."""

    listener: Listener

    def lost(self, connection: "Connection", reason: str) -> None:
        """The connection closed."""


class Connection(asyncio.Protocol):
    """At most one request is under way: `item`, meant to start at `due_ns`. Also the callbacks of its parser."""

    __slots__ = (
        "_chunks",
        "_feed",
        "_owner",
        "_parser",
        "_reason",
        "_size",
        "_write",
        "busy",
        "checking",
        "closing",
        "due_ns",
        "item",
        "known",
        "transport",
    )

    transport: asyncio.Transport
    item: RingItem

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._parser = httptools.HttpResponseParser(self)
        self._feed = self._parser.feed_data
        self._chunks: list[bytes] = []
        self._size = 0  # bytes of the answer under way that went to the parser
        self._reason = ""
        self.busy = self.checking = self.closing = self.known = False
        self.due_ns = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to send."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class is no subclass of it
        self._write = self.transport.write

    def send(self, item: RingItem, due_ns: int, checking: bool) -> None:
        """Send a request; with `checking` its answer is parsed in any case."""
        self.item, self.due_ns, self.checking, self.busy = item, due_ns, checking, True
        self._size, self.known = 0, False
        self._chunks.clear()
        self._write(item.request)

    def data_received(self, data: bytes) -> None:
        """Bytes from the server. An answer like the one learned is not parsed, which saves a third of our own work."""
        if self.busy and not (self.checking or self._size) and self.item.is_known(data):
            self.known, self.busy = True, False
            self._owner.listener.answered(self)
            return
        self._size += len(data)
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            self.give_up(f"not an HTTP answer: {error}")

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        self._chunks.append(body)

    def on_message_complete(self) -> None:
        """The end of an answer."""
        if not self.busy:
            self.give_up("an answer that nobody asked for")
            return
        self.busy = False
        if not self._parser.should_keep_alive():
            self.closing = True
            self.transport.close()
        self._owner.listener.answered(self)

    def fault(self) -> str:
        """What is wrong with the last answer, empty if nothing."""
        if self.known:
            return ""
        body = self.body()
        return self.item.fault(self._parser.get_status_code(), len(body), body)

    def learn(self) -> None:
        """Take the last answer, parsed and found right, as the measure of later ones."""
        self.item.learn(self.body(), size=-1 if self.closing else self._size)

    def wrong_status(self) -> bool:
        """Whether the last answer had another status than it should."""
        return bool(self._parser.get_status_code() != self.item.status)

    def body(self) -> bytes:
        """The last answer's body, where it was parsed."""
        return b"".join(self._chunks)

    def give_up(self, reason: str) -> None:
        """Close at once."""
        self._reason, self.closing = reason, True
        self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """The end, whoever wanted it."""
        self.closing = True
        self._owner.lost(self, self._reason or f"closed before the whole answer came{f' ({error})' if error else ''}")
