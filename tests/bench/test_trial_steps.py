"""The steps of a trial in their order and number, by profile; the windows are scripted, no process is started."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import readiness, trial
from benchmarks.errors import AppError, EngineError
from benchmarks.setting import Step
from estimator.domain.measuring.measurement import Window
from estimator.domain.measuring.workload import QUICK, RIGOROUS, STANDARD, LoadStep, Profile, RunSpec, StepKind, Trial
from estimator.domain.performance.capacity import ServingLimits
from tests.domain.cases import WORKLOAD, measured_windows, window

STEADY: tuple[int, ...] = (80,) * 80
RISING = tuple(min(80, 80 * number // 70) for number in range(80))  # for almost all of the 8 s


class Scripted:
    """Stands for `Measuring`: answers steps with an M/M/1 server's windows, and writes down what was asked."""

    def __init__(
        self, profile: Profile, *, block: int = 0, with_locust: bool = False, objective_ms: float = 100
    ) -> None:
        trials = (Trial(stack="fastapi", workload=WORKLOAD),)
        spec = RunSpec(run=1, attempt=1, profile=profile, trials=trials, objective_ms=objective_ms, seed=1)
        self.profile, self.windows = profile, list[Window]()
        self.warnings, self.first_error = list[str](), ""
        self.bins, self.connections = STEADY, 32
        self.warm_up_bins: Sequence[tuple[int, ...]] = (STEADY,)
        self.refused: dict[StepKind, Exception] = {}
        self.asked: list[LoadStep] = []
        self.engine = SimpleNamespace(
            prime=lambda *_: self.asked.append(LoadStep(kind=StepKind.WARM_UP, duration_s=0)),
            verify=lambda _: SimpleNamespace(failures=0, checked=1000),
        )
        self.app = SimpleNamespace(app=SimpleNamespace(log="app.log"))
        self.setting = SimpleNamespace(
            spec=spec,
            trial=trials[0],
            block=block,
            ring=[None] * 1000,
            connections=32,
            verify_connections=8,
            with_locust=with_locust,
            limits=ServingLimits(),
            profile=profile,
            facts=SimpleNamespace(writes=False, waits=False),
        )
        self._answers = {one.kind: one for one in measured_windows(rates=(0.5,))}
        self._open = iter(measured_windows(rates=(*profile.window_rates, 0.3))[1:])

    def taken(self, step: LoadStep) -> Window:
        self.asked.append(step)
        warm_ups = sum(one.kind is StepKind.WARM_UP and one.duration_s > 0 for one in self.asked)
        self.bins = self.warm_up_bins[min(warm_ups, len(self.warm_up_bins)) - 1]
        return self._kept(replace(window(rho=0.3), kind=step.kind))

    def judged(self, step: LoadStep) -> Iterator[Window]:
        self.asked.append(step)
        if step.kind in self.refused:
            raise self.refused[step.kind]
        saturated = self._answers[StepKind.SATURATION] if step.rate is None else next(self._open, window(rho=0.9))
        yield self._kept(replace(saturated, kind=step.kind))

    def judged_locust(self, rate: float) -> Iterator[Window]:
        self.asked.append(LoadStep(kind=StepKind.LOCUST, duration_s=5, rate=rate))
        if StepKind.LOCUST in self.refused:
            raise self.refused[StepKind.LOCUST]
        yield self._kept(replace(window(rho=0.5), kind=StepKind.LOCUST))

    def _kept(self, one: Window) -> Window:
        self.windows.append(one)
        return one

    def journey_parts(self) -> Iterator[Window]:
        return iter(())

    @property
    def kinds(self) -> list[StepKind]:
        return list(dict.fromkeys(step.kind for step in self.asked if step.duration_s))

    def step(self, kind: StepKind) -> LoadStep:
        return next(step for step in self.asked if step.kind is kind and step.duration_s)


def run(measuring: Any) -> list[Any]:
    return list(trial._steps_of_a_block(measuring))


LATER = [StepKind.WARM_UP, StepKind.SATURATION, StepKind.OPEN_LOOP]
USUAL = [*LATER, StepKind.HALF_CAPACITY]


@pytest.mark.parametrize(
    ("profile", "block", "with_locust", "kinds"),
    [
        (QUICK, 0, False, USUAL),
        (QUICK, 0, True, [*USUAL, StepKind.LOCUST]),
        (STANDARD, 0, True, [*USUAL, StepKind.LOCUST, StepKind.CROWD]),
        (STANDARD, 1, False, LATER),
        (RIGOROUS, 0, False, [*USUAL, StepKind.CROWD]),
        (RIGOROUS, 3, True, [*USUAL, StepKind.LOCUST]),  # no capacity was found before
    ],
)
def test_each_profile_has_its_steps_in_their_order(
    profile: Profile, block: int, with_locust: bool, kinds: list[StepKind]
) -> None:
    measuring = Scripted(profile, block=block, with_locust=with_locust)
    run(measuring)
    assert measuring.kinds == kinds


def test_a_later_block_takes_the_gate_for_errors_again_where_an_answer_failed() -> None:
    measuring = Scripted(STANDARD, block=1)
    measuring.windows.append(replace(window(rho=0.7), errors=1))
    run(measuring)
    assert StepKind.HALF_CAPACITY in measuring.kinds


