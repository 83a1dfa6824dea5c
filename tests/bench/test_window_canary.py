"""The canary inside windows: it pulses on the app's cores, and tells a slower machine by its own CPU time."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.guarded_process import wait_until
from benchmarks.window_canary import Calm, WindowCanary, window_canary
from tests.bench.programs import CORES, never

LIMIT_S = 10.0
CALM = [0.0001] * 95 + [0.00011] * 5


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowCanary]:
    folder = tmp_path_factory.mktemp("canary")
    with window_canary(cores=CORES, log=folder / "canary.log", record_folder=folder / "records") as running:
        yield running


def test_it_pulses_on_and_each_pulse_has_its_cost(canary: WindowCanary) -> None:
    started_s = time.monotonic()
    assert wait_until(lambda: len(canary.costs_s(started_s, time.monotonic())) >= 5, limit_s=LIMIT_S, should_stop=never)
    costs_s = canary.costs_s(started_s, time.monotonic())
    assert all(0 < cost_s < 0.1 for cost_s in costs_s)


def test_only_pulses_between_the_two_moments_count(canary: WindowCanary) -> None:
    assert canary.costs_s(0.0, 0.0) == []
    assert canary.costs_s(time.monotonic() + 60, time.monotonic() + 120) == []


def test_its_own_cpu_time_can_be_read_so_that_it_is_not_foreign(canary: WindowCanary) -> None:
    assert wait_until(lambda: canary.tree.cpu_s() > 0, limit_s=LIMIT_S, should_stop=never)


def test_nothing_of_it_is_left_behind(tmp_path: Path) -> None:
    with window_canary(cores=CORES, log=tmp_path / "log", record_folder=tmp_path / "records") as running:
        assert wait_until(lambda: bool(running.tree.pids()), limit_s=LIMIT_S, should_stop=never)
        pids = running.tree.pids()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_window_of_calm_pulses_has_about_full_speed() -> None:
    assert Calm().speed(CALM) == pytest.approx(1.0, abs=0.01)


def test_a_slow_window_is_told_by_the_calm_ones_before_it() -> None:
    calm = Calm()
    calm.speed(CALM)
    assert calm.speed([cost_s * 2 for cost_s in CALM]) == pytest.approx(0.5, abs=0.01)


def test_calm_moments_of_a_window_are_enough_to_tell_that_the_rest_was_slow() -> None:
    assert Calm().speed([0.0001] * 10 + [0.0002] * 90) == pytest.approx(1 / 1.9, abs=0.01)


def test_a_calm_window_after_a_slow_one_is_not_called_slow() -> None:
    calm = Calm()
    calm.speed([cost_s * 2 for cost_s in CALM])
    assert calm.speed(CALM) == pytest.approx(1.0, abs=0.01)


def test_one_interrupt_is_no_speed() -> None:
    assert (Calm().speed([*CALM, 0.5]) or 0) > 0.95


def test_too_few_pulses_tell_nothing() -> None:
    assert Calm().speed(CALM[:10]) is None


@given(st.lists(st.floats(1e-5, 1e-2), min_size=20, max_size=60), st.floats(1e-2, 1e2))
def test_the_speed_is_a_ratio_free_of_the_machines_unit(costs_s: list[float], unit: float) -> None:
    one, other = Calm().speed(costs_s), Calm().speed([cost_s * unit for cost_s in costs_s])
    assert one == pytest.approx(other)


def test_a_burst_that_hides_in_the_mean_shows_in_the_slowest_half_second() -> None:
    calm, burst = Calm(), [0.0001] * 125 + [0.0002] * 25 + [0.0001] * 150
    speed = calm.speed(burst)

    assert speed is not None and speed > 0.9
    assert calm.slowest(burst) == pytest.approx(0.5, abs=0.01)


def test_a_window_shorter_than_half_a_second_has_no_slowest_one() -> None:
    calm = Calm()
    calm.speed(CALM)
    assert calm.slowest(CALM[:24]) is None


@given(st.lists(st.floats(1e-5, 1e-2), min_size=50, max_size=50))
def test_the_slowest_half_second_is_no_faster_than_the_whole_second(costs_s: list[float]) -> None:
    calm = Calm()
    speed, slowest = calm.speed(costs_s), calm.slowest(costs_s)
    assert speed is not None and slowest is not None
    assert slowest <= speed * (1 + 1e-9)
