"""An app that misbehaves is a failed stack whose reason names the cause; the other stacks' results stand."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from estimator.domain.measuring.measurement import BlockFinished
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import SIGMA_FEW_BLOCKS, Capacity, RefusedStack
from tests.bench.bad_apps import LONGER, BadHost, BadRun, serving

# Verification and priming take some 150 answers: what comes later is under load.
STACKS = {
    "sound": serving("right"),
    "closing": serving("close_each"),
    "crashing": (sys.executable, "-c", "import sys; print('no such setting: POOL', flush=True); sys.exit(3)", "{fd}"),
    "silent": (sys.executable, "-c", "import time; time.sleep(60)", "{fd}"),
    "other": serving("wrong_body"),
    "failing": serving("error:200"),
    "hanging": serving("hang:200"),
    "dying": serving("die:200"),
    "dying while verified": serving("die:50"),
    "dying while primed": serving("die:115"),
}
REASONS = {
    "crashing": "exited with code 3: no such setting: POOL",
    "silent": "gave no correct response on /health within 0.5 s (no answer)",
    "other": 'another body than expected: {"message": "Hello, Wrong!"}',
    "failing": "status 500 instead of 200",
    "hanging": "no answer within 1 s",
    "dying": "exited with code 3: out of memory, said the app",
    "dying while verified": "exited with code 3: out of memory, said the app",
    "dying while primed": "exited with code 3: out of memory, said the app",
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> BadHost:
    return BadHost(folder=tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="module")
def run(host: BadHost) -> BadRun:
    """One run with all of them."""
    return host.measured(STACKS)


@pytest.mark.parametrize("slug", REASONS)
def test_a_bad_app_gets_no_cost_but_a_reason_that_names_the_cause(run: BadRun, slug: str) -> None:
    assert REASONS[slug] in run.failure(slug)
    assert isinstance(run.outcome(slug), RefusedStack)


@pytest.mark.parametrize("slug", ["failing", "hanging", "dying"])
def test_what_goes_wrong_only_under_load_was_right_before(run: BadRun, slug: str) -> None:
    assert run.started(slug)
    assert slug not in run.finished()


def test_the_other_stacks_results_stand(run: BadRun) -> None:
    assert run.finished() == {"sound", "closing"}
    assert isinstance(run.measured[-1], BlockFinished)
    kinds = {window.kind for window in run.windows("sound")}
    assert {StepKind.SATURATION, StepKind.OPEN_LOOP, StepKind.HALF_CAPACITY} <= kinds
    assert all(window.errors + window.wrong == 0 for window in run.windows("sound"))
    assert not any("closed" in label for label in run.outcome("sound").warnings)


def test_an_app_that_closes_each_connection_is_measured_with_a_label_that_says_so(run: BadRun) -> None:
    windows = run.windows("closing")
    assert all(window.completed and window.reconnects for window in windows)
    assert any("the server closed" in label for label in run.outcome("closing").warnings)


def test_a_leak_and_a_lapse_under_load_are_found_in_seconds(host: BadHost) -> None:
    found = host.measured({"leaking": serving("leak"), "lapsing": serving("lapse")}, LONGER)

    leaking = found.outcome("leaking")
    assert isinstance(leaking, RefusedStack)
    assert any("memory grew steadily under load" in reason for reason in leaking.reasons)
    assert "GET /json: another body than expected" in found.failure("lapsing")
    assert found.started("lapsing")
    assert "lapsing" not in found.finished()


def test_a_foreign_process_on_the_apps_core_voids_every_window_and_widens_the_interval(host: BadHost) -> None:
    with busy(host.cores.app[0]):
        found = host.measured({"sound": serving("right")})

    assert found.finished() == {"sound"}
    judged = [window for window in found.windows("sound") if window.kind is not StepKind.WARM_UP]
    assert judged
    assert all(any("foreign processes used" in reason for reason in window.void) for window in judged)
    disturbed = found.outcome("sound")
    assert isinstance(disturbed, Capacity)
    assert any("disturbed host, interval widened by 1.5" in label for label in disturbed.warnings)
    undisturbed = 2 * 1.2816 * SIGMA_FEW_BLOCKS  # of an 80 % interval
    assert log_width(disturbed) > 1.45 * undisturbed  # more where the canary was slow, too


@contextmanager
def busy(core: int) -> Iterator[None]:
    """A process that is not ours keeps a core busy."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) as loop:
        try:
            os.sched_setaffinity(loop.pid, {core})
            yield
        finally:
            loop.kill()


def log_width(capacity: Capacity) -> float:
    """Of the interval, at an objective that any machine meets."""
    low, high = capacity.interval(60_000)
    return math.log(high / low)
