"""How long a run is expected to take, and how far it is: corrected by the blocks it needs and by its own pace."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from benchmarks.setting import Step
from estimator.domain.measurement import Progress
from estimator.domain.workload import Profile, RunSpec, Trial

# Seen on two shared cores, in seconds.
_START_S = 1.2  # app and load generator, until the first right answer
_VERIFY_S = 1.3  # a thousand requests; before and after load
_STOP_S = 0.5
_STEP_S = 0.1  # connections primed, drained and counted, for each window
_LOCUST_S = 3.0  # its start, its warm-up and its end
_SERVICES_S = 1.5  # database and canary


def expected_trial_s(profile: Profile, *, first: bool, with_locust: bool = False) -> float:
    """How long one stack takes in one block when no window is repeated, in seconds; `first`: in its first block."""
    judged = [profile.saturation_s]
    judged += [profile.window_s + profile.discard_s] * len(profile.window_rates)
    judged += _once(profile, with_locust=with_locust) if first else []
    locust_s = profile.half_capacity_s + _LOCUST_S if first and with_locust else 0.0
    return _around(profile, judged) + locust_s


def _once(profile: Profile, *, with_locust: bool) -> list[float]:
    """The windows of a stack's first block alone: at half capacity, and the crowd."""
    half_s = profile.half_capacity_s if with_locust else profile.gate_s
    crowd = [profile.crowd_s + profile.discard_s] if profile.crowd_connections else []
    return [half_s + profile.discard_s, *crowd]


def expected_confirmation_s(profile: Profile) -> float:
    """How long the window at the estimated capacity takes for one stack, with all around it, in seconds."""
    return _around(profile, [profile.confirmation_s + profile.discard_s]) if profile.confirmation_s else 0.0


def _around(profile: Profile, judged_s: Sequence[float]) -> float:
    """These windows in a fresh process, which is started, verified, warmed up, verified again and stopped."""
    load_s = profile.warm_up_s + sum(judged_s)
    return _START_S + 2 * _VERIFY_S + load_s + _STEP_S * (1 + len(judged_s)) + _STOP_S


def expected_block_s(spec: RunSpec, block: int) -> float:
    """One block of all stacks; block 0 holds what is taken once, the round after the last confirms."""
    if block == spec.profile.confirmation_block:
        return expected_confirmation_s(spec.profile) * len(spec.trials)
    each_s = expected_trial_s(spec.profile, first=block == 0, with_locust=spec.confirm_with_locust)
    return each_s * len(spec.trials)


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
        return _SERVICES_S + sum(expected_block_s(self.spec, block) for block in numbers)

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
        return (time.monotonic() - self._started) / (expected_s + _SERVICES_S) if expected_s else 1.0

    def _where(self, block: int) -> str:
        if block == self.spec.profile.confirmation_block:
            return ", last round"
        return f", block {block + 1} of {self.expected_blocks}" if self.spec.profile.most_blocks > 1 else ""