def test_a_crowd_is_the_last_load_and_connections_are_back_to_the_usual_number() -> None:
    measuring = Scripted(STANDARD)
    run(measuring)
    *_, crowd, back = measuring.asked
    assert (crowd.kind, crowd.connections, crowd.rate) == (StepKind.CROWD, 500, None)
    assert crowd.duration_s - crowd.discard_s == STANDARD.crowd_s
    assert crowd.discard_s >= 1.0  # a turn of all 500 at about 500 requests/s
    assert back.duration_s == 0  # primed again
    assert all(step.connections == 32 for step in measuring.asked if step.kind is not StepKind.CROWD)


def test_a_server_that_cannot_take_a_crowd_gets_a_label_and_keeps_its_figures() -> None:
    measuring = Scripted(STANDARD)
    measuring.refused[StepKind.CROWD] = EngineError("no connection to 127.0.0.1:1: refused")
    run(measuring)
    assert measuring.warnings == ["no window with 500 connections: no connection to 127.0.0.1:1: refused"]


def test_a_locust_that_does_not_start_costs_a_label_and_not_the_figures() -> None:
    measuring = Scripted(QUICK, with_locust=True)
    measuring.refused[StepKind.LOCUST] = EngineError("Locust ended by itself")
    assert run(measuring)[-1].warnings == ("Locust confirmed nothing: Locust ended by itself",)


def test_an_app_that_dies_under_a_crowd_fails() -> None:
    measuring = Scripted(STANDARD)
    measuring.refused[StepKind.CROWD] = AppError("flask_app exited with code 3")
    with pytest.raises(AppError):
        run(measuring)


@pytest.mark.parametrize(("with_locust", "seconds"), [(True, QUICK.half_capacity_s), (False, QUICK.gate_s)])
def test_the_gate_for_errors_is_short_unless_locust_is_compared_with_it(with_locust: bool, seconds: float) -> None:
    measuring = Scripted(QUICK, with_locust=with_locust)
    run(measuring)
    gate = measuring.step(StepKind.HALF_CAPACITY)
    assert gate.duration_s == seconds + QUICK.discard_s


def test_lower_rates_are_measured_where_no_planned_one_met_the_objective_and_not_otherwise() -> None:
    strict, usual, hopeless = (Scripted(QUICK, objective_ms=limit_ms) for limit_ms in (0.5, 100, 0.01))
    for measuring in (strict, usual, hopeless):  # of the last even the fastest answers take too long
        run(measuring)
    shares = [
        [
            round((step.rate or 0) / measuring.windows[1].achieved_rate, 2)
            for step in measuring.asked
            if step.kind is StepKind.OPEN_LOOP
        ]
        for measuring in (strict, usual, hopeless)
    ]
    assert shares == [[*QUICK.window_rates, *QUICK.lower_rates], [*QUICK.window_rates], [*QUICK.window_rates]]


def test_locust_is_not_asked_to_confirm_what_was_not_found_and_the_gate_stays() -> None:
    measuring = Scripted(QUICK, with_locust=True, objective_ms=0.5)
    run(measuring)
    assert measuring.kinds == USUAL
    assert measuring.step(StepKind.HALF_CAPACITY).rate == pytest.approx(measuring.windows[1].achieved_rate / 2)


@pytest.mark.parametrize(
    ("profile", "bins", "warm_ups", "labels"),
    [
        (STANDARD, [STEADY], 1, 0),
        (STANDARD, [RISING, STEADY], 2, 0),
        (STANDARD, [RISING, tuple(range(80, 160))], 2, 1),
        (QUICK, [RISING], 1, 1),
    ],
)
def test_a_warm_up_goes_on_once_and_is_then_labelled(
    profile: Profile, bins: list[tuple[int, ...]], warm_ups: int, labels: int
) -> None:
    measuring = Scripted(profile)
    measuring.warm_up_bins = bins
    run(measuring)
    assert sum(step.kind is StepKind.WARM_UP and step.duration_s > 0 for step in measuring.asked) == warm_ups
    assert sum("had not settled" in warning for warning in measuring.warnings) == labels


@pytest.mark.parametrize(("verified_s", "warm_up_s"), [(0.1, 2.9), (1.0, 2.0), (2.0, 1.5), (600.0, 1.5)])
def test_the_time_of_the_verification_counts_as_warm_up_of_which_at_least_half_remains(
    monkeypatch: pytest.MonkeyPatch, verified_s: float, warm_up_s: float
) -> None:
    clock = itertools.count(step=verified_s)
    monkeypatch.setattr(readiness, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    measuring: Any = Scripted(QUICK)
    list(readiness.made_ready(measuring, share_of_warm_up=0.1))
    step = measuring.asked[-1]
    assert (step.kind, step.duration_s) == (StepKind.WARM_UP, pytest.approx(warm_up_s))
    assert step.rate == pytest.approx(0.6 * 1000 / verified_s)


def test_a_confirmation_is_one_window_at_its_rate_after_a_warm_up() -> None:
    measuring: Any = Scripted(RIGOROUS, block=20)
    told = list(trial._steps_of_a_confirmation(measuring, 480.0))
    assert measuring.kinds == [StepKind.WARM_UP, StepKind.CONFIRMATION]
    step = measuring.step(StepKind.CONFIRMATION)
    assert (step.rate, step.duration_s - step.discard_s) == (480.0, 30.0)
    assert any(isinstance(one, Step) and "confirming its capacity, 480 requests/s" in one.message for one in told)
