"""One stack under one workload in one block: start, verify, warm up, saturate, open-loop windows, confirm."""

import random
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property

from benchmarks.app_process import AppCommand, RunningApp, app_environment, start_app
from benchmarks.bench_host import BenchHost, BenchServices
from benchmarks.environments import ensure_environment, installed_versions
from benchmarks.errors import AppError
from benchmarks.host import canary, on_cores
from benchmarks.load.engine import VERIFY_CONNECTIONS, LoadEngine, Target, load_engine
from benchmarks.load.locust_engine import confirm_with_locust
from benchmarks.process_tree import Memory
from benchmarks.resources import ResourceSampler, Snapshot
from benchmarks.side_effects import SideEffects, asked_for, count_side_effects, settled_side_effects
from benchmarks.stack_catalogue import StackManifest, WorkloadManifest
from benchmarks.windows import confirmation_window, measured_window
from benchmarks.workloads import PreparedRequest, WorkloadFacts, request_ring, workload_facts
from estimator.domain.capacity import Capacity, ObjectiveTooStrict
from estimator.domain.fitting import fit_capacity
from estimator.domain.measurement import Measurement, ResourceUse, StackStarted, TrialFinished, Window
from estimator.domain.validity import judge_window
from estimator.domain.workload import LoadStep, Profile, RunSpec, StepKind, Trial

_CONFIRM_SHARE = 0.5  # of the capacity found
_SETTLED_WITHIN = 0.10  # the halves of the warm-up agree
_CANARY_S = 0.3
_VERIFY_CONNECTIONS = 64  # at most, for work that waits
_CONNECTIONS_PER_THREAD = 4  # more would only queue, and each takes its turn to be primed
_SLOWEST_VERIFY_RATE = 1.0  # requests/s; guards the warm-up's rate against a division by nothing


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a trial is about to do, and how far through it is."""

    message: str
    share: float


@dataclass(frozen=True, kw_only=True)
class Setting:
    """All that one trial needs."""

    spec: RunSpec
    trial: Trial
    block: int
    host: BenchHost
    services: BenchServices
    canary_reference: float

    @property
    def profile(self) -> Profile:
        """How much is measured."""
        return self.spec.profile

    @cached_property
    def manifest(self) -> StackManifest:
        """The stack's manifest. Raises AppError when its folder is gone."""
        try:
            return self.host.stacks[self.trial.stack]
        except KeyError:
            raise AppError(f"stack {self.trial.stack!r} has no folder any more; register the stacks again") from None

    @cached_property
    def workload(self) -> WorkloadManifest:
        """Where the app serves the workload. Raises AppError when it does not, with the manifest's reason."""
        served = self.manifest.workloads.get(self.trial.workload)
        if served is None:
            raise AppError("the manifest does not name this workload any more; register the stacks again")
        if served.unsupported:
            raise AppError(f"not supported: {served.unsupported}")
        return served

    @property
    def facts(self) -> WorkloadFacts:
        """How the workload is measured. Raises UnknownWorkload."""
        return workload_facts(self.trial.workload)

    @cached_property
    def ring(self) -> tuple[PreparedRequest, ...]:
        """The seeded requests of this block."""
        size = min(self.profile.ring_size, self.facts.ring_size)
        return request_ring(self.trial.workload, self.workload.path, seed=self.seed(0), size=size)

    @property
    def connections(self) -> int:
        """Of the load: many for work that waits, but for servers with threads not many times as many as those."""
        usual, wanted = self.profile.connections, self.facts.connections
        threads = self.manifest.settings.get("threads")
        if wanted is None or not isinstance(threads, int):
            return wanted or usual
        workers = int(self.manifest.settings.get("workers", 1))
        return min(wanted, max(usual, _CONNECTIONS_PER_THREAD * threads * workers))

    @property
    def verify_connections(self) -> int:
        """Enough that verifying work that waits takes seconds, not minutes."""
        return min(self.connections, _VERIFY_CONNECTIONS) if self.facts.waits else VERIFY_CONNECTIONS

    def seed(self, step: int) -> int:
        """A new seed for each stack, block and step, the same for the same run seed."""
        name = f"{self.spec.seed}/{self.block}/{self.trial.stack}/{self.trial.workload}/{step}"
        return random.Random(name).getrandbits(32)


def measure(setting: Setting) -> Iterator[Measurement | Step]:
    """All steps of one trial. Raises AppError when the stack cannot be measured, Stopped when asked to end."""
    ring = setting.ring  # before anything is installed or started: the pair may not be supported
    yield Step(message="installing its environment", share=0.0)
    python = ensure_environment(setting.manifest.folder, setting.host.folder / "environments")
    yield Step(message="starting", share=0.02)
    command = _command(setting, str(python))
    listener, should_stop = setting.workload.listener, setting.host.should_stop
    load_cores = on_cores(setting.host.cores.load)  # who samples must not run on the core that is measured
    with load_cores, start_app(command, workload=ring[0], listener=listener, should_stop=should_stop) as app:
        yield StackStarted(
            stack=setting.trial.stack,
            workload=setting.trial.workload,
            block=setting.block,
            cold_start_s=app.cold_start_s,
            idle_memory_mib=app.process.tree.memory().mib,
            versions=installed_versions(python, setting.manifest.packages),
        )
        with _engine(setting, app) as engine:
            yield from _Measuring(setting=setting, app=app, engine=engine).steps()


