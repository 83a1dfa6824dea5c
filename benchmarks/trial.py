"""The steps of one trial in their order: one stack under one workload in one block, in a fresh process."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from benchmarks.app_process import AppCommand, RunningApp, app_environment, start_app
from benchmarks.environments import ensure_environment, installed_versions
from benchmarks.errors import AppError, EngineError
from benchmarks.host import on_cores
from benchmarks.load.engine import LoadEngine, load_engine
from benchmarks.measuring import Measuring
from benchmarks.readiness import TURN_S, made_ready, verify
from benchmarks.setting import Setting, Step, StopOrDead
from benchmarks.workloads import PreparedRequest
from estimator.domain.measuring.measurement import Measurement, StackStarted, TrialFinished
from estimator.domain.measuring.workload import LoadStep, StepKind
from estimator.domain.performance.stopping import estimated_rate

_CONFIRM_SHARE = 0.5  # of the capacity found

Steps = Iterator[Measurement | Step]


def measure(setting: Setting) -> Steps:
    """One trial of a block. Raises AppError when the stack cannot be measured, Stopped when asked to end."""
    return _in_a_fresh_process(setting, _steps_of_a_block)


def confirm(setting: Setting, *, rate: float) -> Steps:
    """One window at the capacity that all blocks together tell, in requests/s. Raises like `measure`.

    In a process of its own after the last block: only then is the estimate the one that is published (which block is
    the last is known once it is over), and the process is one that the estimate has not seen.
    """
    return _in_a_fresh_process(setting, lambda measuring: _steps_of_a_confirmation(measuring, rate))


def _in_a_fresh_process(setting: Setting, steps: Callable[[Measuring], Steps]) -> Steps:
    ring = setting.ring  # before anything is installed or started: the pair may not be supported
    yield Step(message="installing its environment", share=0.0)
    python = _python(setting)
    yield Step(message="starting", share=0.02)
    command = _command(setting, str(python or ""))
    listener, should_stop = setting.workload.listener, setting.host.should_stop
    load_cores = on_cores(setting.host.cores.load)  # who samples must not run on the core that is measured
    with load_cores, start_app(command, workload=ring[0], listener=listener, should_stop=should_stop) as app:
        yield StackStarted(
            stack=setting.trial.stack,
            workload=setting.trial.workload,
            block=setting.block,
            cold_start_s=app.cold_start_s,
            idle_memory_mib=app.process.tree.memory().mib,
            versions=installed_versions(python, setting.manifest.packages) if python else {},
            settings=setting.manifest.settings,
        )
        with _engine(setting, app) as engine:
            yield from steps(Measuring(setting=setting, app=app, engine=engine))


def _python(setting: Setting) -> Path | None:
    """The interpreter of the app's environment; None for a command that brings all it needs."""
    manifest = setting.manifest
    return ensure_environment(manifest.folder, setting.host.folder / "environments") if manifest.needs_python else None


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
        environment={**environment, **manifest.environment},
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
        setting.target(app),
        cpus=setting.host.cores.load,
        log=setting.host.log(setting.spec.run, "load"),
        record_folder=setting.host.records,
        should_stop=StopOrDead(setting.host, app),
    )


def _steps_of_a_block(measuring: Measuring) -> Steps:
    """Everything the protocol asks of one trial, in its order. The crowd comes last: nothing is measured after it."""
    yield from made_ready(measuring, share_of_warm_up=0.12)
    yield Step(message="saturating", share=0.25)
    yield from measuring.judged(_closed_step(measuring, StepKind.SATURATION, measuring.profile.saturation_s))
    saturation = measuring.windows[-1].achieved_rate
    yield from _open_loop(measuring, saturation)
    yield from _half_capacity(measuring, saturation)
    yield from _crowd(measuring, saturation)
    yield from _ended(measuring)


def _steps_of_a_confirmation(measuring: Measuring, rate: float) -> Steps:
    yield from made_ready(measuring, share_of_warm_up=0.2)
    yield Step(message=f"confirming its capacity, {rate:,.0f} requests/s", share=0.4)
    step = _open_step(measuring, StepKind.CONFIRMATION, rate, measuring.profile.confirmation_s)
    yield from measuring.judged(step)
    yield from _ended(measuring)


def _ended(measuring: Measuring) -> Steps:
    verify(measuring, "after load")
    setting = measuring.setting
    yield TrialFinished(
        stack=setting.trial.stack,
        workload=setting.trial.workload,
        block=setting.block,
        warnings=tuple(measuring.warnings),
    )


