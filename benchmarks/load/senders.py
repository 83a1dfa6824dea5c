"""What is sent when: arrivals that keep to their schedule, or a next request after each answer."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from time import monotonic_ns

from benchmarks.load.connection import Connection
from benchmarks.load.pool import Pool
from benchmarks.load.ring import RingItem
from benchmarks.load.tally import Notes
from benchmarks.load.timer import Timer

# One in 49 answers is parsed though it looks known: about 2 %, and no divisor of a ring of 1,000, so that each item has
# its turn.
CHECK_EVERY = 49
_NEVER_NS = 2**63 - 1


class Sender(ABC):
    """The part both loops share: the ring, the notes, and the end."""

    counted_by = "due"

    def __init__(self, pool: Pool, ring: Sequence[RingItem], first: int) -> None:
        self.pool, self.ring = pool, ring
        self._size = len(ring)
        self.position = first  # in the ring, going on from step to step
        self.notes = Notes()
        self._right_due, self._right_done = self.notes.right.due.append, self.notes.right.done.append
        self.done = asyncio.get_running_loop().create_future()

    def send(self, connection: Connection, due_ns: int) -> None:
        """The ring's next request."""
        position = self.position
        self.position = position + 1
        connection.send(self.ring[position % self._size], due_ns, not position % CHECK_EVERY)

    def note(self, connection: Connection, now_ns: int) -> None:
        """Write an answer down."""
        fault = connection.fault()
        if not fault:
            self._right_due(connection.due_ns)
            self._right_done(now_ns)
            return
        outcome = self.notes.error if connection.wrong_status() else self.notes.wrong
        self.notes.bad(outcome, connection.due_ns, now_ns, f"{connection.item.label}: {fault}")

    def note_lost(self, connection: Connection, reason: str, done_ns: int) -> None:
        """Write down that there is no answer."""
        self.notes.bad(self.notes.lost, connection.due_ns, done_ns, f"{connection.item.label}: {reason}")

    def note_unanswered(self, close_ns: int, drain_s: float) -> None:
        """At the end of the drain: what is still under way is an error of the window."""
        for connection in self.pool.open:
            if connection.busy:
                self.note_lost(connection, f"no answer within {drain_s:g} s after the window", close_ns - 1)

    @abstractmethod
    def start(self) -> None:
        """Begin; needs a running loop."""

    @abstractmethod
    def close_window(self) -> None:
        """The counted window is over."""

    @abstractmethod
    def stop(self) -> None:
        """The drain is over too: let go of everything."""

    @abstractmethod
    def unsent(self) -> list[int]:
        """Intended starts that no connection ever took."""

    @abstractmethod
    def answered(self, connection: Connection) -> None:
        """See `Listener`."""

    @abstractmethod
    def failed(self, connection: Connection, reason: str) -> None:
        """See `Listener`."""

    @abstractmethod
    def available(self, connection: Connection) -> None:
        """See `Listener`."""

    def finish(self) -> None:
        """Nothing is due or under way any more."""
        if not self.done.done():
            self.done.set_result(None)


class OpenLoop(Sender):
    """Arrivals at their intended times, whatever the server does; those that find no idle connection wait in line."""

    def __init__(
        self, pool: Pool, ring: Sequence[RingItem], first: int, *, due_ns: Sequence[int], timer: Timer
    ) -> None:
        super().__init__(pool, ring, first)
        self._due = [*due_ns, _NEVER_NS]
        self._timer = timer
        self._next, self._left = 0, len(due_ns)
        self.waiting: deque[int] = deque()

    def start(self) -> None:
        """Arm the timer."""
        asyncio.get_running_loop().add_reader(self._timer.fd, self._wake)
        self._wake()

    def stop(self) -> None:
        """Let go of the timer."""
        self._timer.wake_at(0)
        asyncio.get_running_loop().remove_reader(self._timer.fd)

    def close_window(self) -> None:
        """The schedule ends by itself."""

    def unsent(self) -> list[int]:
        """Intended starts that no connection ever took."""
        return [*self.waiting, *self._due[self._next : -1]]

    def _wake(self) -> None:
        self._send_due(monotonic_ns())
        self._timer.wake_at(self._due[self._next] if self._next < len(self._due) - 1 else 0)

    def _send_due(self, now_ns: int) -> None:
        due_ns, idle, notes = self._due[self._next], self.pool.idle, self.notes
        while due_ns <= now_ns:
            self._next += 1
            if idle:
                notes.sent.add(due_ns, now_ns - due_ns)
                self.send(idle.popleft(), due_ns)
                now_ns = monotonic_ns()
            else:
                notes.no_idle.add(due_ns, now_ns)
                self.waiting.append(due_ns)
            due_ns = self._due[self._next]

    def answered(self, connection: Connection) -> None:
        """Note it, and give the connection to whoever waits longest."""
        now_ns = monotonic_ns()
        self.note(connection, now_ns)
        if not connection.closing:
            self.available(connection)
        if self._due[self._next] <= now_ns:  # a turn of the loop may be long: do not wait for the timer's
            self._send_due(now_ns)
        self._count_down()

    def available(self, connection: Connection) -> None:
        """Send what waits longest, or keep the connection idle."""
        if self.waiting:
            self.send(connection, self.waiting.popleft())
        else:
            self.pool.idle.append(connection)

    def failed(self, connection: Connection, reason: str) -> None:
        """Note it."""
        self.note_lost(connection, reason, monotonic_ns())
        self._count_down()

    def _count_down(self) -> None:
        self._left -= 1
        if not self._left:
            self.finish()


class ClosedLoop(Sender):
    """Each connection sends its next request when it has its answer, until the window closes."""

    counted_by = "done"

    def __init__(self, pool: Pool, ring: Sequence[RingItem], first: int) -> None:
        super().__init__(pool, ring, first)
        self._under_way = 0
        self._closed = False

    def start(self) -> None:
        """Begin on each idle connection."""
        for _ in range(len(self.pool.idle)):
            self.available(self.pool.idle.popleft())

    def close_window(self) -> None:
        """Send nothing more."""
        self._closed = True
        self._finish_if_quiet()

    def stop(self) -> None:
        """Nothing to let go of."""

    def unsent(self) -> list[int]:
        """In a closed loop nothing falls due."""
        return []

    def answered(self, connection: Connection) -> None:
        """Note it and go on at once: the next request is meant to start when the answer is there."""
        now_ns = monotonic_ns()
        self.note(connection, now_ns)
        if not (self._closed or connection.closing):
            self.send(connection, now_ns)
            return
        self._under_way -= 1
        if not connection.closing:
            self.pool.idle.append(connection)
        self._finish_if_quiet()

    def available(self, connection: Connection) -> None:
        """Send the next request, or keep the connection idle at the end."""
        if self._closed:
            self.pool.idle.append(connection)
        else:
            self._under_way += 1
            self.send(connection, monotonic_ns())

    def failed(self, connection: Connection, reason: str) -> None:
        """Note it."""
        self._under_way -= 1
        self.note_lost(connection, reason, monotonic_ns())
        self._finish_if_quiet()

    def _finish_if_quiet(self) -> None:
        if self._closed and not self._under_way:
            self.finish()
