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
        "_length",
        "_owner",
        "_parser",
        "_reason",
        "_write",
        "busy",
        "checking",
        "closing",
        "due_ns",
        "item",
        "transport",
    )

    transport: asyncio.Transport
    item: RingItem

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._parser = httptools.HttpResponseParser(self)
        self._feed = self._parser.feed_data
        self._chunks: list[bytes] = []
        self._length = 0
        self._reason = ""
        self.busy = self.checking = self.closing = False
        self.due_ns = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to send."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class is no subclass of it
        self._write = self.transport.write

    def send(self, item: RingItem, due_ns: int, checking: bool) -> None:
        """Send a request; with `checking` its body is kept and compared."""
        self.item, self.due_ns, self.checking, self.busy = item, due_ns, checking, True
        self._length = 0
        if checking:
            self._chunks.clear()
        self._write(item.request)

    def data_received(self, data: bytes) -> None:
        """Bytes from the server."""
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            self.give_up(f"not an HTTP answer: {error}")

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        self._length += len(body)
        if self.checking:
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
        item, status = self.item, self._parser.get_status_code()
        if status == item.status and self._length == item.length and not self.checking:
            return ""
        return item.fault(status, self._length, self.body() if self.checking else None)

    def wrong_status(self) -> bool:
        """Whether the last answer had another status than it should."""
        return bool(self._parser.get_status_code() != self.item.status)

    def body(self) -> bytes:
        """The last answer's body; only kept when it was sent with `checking`."""
        return b"".join(self._chunks)

    def give_up(self, reason: str) -> None:
        """Close at once."""
        self._reason, self.closing = reason, True
        self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """The end, whoever wanted it."""
        self.closing = True
        self._owner.lost(self, self._reason or f"closed before the whole answer came{f' ({error})' if error else ''}")
