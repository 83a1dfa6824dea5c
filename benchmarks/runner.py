"""One run as a readable script: blocks of every stack in random order, each in a fresh process."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks import trial
from benchmarks.bench_host import BenchHost, bench_services
from benchmarks.errors import BenchmarkError, Stopped
from benchmarks.host import canary, host_facts
from benchmarks.workloads import WORKLOADS
from estimator.domain.measurement import BlockFinished, HostFacts, Measurement, Progress, StackFailed
from estimator.domain.workload import Profile, RunSpec, Trial

_OVERHEAD_S = 7.0  # seen: start, verification, drains and canaries of one trial
_LOCUST_S = 7.0


def measure(spec: RunSpec, host: BenchHost) -> Iterator[Measurement]:
    """Measure every unfinished block. Raises Stopped when asked to end, BenchmarkError when nothing can be measured.

    A stack that cannot be measured ends as StackFailed with its reason; the others go on.
    """
    clock = _Clock(spec)
    yield clock.progress("starting the benchmark database")
    reference = canary(core=host.cores.app[0])
    yield HostFacts(facts={**host_facts(), "canary_score": reference, "core_split": host.cores.warning or "separate"})
    with bench_services(host, run=spec.run, with_upstream=_calls_upstream(spec)) as services:
        for block in range(spec.profile.blocks):
            if block in spec.finished_blocks:
                continue
            for one in shuffled(spec.trials, seed=spec.seed, block=block):
                setting = trial.Setting(
                    spec=spec, trial=one, block=block, host=host, services=services, canary_reference=reference
                )
                yield from _trial(setting, clock)
            yield BlockFinished(block=block)


def _trial(setting: trial.Setting, clock: "_Clock") -> Iterator[Measurement]:
    """One trial; whatever is wrong with the app or its load ends as this stack's failure."""
    one, block = setting.trial, setting.block
    try:
        for measured in trial.measure(setting):
            yield clock.told(measured, one, block) if isinstance(measured, trial.Step) else measured
    except Stopped:
        raise
    except BenchmarkError as error:
        yield StackFailed(stack=one.stack, workload=one.workload, block=block, reason=str(error))
    clock.finish_trial()


def _calls_upstream(spec: RunSpec) -> bool:
    facts = (WORKLOADS.get(one.workload) for one in spec.trials)
    return any(known is not None and known.calls_upstream for known in facts)


def shuffled(trials: Sequence[Trial], *, seed: int, block: int) -> list[Trial]:
    """The order of one block: random, and the same for the same seed (randomised multiple interleaved trials)."""
    return random.Random(f"{seed}/{block}").sample(trials, len(trials))


def expected_trial_s(profile: Profile, *, with_locust: bool) -> float:
    """How long one stack takes in one block when no window is repeated, in seconds."""
    windows = len(profile.window_rates) * (profile.window_s + profile.discard_s)
    load = profile.warm_up_s + profile.saturation_s + windows + profile.half_capacity_s
    return load + _OVERHEAD_S + (_LOCUST_S if with_locust else 0.0)


@dataclass
class _Clock:
    """Turns steps into progress: the share done by what trials are expected to take."""

    spec: RunSpec
    done: int = 0
    started: float = field(default_factory=time.monotonic)

    def progress(self, message: str, share_of_trial: float = 0.0) -> Progress:
        blocks = self.spec.profile.blocks - len(self.spec.finished_blocks)
        total = max(1, blocks * len(self.spec.trials))
        share = min(1.0, (self.done + share_of_trial) / total)
        each_s = expected_trial_s(self.spec.profile, with_locust=self.spec.confirm_with_locust)
        return Progress(message=message, share=share, remaining_s=(1 - share) * total * each_s)

    def told(self, step: "trial.Step", one: Trial, block: int) -> Progress:
        blocks = self.spec.profile.blocks
        where = f", block {block + 1} of {blocks}" if blocks > 1 else ""
        return self.progress(f"{one.stack}, {one.workload}{where}: {step.message}", step.share)

    def finish_trial(self) -> None:
        self.done += 1
