"""One run as a readable script: blocks of every stack in random order, each in a fresh process, until they suffice."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks import trial
from benchmarks.bench_host import BenchHost, BenchServices, bench_services
from benchmarks.errors import BenchmarkError, Stopped
from benchmarks.host import canary, host_facts
from benchmarks.progress import Clock
from benchmarks.setting import Setting, Step
from benchmarks.window_canary import Calm
from benchmarks.workloads import WORKLOADS
from estimator.domain.measuring.durations import expected_block_s, expected_confirmation_s
from estimator.domain.measuring.measurement import (
    BlockFinished,
    HostFacts,
    MeasuredEnough,
    Measurement,
    StackFailed,
    Window,
)
from estimator.domain.measuring.workload import RunSpec, StepKind, Trial
from estimator.domain.performance.capacity import serving_limits
from estimator.domain.performance.stopping import Decision, decide, estimated_rate

Earlier = Iterable[Window | StackFailed]


def measure(spec: RunSpec, host: BenchHost, *, earlier: Earlier = ()) -> Iterator[Measurement]:
    """Measure block after block until they suffice. Raises Stopped when asked to end, BenchmarkError when nothing can
    be measured.

    `earlier` is what finished blocks of earlier attempts hold: the decision on a further block rests on all of them.
    A stack that cannot be measured ends as StackFailed with its reason; the others go on.
    """
    clock = Clock(spec)
    yield clock.progress("starting the benchmark database")
    score = canary(core=host.cores.app[0])
    yield HostFacts(facts={**host_facts(), "canary_score": score, "core_split": host.cores.warning or "separate"})
    with bench_services(host, run=spec.run, with_upstream=_calls_upstream(spec)) as services:
        run = _Run(spec=spec, host=host, services=services, clock=clock)
        run.know(earlier)
        yield from run.blocks()
        yield from run.confirmation()


def _calls_upstream(spec: RunSpec) -> bool:
    asked = {slug for one in spec.trials for slug in (one.workload, *(part for part, _ in one.mix))}
    facts = (WORKLOADS.get(slug) for slug in asked)
    return any(known is not None and known.calls_upstream for known in facts)


def shuffled(trials: Sequence[Trial], *, seed: int, block: int) -> list[Trial]:
    """The order of one block: random, and the same for the same seed (randomised multiple interleaved trials)."""
    return random.Random(f"{seed}/{block}").sample(trials, len(trials))


@dataclass(kw_only=True)
class _Run:
    """A run under way, and all that is known of it: windows and failures of finished blocks."""

    spec: RunSpec
    host: BenchHost
    services: BenchServices
    clock: Clock
    calm: defaultdict[Trial, Calm] = field(default_factory=lambda: defaultdict(Calm))
    windows: list[Window] = field(default_factory=list)
    failures: list[StackFailed] = field(default_factory=list)
    finished: set[int] = field(default_factory=set)

    def know(self, earlier: Earlier) -> None:
        """Take in what earlier attempts measured to the end."""
        self.finished = set(self.spec.finished_blocks)
        for one in earlier:
            self._remember(one)

    def blocks(self) -> Iterator[Measurement]:
        """Another block as long as the rule asks for one. A stack that failed has its end, and is not tried again."""
        while (decision := self._decide()).goes_on:
            block = next(number for number in range(self.spec.profile.most_blocks) if number not in self.finished)
            yield from self._block(block, self._standing(), lambda one, setting: trial.measure(setting))
        if self.spec.profile.precision:
            yield MeasuredEnough(blocks=decision.expected_blocks, reason=decision.reason)

    def confirmation(self) -> Iterator[Measurement]:
        """After the last block, for each stack with a capacity: one window at what all blocks together tell."""
        block = self.spec.profile.confirmation_block
        if block is None or block in self.finished:
            return
        rates = {one: rate for one in self._standing() if (rate := self._estimated_rate(one))}
        if rates:
            yield from self._block(block, rates, lambda one, setting: trial.confirm(setting, rate=rates[one]))

    def _decide(self) -> Decision:
        """Asked before the first block and after each; the clock learns how many are expected."""
        profile = self.spec.profile
        blocks = len(self.finished - {profile.confirmation_block})
        decision = decide(
            profile=profile,
            trials=self.spec.trials,
            blocks=blocks,
            windows=self.windows,
            failures=self.failures,
            objective_ms=self.spec.objective_ms,
            spent_s=self.clock.elapsed_s,
            block_s=expected_block_s(self.spec, blocks) + len(self.spec.trials) * expected_confirmation_s(profile),
        )
        self.clock.expected_blocks = decision.expected_blocks
        return decision

    def _standing(self) -> list[Trial]:
        failed = {(one.stack, one.workload) for one in self.failures}
        return [one for one in self.spec.trials if (one.stack, one.workload) not in failed]

    def _estimated_rate(self, one: Trial) -> float | None:
        manifest = self.host.stacks.get(one.stack)
        limits = serving_limits(manifest.settings if manifest else {}, workload=one.workload)
        return estimated_rate(one, self.windows, self.failures, self.spec.objective_ms, limits=limits)

    def _block(
        self, block: int, trials: Iterable[Trial], steps: Callable[[Trial, Setting], trial.Steps]
    ) -> Iterator[Measurement]:
        for one in shuffled(list(trials), seed=self.spec.seed, block=block):
            for measured in self._trial(one, block, steps):
                self._remember(measured)
                yield measured
            self.clock.finish_trial(block)
        self.finished.add(block)
        self.clock.finish_block(self.finished)
        yield BlockFinished(block=block)

    def _trial(self, one: Trial, block: int, steps: Callable[[Trial, Setting], trial.Steps]) -> Iterator[Measurement]:
        """One trial; whatever is wrong with the app or its load ends as this stack's failure."""
        try:
            for measured in steps(one, self._setting(one, block)):
                yield self.clock.told(measured, one, block) if isinstance(measured, Step) else measured
        except Stopped:
            raise
        except BenchmarkError as error:
            yield StackFailed(stack=one.stack, workload=one.workload, block=block, reason=str(error))

    def _setting(self, one: Trial, block: int) -> Setting:
        confirmed = any(
            (window.kind, window.stack, window.workload) == (StepKind.LOCUST, one.stack, one.workload)
            for window in self.windows
        )
        return Setting(
            spec=self.spec,
            trial=one,
            block=block,
            host=self.host,
            services=self.services,
            calm=self.calm[one],
            with_locust=self.spec.confirm_with_locust and not confirmed,
        )

    def _remember(self, measured: Measurement) -> None:
        if isinstance(measured, Window):
            self.windows.append(measured)
        elif isinstance(measured, StackFailed):
            self.failures.append(measured)