def _open_loop(measuring: Measuring, saturation: float) -> Steps:
    if not saturation:
        raise AppError(f"it gave no right answer at saturation: {measuring.first_error}; see {measuring.app.app.log}")
    for number, share in enumerate(measuring.profile.window_rates):
        rate = share * saturation
        yield Step(message=f"open loop at {rate:,.0f} requests/s", share=0.35 + 0.09 * number)
        yield from measuring.judged(_open_step(measuring, StepKind.OPEN_LOOP, rate, measuring.profile.window_s))
    yield from _lower_rates(measuring, saturation)


def _lower_rates(measuring: Measuring, saturation: float) -> Steps:
    """Where no planned rate met the objective, on a core of changing speed for one, lower ones may.

    Not where even the fastest answers are too slow, as of work that waits longer than that.
    """
    profile = measuring.profile
    for share in profile.lower_rates:
        if _capacity(measuring) is not None or _fastest_ms(measuring) >= measuring.setting.spec.objective_ms:
            return
        rate = share * saturation
        yield Step(message=f"open loop at {rate:,.0f} requests/s, lower for the objective's sake", share=0.75)
        yield from measuring.judged(_open_step(measuring, StepKind.OPEN_LOOP, rate, profile.window_s))


def _fastest_ms(measuring: Measuring) -> float:
    """What the fastest hundredth of the requests of any open-loop window took."""
    opened = (window for window in measuring.windows if window.kind is StepKind.OPEN_LOOP)
    return min(window.latency.percentile_ms(1) or 0.0 for window in opened)


def _capacity(measuring: Measuring) -> float | None:
    """What the windows so far tell; None where none met the objective."""
    setting = measuring.setting
    return estimated_rate(setting.trial, measuring.windows, (), setting.spec.objective_ms, limits=setting.limits)


def _half_capacity(measuring: Measuring, saturation: float) -> Steps:
    """The error gate, and beside it Locust at the same rate where a capacity was found; else half of saturation.

    Later blocks repeat it only where a window showed a failed answer.
    """
    profile, setting = measuring.profile, measuring.setting
    capacity = _capacity(measuring)
    with_locust = setting.with_locust and capacity is not None
    if setting.block and not with_locust and not any(window.errors for window in measuring.windows):
        return
    rate = _CONFIRM_SHARE * (capacity or saturation)
    seconds = profile.half_capacity_s if with_locust else profile.gate_s
    yield Step(message=f"half of its capacity, {rate:,.0f} requests/s", share=0.8)
    yield from measuring.judged(_open_step(measuring, StepKind.HALF_CAPACITY, rate, seconds))
    if with_locust:
        yield Step(message=f"confirming with Locust at {rate:,.0f} requests/s", share=0.86)
        with _only_labelled(measuring, "Locust confirmed nothing"):
            yield from measuring.judged_locust(rate)
            yield from measuring.journey_parts()


def _crowd(measuring: Measuring, saturation: float) -> Steps:
    """The condition of published load tests, once per stack and run. What it shows is shown, and enters nothing.

    The first turn of all connections is not counted. A server that cannot take so many gets a label, no refusal.
    """
    profile = measuring.profile
    if not profile.crowd_connections or measuring.setting.block:
        return
    yield Step(message=f"{profile.crowd_connections} connections at once", share=0.93)
    discard_s = min(profile.crowd_s, max(profile.discard_s, profile.crowd_connections / saturation))
    step = LoadStep(
        kind=StepKind.CROWD,
        duration_s=profile.crowd_s + discard_s,
        discard_s=discard_s,
        connections=profile.crowd_connections,
    )
    with _only_labelled(measuring, f"no window with {profile.crowd_connections} connections"):
        yield from measuring.judged(step)
    measuring.engine.prime(measuring.connections)  # back to the usual number


@contextmanager
def _only_labelled(measuring: Measuring, what: str) -> Iterator[None]:
    """Windows that only stand beside the figures: a generator that cannot take them costs the stack a label."""
    try:
        yield
    except EngineError as error:
        measuring.warnings.append(f"{what}: {error}")


def _closed_step(measuring: Measuring, kind: StepKind, seconds: float) -> LoadStep:
    """Work that waits begins in step on all connections: that first turn is not counted."""
    discard_s = TURN_S if measuring.setting.facts.waits else 0.0
    return LoadStep(kind=kind, duration_s=seconds + discard_s, discard_s=discard_s, connections=measuring.connections)


def _open_step(measuring: Measuring, kind: StepKind, rate: float, window_s: float) -> LoadStep:
    discard_s, connections = measuring.profile.discard_s, measuring.connections
    return LoadStep(kind=kind, duration_s=window_s + discard_s, rate=rate, discard_s=discard_s, connections=connections)
