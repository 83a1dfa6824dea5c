"""An app that burns a known CPU time per request: D is known exactly, and C from queueing theory (M/D/1)."""

import math
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.app_process import RunningApp
from benchmarks.load.engine import LoadEngine
from benchmarks.resources import ResourceSampler, Snapshot
from benchmarks.validation.ground import Ground, server, verified_engine
from benchmarks.validation.rows import Check, Row
from benchmarks.windows import measured_window
from estimator.domain.measuring.measurement import Window
from estimator.domain.measuring.validity import judge_window
from estimator.domain.measuring.workload import QUICK, LoadStep, StepKind, Trial
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict, RefusedStack
from estimator.domain.performance.fitting import fit_capacity

BURN_S = 0.002
OBJECTIVE_MS = 100.0
_TRIAL = Trial(stack="burn", workload="burn")
_D_WITHIN, _C_WITHIN = 0.03, 0.10
_NAME = f"app that burns {BURN_S * 1000:g} ms of CPU per request"
DEMAND = Check(name=f"{_NAME}: D", must_be=f"within {_D_WITHIN:.0%}")
CAPACITY = Check(name=f"{_NAME}: C at p99 {OBJECTIVE_MS:g} ms", must_be=f"within {_C_WITHIN:.0%} of M/D/1")


def check_burn(ground: Ground) -> list[Row]:
    """The steps of one quick block; 20 s, and up to 10 s more where windows must be repeated."""
    with server(ground, f"burn:{BURN_S * 1e6:.0f}") as app, verified_engine(ground, app) as engine:
        windows = list(_windows(ground, app, engine))
    stack, workload = _TRIAL.stack, _TRIAL.workload
    return burn_rows(fit_capacity(stack=stack, workload=workload, windows=windows, objective_ms=OBJECTIVE_MS))


def _windows(ground: Ground, app: RunningApp, engine: LoadEngine) -> Iterator[Window]:
    saturation = LoadStep(kind=StepKind.SATURATION, duration_s=QUICK.saturation_s, discard_s=QUICK.discard_s)
    saturated = _window(ground, app, engine, saturation)
    yield saturated
    repeats = QUICK.maximum_repeats  # of the whole block: each costs 4 s
    for number, share in enumerate(QUICK.window_rates, start=1):
        step = LoadStep(
            kind=StepKind.OPEN_LOOP,
            duration_s=QUICK.window_s + QUICK.discard_s,
            discard_s=QUICK.discard_s,
            rate=share * saturated.achieved_rate,
            seed=number,
        )
        for repeat in range(repeats + 1):
            window = replace(_window(ground, app, engine, step), sequence=number, repeat=repeat)
            yield window
            if not window.void:
                break
        repeats -= repeat


def _window(ground: Ground, app: RunningApp, engine: LoadEngine, step: LoadStep) -> Window:
    sampler = ResourceSampler(
        app=app.process.tree,
        app_cores=ground.cores.app,
        load_cores=ground.cores.load,
        generator=engine.process.tree,
    )
    bounds: list[Snapshot] = []

    def take() -> None:
        bounds.append(sampler.snapshot())

    result = engine.run_step(step, opened=take, closed=take)
    use = sampler.use(bounds[0], bounds[1])
    return measured_window((_TRIAL, 0, 0), result, use, void=judge_window(use))


def burn_rows(fitted: Capacity | RefusedStack) -> list[Row]:
    """D against the burn, C against theory; a refusal falls short with its reasons."""
    if isinstance(fitted, RefusedStack):
        return [check.judged(f"refused: {'; '.join(fitted.reasons)}", holds=False) for check in (DEMAND, CAPACITY)]
    labels = " (disturbed host)" if fitted.disturbed else ""
    off = fitted.service_demand_s / BURN_S - 1
    demand = f"{fitted.service_demand_s * 1000:.3f} ms, {off:+.2%}{labels}"
    row = _capacity_row(fitted)
    return [
        DEMAND.judged(demand, holds=abs(off) <= _D_WITHIN),
        replace(row, measured=row.measured + labels),
    ]


def _capacity_row(fitted: Capacity) -> Row:
    theory = md1_knee(BURN_S, OBJECTIVE_MS / 1000) * fitted.cores / BURN_S
    try:
        rate = fitted.cpu_rate(OBJECTIVE_MS)
    except ObjectiveTooStrict as reason:
        return CAPACITY.judged(str(reason), holds=False)
    off = rate / theory - 1
    return CAPACITY.judged(f"{rate:.0f} against {theory:.0f} req/s, {off:+.1%}", holds=abs(off) <= _C_WITHIN)


def md1_knee(service_s: float, objective_s: float, share: float = 0.01) -> float:
    """The utilisation at which `share` of an M/D/1 queue's requests take longer than the objective."""
    low, high = 0.01, 0.999
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if md1_share_over(middle, service_s, objective_s) < share else (low, middle)
    return low


def md1_share_over(rho: float, service_s: float, limit_s: float) -> float:
    """P(T > t) of M/D/1 by the Cramer-Lundberg approximation, whose error vanishes in the tail.

    With times in units of the service: P(W > w) ~ (1 - rho) / (rho e^a - 1) e^(-a w), where rho (e^a - 1) = a.
    """
    low, high = 1e-9, 50.0
    for _ in range(100):
        decay = (low + high) / 2
        low, high = (decay, high) if rho * math.expm1(decay) < decay else (low, decay)
    return (1 - rho) / (rho * math.exp(low) - 1) * math.exp(-low * (limit_s / service_s - 1))
