"""The capacity engine, a process of its own: commands as JSON lines on standard input, results on standard output.

    python -m benchmarks.load.open_loop

The first line is the target, {host, port, ring, patience_s}; then {"do": "verify", "connections": n},
{"do": "prime", "connections": n}, {"do": "step", "step": {...}}. A step also says {"event": "opened"} and
{"event": "closed"} around its counted window.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import uvloop

from benchmarks.load.pool import Pool
from benchmarks.load.ring import RingItem
from benchmarks.load.schedule import arrivals_ns
from benchmarks.load.senders import ClosedLoop, OpenLoop, Sender
from benchmarks.load.timer import Timer, tighten_timer_slack
from benchmarks.load.verification import Verifier

_LEAD_S = 0.005  # from the end of the preparations to the first intended start
_NS_PER_S = 1_000_000_000
_EXTENSION_LIMIT = 10  # times the duration, to reach a minimum of requests
_DEAD_SERVER_DRAIN_S = 1.0


def main() -> None:
    """Serve commands until standard input ends."""
    tighten_timer_slack()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        generator = Generator(json.loads(sys.stdin.readline()))
        for line in sys.stdin:
            _say(runner.run(_answer(generator, json.loads(line))))


async def _answer(generator: "Generator", command: dict[str, Any]) -> dict[str, Any]:
    """A result, or the reason why there is none: a server that refuses connections is no fault of ours."""
    try:
        return await generator.do(command)
    except OSError as error:
        return {"failure": f"no connection to {generator.pool.host}:{generator.pool.port}: {error}"}


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Generator:
    """The target, its connections, and the position in the ring."""

    def __init__(self, target: dict[str, Any]) -> None:
        self.pool = Pool(target["host"], target["port"])
        address = f"{target['host']}:{target['port']}"
        self.ring = [RingItem(address, item) for item in target["ring"]]
        self.position = 0
        self.patience_s: float = target["patience_s"]
        self.timer = Timer()

    async def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """One command."""
        if command["do"] == "verify":
            return await self.verify(command["connections"])
        if command["do"] == "prime":
            return await self.prime(command["connections"])
        return await self.step(command["step"])

    async def verify(self, connections: int) -> dict[str, Any]:
        """Every item of the ring; the lengths of the right answers are learned.

        A connection on which an earlier step still waits is closed: its late answer is none of this verification's.
        """
        free = sum(not connection.busy for connection in self.pool.open)
        if free < max(connections, len(self.pool.open)):
            await self.pool.resize(max(connections, free))
        return await self._verified(Verifier(self.pool, self.ring))

    async def prime(self, connections: int) -> dict[str, Any]:
        """Exactly so many connections, each with one verified request behind it."""
        await self.pool.resize(connections)
        items = [self._next_item() for _ in range(connections)]
        return await self._verified(Verifier(self.pool, items, once_each=True))

    async def _verified(self, verifier: Verifier) -> dict[str, Any]:
        await verifier.run(self.patience_s)
        faults = verifier.faults
        return {"checked": verifier.checked, "failures": len(faults), "first_failure": faults[0] if faults else ""}

    def _next_item(self) -> RingItem:
        self.position += 1
        return self.ring[(self.position - 1) % len(self.ring)]

    async def step(self, step: dict[str, Any]) -> dict[str, Any]:
        """One stretch of load; the connections are completed and primed before it."""
        if not all(item.verified for item in self.ring):
            return {"failure": "the workload was not verified, or not without failures; verify it before any load"}
        primed = await self.prime(step["connections"])
        if primed["failures"]:
            return {"failure": f"a new connection got no right answer: {primed['first_failure']}"}
        reconnects = self.pool.reconnects
        with _quiet_collector():
            result = await _Run(self, step).measured()
        return {**result, "reconnects": self.pool.reconnects - reconnects}


class _Run:
    """One step from its first intended start to the end of its drain."""

    def __init__(self, generator: Generator, step: dict[str, Any]) -> None:
        self.generator, self.step = generator, step
        self.duration_s = _duration_s(step)
        self.sender = self._closed_loop() if step["rate"] is None else self._open_loop()
        self.open_ns = self.zero_ns + int(step["discard_s"] * _NS_PER_S)

    def _closed_loop(self) -> Sender:
        self.zero_ns = time.monotonic_ns()
        return ClosedLoop(self.generator.pool, self.generator.ring, self.generator.position)

    def _open_loop(self) -> Sender:
        step, generator = self.step, self.generator
        schedule = arrivals_ns(
            rate=step["rate"],
            duration_s=self.duration_s,
            spacing=step["spacing"],
            seed=step["seed"],
        )
        self.zero_ns = time.monotonic_ns() + int(_LEAD_S * _NS_PER_S)
        due_ns = [self.zero_ns + at_ns for at_ns in schedule]
        return OpenLoop(generator.pool, generator.ring, generator.position, due_ns=due_ns, timer=generator.timer)

    @property
    def close_ns(self) -> int:
        """The end of the counted window."""
        return self.zero_ns + int(self.duration_s * _NS_PER_S)

    async def measured(self) -> dict[str, Any]:
        """Send, tell the window's bounds, drain, count."""
        sender = self.sender
        self.generator.pool.listener = sender
        sender.start()
        opened = await _reach("opened", self.open_ns)
        await self._minimum_reached()
        closed = await _reach("closed", self.close_ns)
        sender.close_window()
        await self._drain()
        sender.stop()
        self.generator.position = sender.position
        return self._result(opened, closed)

    async def _minimum_reached(self) -> None:
        """Only a closed loop waits here: a schedule was made long enough."""
        limit_s, first = _EXTENSION_LIMIT * self.step["duration_s"], self.generator.position
        while self.step["rate"] is None and self.sender.position - first < self.step["minimum_requests"]:
            if time.monotonic_ns() > self.open_ns + limit_s * _NS_PER_S:
                return
            await asyncio.sleep(0.01)

    async def _drain(self) -> None:
        deadline = time.monotonic() + self.generator.patience_s
        dead_at = time.monotonic() + _DEAD_SERVER_DRAIN_S
        while not self.sender.done.done() and time.monotonic() < deadline:
            if self.generator.pool.open:
                dead_at = time.monotonic() + _DEAD_SERVER_DRAIN_S
            elif time.monotonic() > dead_at:
                return  # no connection left and none to be had: nobody is going to answer
            await asyncio.sleep(0.002)

    def _result(self, opened: "_Bound", closed: "_Bound") -> dict[str, Any]:
        sender, notes = self.sender, self.sender.notes
        planned, real = (self.open_ns, self.close_ns), (opened.at_ns, closed.at_ns)
        window = planned if sender.counted_by == "due" else real
        sender.note_unanswered(window[1], self.generator.patience_s)
        return {
            **notes.counts(*window, by=sender.counted_by, unsent_due=sender.unsent()),
            "answered": notes.answered(*real),
            "bins": notes.bins(*window),
            "duration_s": (window[1] - window[0]) / _NS_PER_S,
            "answered_s": (closed.at_ns - opened.at_ns) / _NS_PER_S,
            "generator_cpu_s": closed.cpu_s - opened.cpu_s,
        }


class _Bound(NamedTuple):
    """A bound of the counted window as it really was."""

    at_ns: int
    cpu_s: float


async def _reach(event: str, at_ns: int) -> _Bound:
    """Wait for a moment, then tell the parent, who takes its snapshot of the counters."""
    while (left_ns := at_ns - time.monotonic_ns()) > 0:
        await asyncio.sleep(left_ns / _NS_PER_S)
    bound = _Bound(time.monotonic_ns(), time.process_time())
    _say({"event": event})
    return bound


def _duration_s(step: dict[str, Any]) -> float:
    """As asked for, or longer where the rate needs that to reach the minimum of requests."""
    duration_s: float = step["duration_s"]
    if not step["rate"]:
        return duration_s
    wanted_s: float = step["minimum_requests"] / step["rate"]
    return max(duration_s, min(wanted_s, duration_s * _EXTENSION_LIMIT))


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """No garbage collection inside a window: one pass over a million objects would make us late."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


if __name__ == "__main__":
    main()