def _command(setting: Setting, python: str) -> AppCommand:
    manifest, host = setting.manifest, setting.host
    home = host.folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    environment = app_environment(
        home=home,
        database_url=setting.services.database.app_url,
        upstream_url=setting.services.upstream_url,
        pool_size=manifest.settings.get("pool_size"),
    )
    return AppCommand(
        name=manifest.app_name,
        command=manifest.argv,
        folder=manifest.folder,
        python=python,
        cpus=host.cores.app,
        environment=environment,
        log=host.log(setting.spec.run, manifest.app_name),
        record_folder=host.records,
        health=_get(manifest.health_path),
        ready_timeout_s=manifest.ready_timeout_s,
    )


def _get(path: str) -> PreparedRequest:
    return PreparedRequest(
        method="GET", path=path, headers=(), body=b"", expected_status=200, expected_json={"status": "ok"}
    )


def _engine(setting: Setting, app: RunningApp) -> AbstractContextManager[LoadEngine]:
    return load_engine(
        _target(setting, app),
        cpus=setting.host.cores.load,
        log=setting.host.log(setting.spec.run, "load"),
        record_folder=setting.host.records,
        should_stop=_stop(setting, app),
    )


def _target(setting: Setting, app: RunningApp) -> Target:
    port = app.port_of(setting.workload.listener)
    return Target(
        host=app.host,
        port=port,
        ring=setting.ring,
        connections=setting.connections,
        patience_s=setting.profile.patience_s,
    )


def _stop(setting: Setting, app: RunningApp) -> "_StopOrDead":
    return _StopOrDead(setting.host, app)


@dataclass(frozen=True)
class _StopOrDead:
    """Asks for the end when the claim is lost; raises AppError when the app is gone."""

    host: BenchHost
    app: RunningApp

    def __call__(self) -> bool:
        return self.host.should_stop() or self.app.check_alive()


