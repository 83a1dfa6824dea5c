"""The parent's side of the capacity engine: starts it, tells it what to do, never waits for ever."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import EngineError
from benchmarks.guarded_process import GuardedProcess, ShouldStop, guarded, module_program
from benchmarks.load.conversation import Conversation
from benchmarks.load.results import StepResult, Verification
from benchmarks.workloads import PreparedRequest
from estimator.domain.measuring.workload import LoadStep

VERIFY_CONNECTIONS = 8
_SETTLE_LIMIT_S = 60.0  # verification, connections, drain and counting around a step, all bounded in the engine itself
_END_SEEN_S = 0.5  # from a connection that broke until its server's end shows
_EXTENSION_LIMIT = 10  # a step may last so many times its duration to reach its minimum of requests


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the load goes and what it consists of: an address of ours, and a ring of prepared requests.

    `patience_s` bounds the wait for answers after a window, and a server's silence while it is verified.
    """

    host: str
    port: int
    ring: Sequence[PreparedRequest]
    connections: int = 32
    patience_s: float = 10.0

    def to_json(self) -> dict[str, Any]:
        """Plain values for a generator process."""
        ring = [{**asdict(request), "body": request.body.decode()} for request in self.ring]
        return {"host": self.host, "port": self.port, "ring": ring, "patience_s": self.patience_s}


class LoadEngine:
    """A running engine. Each call waits for its result, and raises EngineError when there is none in time."""

    def __init__(self, target: Target, process: GuardedProcess, should_stop: ShouldStop) -> None:
        self.target, self.process = target, process
        self._conversation = Conversation(process, should_stop)
        self._conversation.send(target.to_json(), _SETTLE_LIMIT_S)

    def verify(self, connections: int = VERIFY_CONNECTIONS) -> Verification:
        """Send every prepared request once, over at least so many connections, and compare each answer in full."""
        limit_s = _SETTLE_LIMIT_S + 0.5 * len(self.target.ring)
        return Verification(**self._result({"do": "verify", "connections": connections}, limit_s))

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
        """One stretch of load of `duration_s`, counted after its first `discard_s`; needs a verified ring.

        `opened` and `closed` are called at the bounds of the window: the moments for snapshots of the counters.
        """
        bounds = {name: call for name, call in (("opened", opened), ("closed", closed)) if call}
        extended = _EXTENSION_LIMIT if step.minimum_requests else 1
        limit_s = step.duration_s * extended + step.connections + _SETTLE_LIMIT_S
        return StepResult.of(step, self._result({"do": "step", "step": asdict(step)}, limit_s, bounds))

    def _result(
        self, command: dict[str, Any], limit_s: float, on_event: Mapping[str, Callable[[], object]] | None = None
    ) -> dict[str, Any]:
        self._conversation.send(command, limit_s)
        result = self._conversation.result(limit_s, on_event or {})
        if result.get("failure") or result.get("failures"):
            self._conversation.let_end_be_seen(_END_SEEN_S)
        if "failure" in result:
            raise EngineError(f"the app could not be put under load: {result['failure']}")
        return result


@contextlib.contextmanager
def load_engine(
    target: Target, *, cpus: Sequence[int], log: Path, record_folder: Path, should_stop: ShouldStop
) -> Iterator[LoadEngine]:
    """Run the capacity engine on the cores `cpus` while the block lasts. Raises EngineError, or Stopped on request."""
    program = module_program(
        "the load generator",
        "benchmarks.load.open_loop",
        cpus=cpus,
        log=log,
        record_folder=record_folder,
        grace_s=0.5,
        piped=True,
    )
    with guarded(program) as process:
        yield LoadEngine(target, process, should_stop)
