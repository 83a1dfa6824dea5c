"""How far a run is, by how long it is expected to take: corrected by the blocks it needs and by its own pace."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field

from benchmarks.setting import Step
from estimator.domain.measuring.durations import SERVICES_S, expected_block_s
from estimator.domain.measuring.measurement import Progress
from estimator.domain.measuring.workload import RunSpec, Trial


@dataclass
class Clock:
    """Turns steps into progress: the share done by what blocks are expected to take, all attempts counted.

    `expected_blocks` is corrected by whoever decides on blocks.
    """

    spec: RunSpec
    expected_blocks: int = 0
    done_s: float = field(init=False)
    _started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.expected_blocks = self.expected_blocks or self.spec.profile.blocks
        self.done_s = self._earlier_s = sum(expected_block_s(self.spec, block) for block in self.spec.finished_blocks)

    @property
    def elapsed_s(self) -> float:
        """Since the first attempt at the run began."""
        return self.spec.spent_s + time.monotonic() - self._started

    @property
    def total_s(self) -> float:
        """The whole run without repeats, in all attempts."""
        blocks = range(max(self.expected_blocks, 1))
        confirmation = self.spec.profile.confirmation_block
        numbers = [*blocks, *([] if confirmation is None else [confirmation])]
        return SERVICES_S + sum(expected_block_s(self.spec, block) for block in numbers)

    def told(self, step: Step, one: Trial, block: int) -> Progress:
        """A step of one trial."""
        each_s = expected_block_s(self.spec, block) / len(self.spec.trials)
        return self.progress(f"{one.stack}, {one.workload}{self._where(block)}: {step.message}", step.share * each_s)

    def progress(self, message: str, under_way_s: float = 0.0) -> Progress:
        """`under_way_s`: of the trial that is measured now."""
        done_s = min(self.done_s + under_way_s, self.total_s)
        remaining_s = (self.total_s - done_s) * self._pace
        return Progress(message=message, share=done_s / self.total_s, remaining_s=remaining_s)

    def finish_block(self, finished: Collection[int]) -> None:
        """These blocks are over, whichever stacks they still had."""
        self.done_s = sum(expected_block_s(self.spec, block) for block in finished)

    def finish_trial(self, block: int) -> None:
        """One more is over, measured or not."""
        self.done_s += expected_block_s(self.spec, block) / len(self.spec.trials)

    @property
    def _pace(self) -> float:
        """Real seconds in one expected: repeats and slow starts go on as they began. 1 until a trial is over."""
        expected_s = self.done_s - self._earlier_s
        return (time.monotonic() - self._started) / (expected_s + SERVICES_S) if expected_s else 1.0

    def _where(self, block: int) -> str:
        if block == self.spec.profile.confirmation_block:
            return ", last round"
        return f", block {block + 1} of {self.expected_blocks}" if self.spec.profile.most_blocks > 1 else ""
