"""The open connections: as many as wanted, taken first in first out, replaced when the server closes one."""

import asyncio
from collections import deque

from benchmarks.load.connection import Connection, Listener

_RETRY_S = 0.05
_OPEN_LIMIT_S = 2.0
_SETTLE_S = 0.002


class Nobody:
    """Listens between steps: answers that come too late are of no interest."""

    def answered(self, connection: Connection) -> None:
        """Nothing to note."""

    def failed(self, connection: Connection, reason: str) -> None:
        """Nothing to note."""

    def available(self, connection: Connection) -> None:
        """Nothing to send."""


class Pool:
    """Connections to one address. `idle` holds the free ones in the order in which they became free."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.listener: Listener = Nobody()
        self.idle: deque[Connection] = deque()
        self.open: set[Connection] = set()
        self.wanted = 0
        self.reconnects = 0
        self._opening: set[asyncio.Task[None]] = set()

    async def resize(self, wanted: int) -> None:
        """Open or close connections until `wanted` free ones are there. Raises OSError when that fails for 2 s."""
        self.listener, self.wanted = Nobody(), 0
        await self._settle()
        usable = [connection for connection in self.open if not connection.busy]
        for connection in self.open.difference(usable[:wanted]):
            connection.give_up("not needed any more")
        await self._settle()
        self.wanted = wanted
        deadline = asyncio.get_running_loop().time() + _OPEN_LIMIT_S
        while len(self.open) < wanted:
            await self._open_missing(deadline)
        self.idle = deque(self.open)

    async def _settle(self) -> None:
        """No more attempts to open, and whatever closed between two steps is noticed."""
        for task in self._opening:
            task.cancel()
        await asyncio.sleep(_SETTLE_S)
        while any(connection.closing for connection in self.open):
            await asyncio.sleep(_SETTLE_S)

    async def _open_missing(self, deadline: float) -> None:
        try:
            await self._open_one()
        except OSError:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(_RETRY_S)

    async def _open_one(self) -> Connection:
        opening = asyncio.get_running_loop().create_connection(lambda: Connection(self), self.host, self.port)
        _, connection = await asyncio.wait_for(opening, _OPEN_LIMIT_S)
        self.open.add(connection)
        return connection

    def lost(self, connection: Connection, reason: str) -> None:
        """Forget a closed connection, tell who waited for it, open another one in its place."""
        self.open.discard(connection)
        if connection in self.idle:
            self.idle.remove(connection)
        if len(self.open) + len(self._opening) < self.wanted:
            self._replace()
        if connection.busy:
            connection.busy = False
            self.listener.failed(connection, reason)

    def _replace(self) -> None:
        self.reconnects += 1
        task = asyncio.get_running_loop().create_task(self._reopen())
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _reopen(self) -> None:
        while len(self.open) < self.wanted:
            try:
                connection = await self._open_one()
            except OSError:
                await asyncio.sleep(_RETRY_S)
            else:
                self.listener.available(connection)
                return

    async def close(self) -> None:
        """Close all of them."""
        await self.resize(0)
