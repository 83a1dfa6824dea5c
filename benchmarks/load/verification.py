"""Each prepared request once, its whole body compared: before load, after it, and on every new connection."""

import asyncio
from collections import deque
from collections.abc import Iterable
from time import monotonic_ns

from benchmarks.load.connection import Connection
from benchmarks.load.pool import Pool
from benchmarks.load.ring import RingItem


class Verifier:
    """Sends every item once over the idle connections and compares all answers; right ones become the measure."""

    def __init__(self, pool: Pool, items: Iterable[RingItem], *, once_each: bool = False) -> None:
        self.pool = pool
        self._items = deque(items)
        self._once_each = once_each  # no connection sends a second request: priming
        self.checked = len(self._items)
        self.faults: list[str] = []
        self._left = self.checked
        self._last_ns = monotonic_ns()

    async def run(self, patience_s: float) -> None:
        """Until all are answered, or the server was silent for so long."""
        self.pool.listener = self
        for _ in range(len(self.pool.idle)):
            self.available(self.pool.idle.popleft())
        while self._left and monotonic_ns() - self._last_ns < patience_s * 1e9:
            await asyncio.sleep(0.002)
        for connection in [one for one in self.pool.open if one.busy]:
            self.faults.append(f"{connection.item.label}: no answer within {patience_s:g} s")
        self.faults += [f"{item.label}: not sent, the server was silent" for item in self._items]

    def answered(self, connection: Connection) -> None:
        """Compare, and go on with the next item."""
        fault, item = connection.fault(), connection.item
        if fault:
            self._fail(f"{item.label}: {fault}")
        else:
            connection.learn()
        self._one_less()
        if connection.closing:
            return
        if self._once_each:
            self.pool.idle.append(connection)
        else:
            self.available(connection)

    def available(self, connection: Connection) -> None:
        """Send the next item, or keep the connection idle."""
        if self._items:
            connection.send(self._items.popleft(), monotonic_ns(), True)
        else:
            self.pool.idle.append(connection)

    def failed(self, connection: Connection, reason: str) -> None:
        """A request without an answer."""
        self._fail(f"{connection.item.label}: {reason}")
        self._one_less()

    def _fail(self, fault: str) -> None:
        self.faults.append(fault)

    def _one_less(self) -> None:
        self._left -= 1
        self._last_ns = monotonic_ns()
