"""JSON lines through the pipes of a generator process, with a deadline on every wait."""

import json
import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from benchmarks.errors import EngineError
from benchmarks.guarded_process import POLL_S, GuardedProcess, ShouldStop, check_stop

_READ_BYTES = 1 << 16


class Conversation:
    """Talks to a process that was started `piped`. Raises EngineError when it is silent too long or ended."""

    def __init__(self, process: GuardedProcess, should_stop: ShouldStop) -> None:
        self._process, self._should_stop = process, should_stop
        self._received = bytearray()

    def send(self, message: Mapping[str, Any], limit_s: float) -> None:
        """Send one message; a large one does not fit into the pipe at once."""
        descriptor, deadline = _descriptor(self._process.to_child), time.monotonic() + limit_s
        left = memoryview(json.dumps(message).encode() + b"\n")
        while left:
            self._wait(deadline, writable=[descriptor])
            try:
                left = left[os.write(descriptor, left[: select.PIPE_BUF]) :]
            except BrokenPipeError:
                raise self._ended() from None

    def result(self, limit_s: float, on_event: Mapping[str, Callable[[], object]]) -> dict[str, Any]:
        """The next message that is no event; events call what they are mapped to."""
        deadline = time.monotonic() + limit_s
        while "event" in (message := self._message(deadline)):
            if message["event"] in on_event:
                on_event[message["event"]]()
        return message

    def let_end_be_seen(self, seconds: float) -> None:
        """After a failure: where the app has just ended, `should_stop` raises what it said, which names the cause."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            check_stop(self._should_stop)
            time.sleep(POLL_S)

    def _message(self, deadline: float) -> dict[str, Any]:
        descriptor = _descriptor(self._process.from_child)
        while b"\n" not in self._received:
            self._wait(deadline, readable=[descriptor])
            data = os.read(descriptor, _READ_BYTES)
            if not data:
                raise self._ended()
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def _wait(self, deadline: float, *, readable: Sequence[int] = (), writable: Sequence[int] = ()) -> None:
        while not any(select.select(readable, writable, [], POLL_S)):
            check_stop(self._should_stop)
            if time.monotonic() > deadline:
                program = self._process.program
                raise EngineError(f"{program.name} did not report in time; see {program.log}")

    def _ended(self) -> EngineError:
        program, said = self._process.program, self._process.last_log_line() or "it said nothing"
        return EngineError(f"{program.name} ended by itself: {said}; see {program.log}")


def _descriptor(pipe: IO[bytes] | None) -> int:
    assert pipe is not None, "started piped"  # noqa: S101
    return pipe.fileno()
