"""A canary inside every window: pulses of fixed work on the app's cores, each with the CPU time that it took.

    python -m benchmarks.window_canary DESCRIPTOR CORE...

An idle core tells little of a busy one: neighbours on the same processor take away cache, memory bandwidth or the
other thread of a core, within fractions of a second and without any steal (docs/decisions/0009-window-canary.md).
"""

import itertools
import mmap
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.guarded_process import Program, guarded, module_program
from benchmarks.host import unit_of_work
from benchmarks.process_tree import ProcessTree

PERIOD_S = 0.02
_ROUNDS = 100  # a tenth of a millisecond, half a per cent of a core; most of it fills caches that the app has emptied
_SLOTS = 1 << 14  # five minutes, the longest window with all its repeats
_BYTES = 8 * (1 + 2 * _SLOTS)  # how many pulses there were, then moment and cost of each, all as doubles
_FEWEST = 20  # pulses that tell a speed
_HALF_SECOND = round(0.5 / PERIOD_S)  # pulses; as short as the bursts that were seen
_CALM_SHARE = 0.05  # even on a busy machine so many pulses meet a calm moment
_OUTLIER = 4.0  # times calm: an interrupt, not a speed


@dataclass(frozen=True, kw_only=True)
class WindowCanary:
    """A pulsing canary. Moments are CLOCK_MONOTONIC seconds, costs CPU-seconds."""

    tree: ProcessTree
    memory: "memoryview[float]"

    def costs_s(self, since_s: float, until_s: float) -> list[float]:
        """Of the pulses between two moments, of the last five minutes."""
        count = int(self.memory[0])
        slots = [1 + 2 * (number % _SLOTS) for number in range(max(0, count - _SLOTS), count)]
        return [self.memory[slot + 1] for slot in slots if since_s <= self.memory[slot] <= until_s]


@dataclass(kw_only=True)
class Calm:
    """What a pulse costs beside one app while nothing disturbs it: learned from the fastest of all its windows."""

    seen_s: list[float] = field(default_factory=list)

    def speed(self, costs_s: Sequence[float]) -> float | None:
        """Of a window with these pulses, as a share of the calm speed; None where too few tell it."""
        if len(costs_s) < _FEWEST:
            return None
        self.seen_s = sorted([*self.seen_s, *costs_s])
        return self._calm_s / statistics.fmean(self._capped_s(costs_s))

    def slowest(self, costs_s: Sequence[float]) -> float | None:
        """The same of its slowest half second, which hides in the mean; of pulses that `speed` has learned from."""
        if len(costs_s) < _HALF_SECOND:
            return None
        capped_s = self._capped_s(costs_s)
        starts = range(len(capped_s) - _HALF_SECOND + 1)
        return self._calm_s / max(statistics.fmean(capped_s[start : start + _HALF_SECOND]) for start in starts)

    @property
    def _calm_s(self) -> float:
        return self.seen_s[int(_CALM_SHARE * len(self.seen_s))]

    def _capped_s(self, costs_s: Sequence[float]) -> list[float]:
        return [min(cost_s, _OUTLIER * self._calm_s) for cost_s in costs_s]


@contextmanager
def window_canary(*, cores: Sequence[int], log: Path, record_folder: Path) -> Iterator[WindowCanary]:
    """Let it pulse on these cores, in turn, until the block is left."""
    descriptor = os.memfd_create("canary")
    program = _program(descriptor, cores, log, record_folder)
    try:
        os.ftruncate(descriptor, _BYTES)
        with _doubles(descriptor) as memory, guarded(program) as process:
            yield WindowCanary(tree=process.tree, memory=memory)
    finally:
        os.close(descriptor)


@contextmanager
def _doubles(descriptor: int) -> "Iterator[memoryview[float]]":
    with mmap.mmap(descriptor, _BYTES) as shared, memoryview(shared) as plain, plain.cast("d") as memory:
        yield memory


def _program(descriptor: int, cores: Sequence[int], log: Path, record_folder: Path) -> Program:
    return module_program(
        "the canary",
        "benchmarks.window_canary",
        descriptor,
        *cores,
        cpus=cores,
        log=log,
        record_folder=record_folder,
        pass_fds=[descriptor],
    )


def pulse(memory: "memoryview[float]", cores: Sequence[int]) -> None:
    """Pulse for ever. A cost is the thread's own CPU time: waiting for the core is no part of it."""
    due_s = time.monotonic()
    for number, core in enumerate(itertools.cycle(cores)):
        if len(cores) > 1:
            os.sched_setaffinity(0, {core})
        started_s = time.thread_time()
        unit_of_work(_ROUNDS)
        cost_s = time.thread_time() - started_s
        slot = 1 + 2 * (number % _SLOTS)
        memory[slot], memory[slot + 1] = time.monotonic(), cost_s
        memory[0] = number + 1.0
        due_s = max(due_s + PERIOD_S, time.monotonic())
        time.sleep(due_s - time.monotonic() if due_s > time.monotonic() else 0.0)


def main(argv: Sequence[str]) -> None:
    """The program."""
    descriptor, *cores = map(int, argv)
    with _doubles(descriptor) as memory:
        pulse(memory, cores)


if __name__ == "__main__":
    main(sys.argv[1:])