@dataclass(kw_only=True)
class _Measuring:
    """The steps against one running app."""

    setting: Setting
    app: RunningApp
    engine: LoadEngine
    windows: list[Window] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    opened: Snapshot | None = None
    closed: Snapshot | None = None
    memory: Memory | None = None
    repeat_budget_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.repeat_budget_s = self.profile.repeat_budget_s

    @property
    def profile(self) -> Profile:
        return self.setting.profile

    def steps(self) -> Iterator[Measurement | Step]:
        """Everything the protocol asks of one trial, in its order."""
        yield Step(message=f"verifying {len(self.setting.ring):,} answers", share=0.05)
        rate = self._verify("before load")
        self.engine.prime()
        yield Step(message="warming up", share=0.12)
        yield self._warm_up(rate)
        yield Step(message="saturating", share=0.25)
        yield from self._judged(LoadStep(kind=StepKind.SATURATION, duration_s=self.profile.saturation_s))
        saturation = self.windows[-1].achieved_rate
        yield from self._open_loop(saturation)
        yield from self._confirm(_CONFIRM_SHARE * self._capacity(saturation))
        self._verify("after load")
        yield TrialFinished(
            stack=self.setting.trial.stack,
            workload=self.setting.trial.workload,
            block=self.setting.block,
            warnings=tuple(self.warnings),
        )

    def _verify(self, when: str) -> float:
        """Every request of the ring, whole bodies and side effects compared; returns the rate seen. Raises AppError."""
        before = self._side_effects()
        started = time.monotonic()
        result = self.engine.verify(self.setting.verify_connections)
        took_s = time.monotonic() - started
        if result.failures:
            raise AppError(
                f"{result.failures} of {result.checked} answers were wrong {when}: {result.first_failure};"
                f" see {self.app.app.log}"
            )
        if before is not None:
            self._compare_side_effects(before, when)
        return max(_SLOWEST_VERIFY_RATE, result.checked / took_s)

    def _side_effects(self) -> SideEffects | None:
        """What the workload left in the database so far; None for one that only reads."""
        writes, database = self.setting.facts.writes, self.setting.services.database
        return settled_side_effects(database.app_url) if writes else None

    def _compare_side_effects(self, before: SideEffects, when: str) -> None:
        written = count_side_effects(self.setting.services.database.app_url).since(before)
        asked = asked_for(self.setting.ring)
        if written != asked:
            raise AppError(f"{when} the app wrote {written}, but was asked for {asked}; see {self.app.app.log}")

    def _warm_up(self, rate: float) -> Window:
        warm_rate = self.profile.warm_up_rate * rate
        requests = min(self.profile.warm_up_requests, len(self.setting.ring))
        seconds = max(self.profile.warm_up_s, requests / warm_rate)
        window = self._run(LoadStep(kind=StepKind.WARM_UP, duration_s=seconds, rate=warm_rate))
        if not _is_settled(self.bins):
            self.warnings.append("the warm-up had not settled: its halves differ by more than 10 %")
        return window

    def _open_loop(self, saturation: float) -> Iterator[Measurement | Step]:
        if not saturation:
            raise AppError(f"it gave no right answer at saturation: {self.first_error}; see {self.app.app.log}")
        for number, share in enumerate(self.profile.window_rates):
            rate = share * saturation
            yield Step(message=f"open loop at {rate:,.0f} requests/s", share=0.35 + 0.1 * number)
            yield from self._judged(self._open_step(StepKind.OPEN_LOOP, rate, self.profile.window_s))

    def _confirm(self, rate: float) -> Iterator[Measurement | Step]:
        yield Step(message=f"half of its capacity, {rate:,.0f} requests/s", share=0.8)
        yield from self._judged(self._open_step(StepKind.HALF_CAPACITY, rate, self.profile.half_capacity_s))
        if self.setting.spec.confirm_with_locust and self.setting.block == 0:
            yield Step(message=f"confirming with Locust at {rate:,.0f} requests/s", share=0.9)
            yield self._locust(rate)

    def _open_step(self, kind: StepKind, rate: float, window_s: float) -> LoadStep:
        discard_s = self.profile.discard_s
        return LoadStep(kind=kind, duration_s=window_s + discard_s, rate=rate, discard_s=discard_s)

    def _judged(self, step: LoadStep) -> Iterator[Window]:
        """The window, and its repeats as long as the machine disturbed it and time is left for them."""
        for repeat in range(self.profile.maximum_repeats + 1):
            started = time.monotonic()
            speed = canary(_CANARY_S, core=self.setting.host.cores.app[0]) / self.setting.canary_reference
            window = self._run(step, repeat=repeat, canary_ratio=speed)
            yield window
            took_s = time.monotonic() - started
            if not window.void or self.repeat_budget_s < took_s:
                return
            self.repeat_budget_s -= took_s

    def _run(self, step: LoadStep, *, repeat: int = 0, canary_ratio: float | None = None) -> Window:
        self._refuse_wrong_answers()
        seeded = replace(step, seed=self.setting.seed(len(self.windows) + 1), connections=self.setting.connections)
        result = self.engine.run_step(seeded, opened=self._open, closed=self._close)
        self.bins, self.first_error = result.bins, result.first_error
        use = self._use()
        void = judge_window(use, canary_ratio=canary_ratio) if step.kind is not StepKind.WARM_UP else ()
        return self._kept(measured_window(self._place(), result, use, repeat=repeat, void=void))

    def _refuse_wrong_answers(self) -> None:
        """There is no cost for them whatever follows, so nothing more is measured."""
        last = self.windows[-1] if self.windows else None
        if last and last.wrong:
            raise AppError(
                f"{last.wrong} answers had the wrong body under load, e.g. {last.notes[0]}; see {self.app.app.log}"
            )

    def _locust(self, rate: float) -> Window:
        result = confirm_with_locust(
            _target(self.setting, self.app),
            rate=rate,
            duration_s=self.profile.half_capacity_s,
            cpus=self.setting.host.cores.load,
            log=self.setting.host.log(self.setting.spec.run, "locust"),
            record_folder=self.setting.host.records,
            should_stop=_stop(self.setting, self.app),
            opened=self._open,
            closed=self._close,
        )
        return self._kept(confirmation_window(self._place(), result, self._use()))

    def _place(self) -> tuple[Trial, int, int]:
        return self.setting.trial, self.setting.block, len(self.windows)

    def _kept(self, window: Window) -> Window:
        self.windows.append(window)
        return window

    def _open(self) -> None:
        self.opened = self._sampler.snapshot()

    def _close(self) -> None:
        self.closed = self._sampler.snapshot()
        self.memory = self.app.process.tree.memory()  # under load still; it takes milliseconds, so after the counters

    def _use(self) -> ResourceUse:
        assert self.opened is not None and self.closed is not None, "the engine told both ends"  # noqa: S101
        return self._sampler.use(self.opened, self.closed, self.memory)

    @cached_property
    def _sampler(self) -> ResourceSampler:
        host = self.setting.host
        return ResourceSampler(
            app=self.app.process.tree,
            app_cores=host.cores.app,
            load_cores=host.cores.load,
            database=self.setting.services.database.process.tree,
            generator=self.engine.process.tree,
            others=(*host.ours, *self.setting.services.beside_database),
        )

    def _capacity(self, saturation: float) -> float:
        """Requests/s within the objective so far; where nothing fits, what saturation tells."""
        fitted = fit_capacity(
            stack=self.setting.trial.stack,
            workload=self.setting.trial.workload,
            windows=self.windows,
            objective_ms=self.setting.spec.objective_ms,
        )
        try:
            return fitted.cpu_rate(fitted.objective_ms) if isinstance(fitted, Capacity) else saturation
        except ObjectiveTooStrict:
            return saturation


def _is_settled(bins: tuple[int, ...]) -> bool:
    """Whether the second half of the warm-up answered as fast as the first."""
    half = len(bins) // 2
    first, second = sum(bins[:half]), sum(bins[half : 2 * half])
    return not first or abs(second / first - 1) <= _SETTLED_WITHIN
