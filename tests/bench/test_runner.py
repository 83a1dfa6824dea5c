"""How many blocks a run has, in which order, and what a later attempt makes of an earlier one; trials are scripted."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import runner, trial
from benchmarks.bench_host import BenchHost
from benchmarks.errors import AppError, Stopped
from benchmarks.resources import CoreSplit
from benchmarks.setting import Setting, Step
from estimator.domain.measuring.measurement import (
    BlockFinished,
    MeasuredEnough,
    Measurement,
    Progress,
    StackFailed,
    TrialFinished,
    Window,
)
from estimator.domain.measuring.workload import QUICK, RIGOROUS, STANDARD, Profile, RunSpec, StepKind, Trial
from tests.bench.programs import never
from tests.domain.cases import WORKLOAD, measured_windows

NARROW, WIDE = 0.001, 0.06
STACKS = ("fastapi", "flask")


class Script:
    """Trials that answer at once with the windows of M/M/1 servers; `spread` is that of ln D between blocks."""

    def __init__(self, spread: float = NARROW) -> None:
        self.windows = {stack: measured_windows(stack, blocks=20, spread=spread, rates=(0.8, 0.95)) for stack in STACKS}
        self.begun: list[tuple[int, str]] = []
        self.with_locust: list[tuple[int, str]] = []
        self.confirmed: dict[str, float] = {}
        self.broken: dict[str, Exception] = {}

    def measure(self, setting: Setting) -> Iterator[Measurement | Step]:
        stack = setting.trial.stack
        self.begun.append((setting.block, stack))
        yield Step(message="starting", share=0.02)
        if stack in self.broken:
            raise self.broken[stack]
        windows = [window for window in self.windows[stack] if window.block == setting.block]
        yield from windows
        if setting.with_locust:
            self.with_locust.append((setting.block, stack))
            yield replace(windows[-1], kind=StepKind.LOCUST, sequence=8)
        yield TrialFinished(stack=stack, workload=WORKLOAD, block=setting.block)

    def confirm(self, setting: Setting, *, rate: float) -> Iterator[Measurement | Step]:
        stack = setting.trial.stack
        self.confirmed[stack] = rate
        kept = replace(self.windows[stack][-1], block=setting.block, kind=StepKind.CONFIRMATION, offered_rate=rate)
        yield kept
        yield TrialFinished(stack=stack, workload=WORKLOAD, block=setting.block)


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[Measurement]]:
    """Run a script through the runner; the host and its services stand still."""
    monkeypatch.setattr(runner, "bench_services", lambda *_, **__: nullcontext())
    monkeypatch.setattr(runner, "canary", lambda **_: 1.0)  # it would keep a core busy for half a second
    host = BenchHost(folder=tmp_path, stacks={}, cores=CoreSplit(app=(0,), load=(0,)), should_stop=never)

    def played(script: Script, profile: Profile, *, earlier: runner.Earlier = (), **changes: Any) -> list[Measurement]:
        monkeypatch.setattr(trial, "measure", script.measure)
        monkeypatch.setattr(trial, "confirm", script.confirm)
        trials = tuple(Trial(stack=stack, workload=WORKLOAD) for stack in STACKS)
        spec = RunSpec(run=1, attempt=1, profile=profile, trials=trials, objective_ms=100, seed=3, **changes)
        return list(runner.measure(spec, host, earlier=earlier))

    return played


def finished(measured: list[Measurement]) -> list[int]:
    return [one.block for one in measured if isinstance(one, BlockFinished)]


def test_a_quick_run_is_one_block_and_needs_no_decision(play: Callable[..., list[Measurement]]) -> None:
    measured = play(Script(), QUICK)
    assert finished(measured) == [0]
    assert not any(isinstance(one, MeasuredEnough) for one in measured)


@pytest.mark.parametrize(("spread", "blocks"), [(NARROW, 4), (WIDE, 5)])
def test_a_standard_run_has_as_many_blocks_as_its_spread_asks_for(
    play: Callable[..., list[Measurement]], spread: float, blocks: int
) -> None:
    measured = play(Script(spread), STANDARD)
    assert finished(measured) == list(range(blocks))
    (enough,) = [one for one in measured if isinstance(one, MeasuredEnough)]
    assert enough.blocks == blocks


def test_each_block_holds_every_stack_once_in_an_order_of_its_own(play: Callable[..., list[Measurement]]) -> None:
    script = Script(WIDE)
    play(script, STANDARD)
    orders = [[stack for block, stack in script.begun if block == number] for number in range(5)]
    assert all(sorted(order) == sorted(STACKS) for order in orders)
    assert len({tuple(order) for order in orders}) == 2


def test_a_rigorous_run_confirms_what_all_its_blocks_tell_once_per_stack(
    play: Callable[..., list[Measurement]],
) -> None:
    script = Script()
    measured = play(script, RIGOROUS)
    assert finished(measured) == [*range(10), RIGOROUS.confirmation_block]
    assert set(script.confirmed) == set(STACKS)
    assert all(200 < rate < 500 for rate in script.confirmed.values())  # below 1 / D of 2 ms


def test_locust_confirms_each_stack_in_one_block_only(play: Callable[..., list[Measurement]]) -> None:
    script = Script(WIDE)
    play(script, STANDARD)
    assert sorted(script.with_locust) == [(0, "fastapi"), (0, "flask")]


def test_a_stack_that_failed_is_not_tried_again_and_the_other_goes_on(play: Callable[..., list[Measurement]]) -> None:
    script = Script(WIDE)
    script.broken["flask"] = AppError("flask_app exited with code 3")
    measured = play(script, STANDARD)
    assert [one.block for one in measured if isinstance(one, StackFailed)] == [0]
    assert [block for block, stack in script.begun if stack == "flask"] == [0]
    assert finished(measured) == list(range(5))


def test_a_run_whose_stacks_all_failed_ends_after_one_block(play: Callable[..., list[Measurement]]) -> None:
    script = Script()
    script.broken = dict.fromkeys(STACKS, AppError("no"))
    assert finished(play(script, RIGOROUS)) == [0]


def test_a_run_that_is_stopped_fails_no_stack(play: Callable[..., list[Measurement]]) -> None:
    script = Script()
    script.broken = dict.fromkeys(STACKS, Stopped("stopped on request"))
    with pytest.raises(Stopped):
        play(script, QUICK)


@pytest.mark.parametrize("spread", [NARROW, WIDE])
@pytest.mark.parametrize("died_after", [1, 2, 3])
def test_a_later_attempt_decides_as_if_it_had_measured_all_blocks_itself(
    play: Callable[..., list[Measurement]], spread: float, died_after: int
) -> None:
    whole = play(Script(spread), STANDARD)
    known = [one for one in whole if isinstance(one, Window) and one.block < died_after]
    script = Script(spread)
    again = play(script, STANDARD, earlier=known, finished_blocks=frozenset(range(died_after)))
    assert finished(again) == finished(whole)[died_after:]
    assert script.with_locust == []
    assert _enough(again) == _enough(whole)


def _enough(measured: list[Measurement]) -> str:
    return next(one.reason for one in measured if isinstance(one, MeasuredEnough))


def test_an_attempt_that_finds_the_confirmation_done_measures_nothing_more(
    play: Callable[..., list[Measurement]],
) -> None:
    whole = play(Script(), RIGOROUS)
    script = Script()
    known = [one for one in whole if isinstance(one, Window)]
    again = play(script, RIGOROUS, earlier=known, finished_blocks=frozenset(finished(whole)))
    assert (finished(again), script.begun, script.confirmed) == ([], [], {})


def test_a_failure_of_an_earlier_attempt_stands(play: Callable[..., list[Measurement]]) -> None:
    failure = StackFailed(stack="flask", workload=WORKLOAD, block=0, reason="crashed")
    script = Script(WIDE)
    play(script, STANDARD, earlier=[failure], finished_blocks=frozenset({0}))
    assert {stack for _, stack in script.begun} == {"fastapi"}


def test_progress_never_goes_back_while_the_blocks_are_as_expected_and_ends_near_one(
    play: Callable[..., list[Measurement]],
) -> None:
    shares = [one.share for one in play(Script(WIDE), STANDARD) if isinstance(one, Progress)]
    assert shares == sorted(shares)
    assert 0.85 < shares[-1] <= 1


def test_a_later_attempt_shows_the_progress_of_the_whole_run(play: Callable[..., list[Measurement]]) -> None:
    known = [one for one in play(Script(WIDE), STANDARD) if isinstance(one, Window) and one.block < 3]
    again = play(Script(WIDE), STANDARD, earlier=known, finished_blocks=frozenset(range(3)))
    first = next(one for one in again if isinstance(one, Progress))
    assert 0.55 < first.share < 0.75
