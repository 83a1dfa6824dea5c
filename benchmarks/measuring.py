"""How a window is taken and judged: a step of load between two snapshots, repeated while the machine disturbs it."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.app_process import RunningApp
from benchmarks.bench_host import reachable
from benchmarks.errors import AppError
from benchmarks.guarded_process import GuardedProcess
from benchmarks.load.engine import LoadEngine
from benchmarks.load.locust_engine import RATE_PER_USER, LocustResult, UserLoad, confirm_with_locust
from benchmarks.load.own_journeys import OwnJourney
from benchmarks.process_tree import Memory, ProcessTree
from benchmarks.resources import ResourceSampler, Snapshot
from benchmarks.setting import Setting, StopOrDead
from benchmarks.windows import locust_window, measured_window, part_windows
from estimator.domain.measuring.journeys import Users, users_for
from estimator.domain.measuring.measurement import ResourceUse, Window
from estimator.domain.measuring.validity import judge_window, may_repeat
from estimator.domain.measuring.workload import LoadStep, Profile, StepKind, Trial

_SATURATION_SHARE = 0.5  # of the time left for repeats
_RATE_OFF = 0.2  # of the planned rate
_WAITING_RATE_PER_USER = 3.0  # requests/s of one of Locust's users, where an answer takes 100 ms and more
_SENDER_BUSY = 0.9  # of a core: Locust itself warns from there on


@dataclass(kw_only=True)
class Measuring:
    """The windows of one running app, one after the other. `bins` and `first_error` are those of the last one."""

    setting: Setting
    app: RunningApp
    engine: LoadEngine
    windows: list[Window] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    bins: tuple[int, ...] = ()
    first_error: str = ""

    def __post_init__(self) -> None:
        self.connections = self.setting.connections
        self._repeat_budget_s = self.profile.repeat_budget_s
        self._sampler = self._sampler_of(self.engine.process)
        self._opened: Snapshot | None = None
        self._closed: Snapshot | None = None
        self._memory: Memory | None = None
        self._by_users: LocustResult | None = None

    @property
    def profile(self) -> Profile:
        """How much is measured."""
        return self.setting.profile

    def judged(self, step: LoadStep) -> Iterator[Window]:
        """The window, and its repeats as long as the machine disturbed it and time is left for them.

        Half of that time is kept from the saturation, which comes first and decides on no cost.
        """
        share = _SATURATION_SHARE if step.kind is StepKind.SATURATION else 1.0
        return self._repeated(lambda repeat: self.taken(step, repeat=repeat), share=share)

    def judged_locust(self, rate: float) -> Iterator[Window]:
        """The same with the second engine, at `rate` requests/s."""
        return self._repeated(lambda repeat: self._with_locust(rate, repeat))

    def _repeated(self, take: Callable[[int], Window], *, share: float = 1.0) -> Iterator[Window]:
        for repeat in itertools.count():
            started = time.monotonic()
            self._refuse_wrong_answers()
            window = take(repeat)
            yield window
            took_s, left_s = time.monotonic() - started, share * self._repeat_budget_s
            most = self.profile.maximum_repeats
            if not window.void or not may_repeat(repeat=repeat, most=most, took_s=took_s, left_s=left_s):
                return
            self._repeat_budget_s -= took_s

    def taken(self, step: LoadStep, *, repeat: int = 0) -> Window:
        """One window of the open-loop engine, with a seed of its own; a warm-up is not judged."""
        seeded = replace(step, seed=self.setting.seed(len(self.windows) + 1))
        result = self.engine.run_step(seeded, opened=self._open, closed=self._close)
        self.bins, self.first_error = result.bins, result.first_error
        use = self._use()
        void = judge_window(use) if step.kind is not StepKind.WARM_UP else ()
        return self._kept(measured_window(self._place(), result, use, repeat=repeat, void=void))

    def _refuse_wrong_answers(self) -> None:
        """There is no cost for them whatever follows, so nothing more is measured."""
        last = self.windows[-1] if self.windows else None
        if last and last.wrong:
            raise AppError(
                f"{last.wrong} answers had the wrong body under load, e.g. {last.notes[0]}; see {self.app.app.log}"
            )

    def _with_locust(self, rate: float, repeat: int) -> Window:
        """While Locust sends, it is the generator, and the open-loop engine idles as one of our other processes."""
        own, journey = self._sampler, self.setting.own_journey
        try:
            result = self._driven(rate, journey)
            use = self._use()
        finally:
            self._sampler = own
        void = judge_window(replace(use, canary_speed=None))  # Locust's own work takes cache from it
        self._by_users = result
        self._label_busy(result)
        if journey:
            self._compare(result, rate)
        return self._kept(locust_window(self._place(), result, use, repeat=repeat, void=void))

    def _driven(self, rate: float, journey: OwnJourney | None) -> LocustResult:
        host, run = self.setting.host, self.setting.spec.run
        load = UserLoad(
            rate=rate,
            duration_s=self.profile.half_capacity_s,
            rate_per_user=_WAITING_RATE_PER_USER if self.setting.facts.waits else RATE_PER_USER,
            thinking=self._users(rate, journey),
            own_file=journey.locustfile if journey else None,
            processes=host.locust_processes,
            network=host.load_network,
        )
        with reachable(self.setting.target(self.app), host, run=run) as (target, passing_on):
            return confirm_with_locust(
                target,
                load,
                cpus=host.cores.load,
                log=host.log(run, "locust"),
                record_folder=host.records,
                should_stop=StopOrDead(host, self.app),
                started=lambda locust: self._sample_locust(locust, passing_on),
                opened=self._open,
                closed=self._close,
            )

    def _users(self, rate: float, own: OwnJourney | None) -> Users | None:
        """Of a journey, how many people ask at this rate, by the response time seen just before."""
        if not self.setting.trial.mix:
            return None
        if own and own.users:
            return Users(count=own.users, think_s=self.setting.trial.think_s)
        response_s = (self.windows[-1].latency.mean_ms() or 0.0) / 1000
        users = users_for(rate, think_s=self.setting.trial.think_s, response_s=response_s)
        if users.shortened < 1 and not own:
            self.warnings.append(
                f"users' pauses were shortened to {users.shortened:.0%} of those asked for, so that"
                f" {users.count} of them reach {rate:,.0f} requests/s"
            )
        return users

    def _compare(self, seen: LocustResult, planned_rate: float) -> None:
        """Users of a locustfile pace themselves; far from what was planned they say little of half the capacity."""
        if abs(seen.offered_rate / planned_rate - 1) > _RATE_OFF:
            self.warnings.append(
                f"the locustfile's {seen.users} users asked for {seen.offered_rate:,.0f} requests/s where"
                f" {planned_rate:,.0f} were planned; change users or think_s in its journey.toml"
            )

    def _label_busy(self, seen: LocustResult) -> None:
        """A worker on another host that has no time left sends late, and would show that as latency of the app."""
        busiest = max(seen.senders, key=lambda sender: sender.core_share, default=None)
        if busiest and busiest.core_share > _SENDER_BUSY:
            self.warnings.append(
                f"Locust's worker on {busiest.host} used {busiest.core_share:.0%} of its core, so its users may have"
                " been slow to ask; start more workers there"
            )

    def journey_parts(self) -> Iterator[Window]:
        """Of a journey, what its users saw of each part in the last window of the second engine."""
        for window in part_windows(self._place(), self._by_users) if self._by_users else ():
            yield self._kept(window)

    def _sample_locust(self, locust: GuardedProcess, passing_on: Sequence[ProcessTree]) -> None:
        self._sampler = self._sampler_of(locust, beside=(self.engine.process.tree, *passing_on))

    def _place(self) -> tuple[Trial, int, int]:
        return self.setting.trial, self.setting.block, len(self.windows)

    def _kept(self, window: Window) -> Window:
        self.windows.append(window)
        return window

    def _open(self) -> None:
        self._opened = self._sampler.snapshot()

    def _close(self) -> None:
        self._closed = self._sampler.snapshot()
        self._memory = self.app.process.tree.memory()  # under load still; it takes milliseconds, so after the counters

    def _use(self) -> ResourceUse:
        assert self._opened is not None and self._closed is not None, "the engine told both ends"  # noqa: S101
        use = self._sampler.use(self._opened, self._closed, self._memory)
        costs_s = self.setting.services.canary.costs_s(self._opened.at_s, self._closed.at_s)
        calm = self.setting.calm
        return replace(use, canary_speed=calm.speed(costs_s), canary_slowest=calm.slowest(costs_s))

    def _sampler_of(self, generator: GuardedProcess, *, beside: Sequence[ProcessTree] = ()) -> ResourceSampler:
        host, services = self.setting.host, self.setting.services
        return ResourceSampler(
            app=self.app.process.tree,
            app_cores=host.cores.app,
            load_cores=host.cores.load,
            database=services.database.process.tree,
            generator=generator.tree,
            others=(*host.ours, *services.beside_database, *beside),
        )
