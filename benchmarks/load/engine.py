"""The parent's side of the capacity engine: starts it, tells it what to do, never waits for ever."""

import contextlib
import json
import os
import select
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import EngineError
from benchmarks.guarded_process import POLL_S, GuardedProcess, Program, ShouldStop, check_stop, guarded
from benchmarks.load.results import StepResult, Verification
from benchmarks.workloads import PreparedRequest
from estimator.domain.workload import LoadStep

PROJECT = Path(__file__).resolve().parents[2]
_READ_BYTES = 1 << 16
_SETTLE_LIMIT_S = 60.0  # verification, connections, drain and counting around a step, all bounded in the engine itself
_EXTENSION_LIMIT = 10  # a step may last so many times its duration to reach its minimum of requests


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the load goes and what it consists of: an address of ours, and a ring of prepared requests."""

    host: str
    port: int
    ring: Sequence[PreparedRequest]
    connections: int = 32

    def to_json(self) -> dict[str, Any]:
        """Plain values for a generator process."""
        return {"host": self.host, "port": self.port, "ring": [_plain(request) for request in self.ring]}


def _plain(request: PreparedRequest) -> dict[str, Any]:
    return {**asdict(request), "body": request.body.decode()}


class LoadEngine:
    """A running engine. Each call waits for its result, and raises EngineError when there is none in time."""

    def __init__(self, target: Target, process: GuardedProcess, should_stop: ShouldStop) -> None:
        self.target, self.process, self._should_stop = target, process, should_stop
        self._received = bytearray()
        self._send(target.to_json(), _SETTLE_LIMIT_S)

    def verify(self) -> Verification:
        """Send every prepared request once and compare each answer in full."""
        limit_s = _SETTLE_LIMIT_S + 0.5 * len(self.target.ring)
        return Verification(**self._result({"do": "verify"}, limit_s))

    def prime(self, connections: int | None = None) -> Verification:
        """Open exactly so many connections and get one verified answer on each."""
        count = self.target.connections if connections is None else connections
        return Verification(**self._result({"do": "prime", "connections": count}, _SETTLE_LIMIT_S + count))

    def run_step(
        self,
        step: LoadStep,
        *,
        opened: Callable[[], object] | None = None,
        closed: Callable[[], object] | None = None,
    ) -> StepResult:
        """One stretch of load: `discard_s`, then the counted window of `duration_s`; needs a verified ring.

        `opened` and `closed` are called at the bounds of the window: the moments for snapshots of the counters.
        """
        bounds = {"opened": opened or _nothing, "closed": closed or _nothing}
        extended = _EXTENSION_LIMIT if step.minimum_requests else 1
        limit_s = step.discard_s + step.duration_s * extended + step.connections + _SETTLE_LIMIT_S
        return StepResult.of(step, self._result({"do": "step", "step": asdict(step)}, limit_s, bounds))

    def _result(
        self, command: dict[str, Any], limit_s: float, on_event: dict[str, Callable[[], object]] | None = None
    ) -> dict[str, Any]:
        deadline = time.monotonic() + limit_s
        self._send(command, limit_s)
        while True:
            message = self._message(deadline)
            if "event" in message:
                (on_event or {}).get(message["event"], _nothing)()
            elif "failure" in message:
                raise EngineError(f"the load generator could not {command['do']}: {message['failure']}")
            else:
                return message

    def _send(self, message: dict[str, Any], limit_s: float) -> None:
        pipe = self.process.to_child
        assert pipe is not None, "started piped"  # noqa: S101
        left, deadline = memoryview(json.dumps(message).encode() + b"\n"), time.monotonic() + limit_s
        while left:  # a large ring does not fit into a pipe at once, and the engine may have died
            self._wait(deadline, writable=[pipe.fileno()])
            try:
                left = left[os.write(pipe.fileno(), left[: select.PIPE_BUF]) :]
            except BrokenPipeError:
                raise self._died() from None

    def _message(self, deadline: float) -> dict[str, Any]:
        pipe = self.process.from_child
        assert pipe is not None, "started piped"  # noqa: S101
        while b"\n" not in self._received:
            self._wait(deadline, readable=[pipe.fileno()])
            data = os.read(pipe.fileno(), _READ_BYTES)
            if not data:
                raise self._died()
            self._received += data
        line, _, rest = self._received.partition(b"\n")
        self._received = rest
        message: dict[str, Any] = json.loads(line)
        return message

    def _wait(self, deadline: float, *, readable: Sequence[int] = (), writable: Sequence[int] = ()) -> None:
        while not any(select.select(readable, writable, [], POLL_S)):
            check_stop(self._should_stop)
            if time.monotonic() > deadline:
                raise EngineError(f"the load generator did not report in time; see {self.process.program.log}")

    def _died(self) -> EngineError:
        said = self.process.last_log_line() or "it said nothing"
        return EngineError(f"the load generator ended by itself: {said}; see {self.process.program.log}")


def _nothing() -> None:
    return None


@contextlib.contextmanager
def load_engine(
    target: Target, *, cpus: Sequence[int], log: Path, record_folder: Path, should_stop: ShouldStop
) -> Iterator[LoadEngine]:
    """Run the capacity engine on the cores `cpus` while the block lasts. Raises EngineError, or Stopped on request."""
    program = Program(
        name="the load generator",
        argv=[sys.executable, "-m", "benchmarks.load.open_loop"],
        cpus=cpus,
        env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
        cwd=PROJECT,
        log=log,
        record_folder=record_folder,
        grace_s=0.5,
        piped=True,
    )
    with guarded(program) as process:
        yield LoadEngine(target, process, should_stop)
