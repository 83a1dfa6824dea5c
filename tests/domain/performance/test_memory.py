import math
from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.measuring.measurement import ResourceUse, Window
from estimator.domain.measuring.workload import QUICK, SMOKE, STANDARD, Profile, StepKind
from estimator.domain.performance.capacity import Capacity, RefusedStack
from estimator.domain.performance.fitting import fit_capacity
from estimator.domain.performance.memory import LEAK_MIB_S, growth_labels, leak_reasons, memory_use
from tests.domain.cases import WORKLOAD, measured_windows

PAUSE_S = 0.5  # connections are primed before each window


def steps(profile: Profile) -> list[tuple[StepKind, float]]:
    """Each step of a trial and its length."""
    return [
        (StepKind.WARM_UP, profile.warm_up_s),
        (StepKind.SATURATION, profile.saturation_s),
        *[(StepKind.OPEN_LOOP, profile.window_s + profile.discard_s)] * len(profile.window_rates),
        (StepKind.HALF_CAPACITY, profile.half_capacity_s + profile.discard_s),
        (StepKind.LOCUST, profile.half_capacity_s + 2),
    ]


def trial(
    memory_mib: Callable[[float], float], profile: Profile = QUICK, *, noise: tuple[float, ...] = (), block: int = 0
) -> list[Window]:
    """The windows of one trial whose memory follows a function of the seconds since its start."""
    kinds, lengths = zip(*steps(profile), strict=True)
    ends_s = list(accumulate(length + PAUSE_S for length in lengths))
    jitter = [*noise, *[0.0] * len(ends_s)]
    return [
        Window(
            stack="fastapi",
            workload=WORKLOAD,
            block=block,
            sequence=number,
            kind=kind,
            offered_rate=None,
            duration_s=1.0,
            scheduled=100,
            sent=100,
            completed=100,
            resources=ResourceUse(app_cpu_s=1, memory_mib=memory_mib(end_s) + jitter[number], memory_at_s=900 + end_s),
        )
        for number, (kind, end_s) in enumerate(zip(kinds, ends_s, strict=True))
    ]


noises = st.lists(st.floats(-1, 1), max_size=8).map(tuple)


@given(st.floats(1, 100), st.floats(10, 4000), noises)
def test_a_leak_of_one_mib_a_second_is_caught_even_in_quick(rate: float, start_mib: float, noise: tuple[float]) -> None:
    (reason,) = leak_reasons(trial(lambda at_s: start_mib + rate * at_s, noise=noise))
    assert "MiB/s" in reason
    assert "leaks" in reason


@given(st.floats(0, 20), st.floats(0.1, 6), st.floats(10, 4000), noises)
def test_growth_in_the_first_seconds_is_no_leak(
    grown_mib: float, time_constant_s: float, start_mib: float, noise: tuple[float]
) -> None:
    def warming_up(at_s: float) -> float:
        return start_mib + grown_mib * (1 - math.exp(-at_s / time_constant_s))

    assert leak_reasons(trial(warming_up, noise=noise)) == []
    assert leak_reasons(trial(warming_up, STANDARD, noise=noise)) == []


@given(st.floats(0, 200), st.floats(0, 60), st.floats(0, 200), st.floats(0, 60))
def test_two_large_allocations_at_any_time_are_no_leak(first: float, at_s: float, second: float, then_s: float) -> None:
    windows = trial(lambda now_s: 80 + first * (now_s >= at_s) + second * (now_s >= then_s))
    assert leak_reasons(windows) == []


@given(st.floats(-100, 0), noises)
def test_memory_that_is_given_back_is_no_leak(rate: float, noise: tuple[float]) -> None:
    assert leak_reasons(trial(lambda at_s: 9000 + rate * at_s, noise=noise)) == []


@given(st.floats(1, 50))
def test_a_leak_per_request_is_caught_though_the_last_windows_carry_half_the_load(rate: float) -> None:
    half_load_from_s = sum(length + PAUSE_S for _, length in steps(QUICK)[:-2])
    windows = trial(lambda at_s: 80 + rate * (min(at_s, half_load_from_s) + max(0, at_s - half_load_from_s) / 2))
    assert leak_reasons(windows)


def test_slow_growth_that_fades_over_ten_seconds_is_no_leak() -> None:
    assert leak_reasons(trial(lambda at_s: 80 + 40 * (1 - math.exp(-at_s / 10)))) == []


def test_a_run_of_a_few_seconds_tells_nothing() -> None:
    windows = trial(lambda at_s: 80 + at_s, SMOKE)[:4]
    assert leak_reasons(windows) == []
    assert memory_use(windows).slope_mib_s is None


def test_windows_without_a_moment_tell_no_slope() -> None:
    windows = measured_windows()
    assert memory_use(windows).slope_mib_s is None
    assert memory_use(windows).p95_mib == 85


def test_what_hundreds_of_connections_hold_is_neither_growth_nor_load() -> None:
    calm = trial(lambda at_s: 80.0, STANDARD)
    use = replace(calm[-1].resources, memory_mib=300.0)
    crowd = replace(calm[-1], kind=StepKind.CROWD, sequence=99, resources=use)
    assert growth_labels([*calm, crowd]) == leak_reasons([*calm, crowd]) == []
    assert memory_use([*calm, crowd], idle_mib=[70.0]).p95_mib == 80.0


def test_blocks_are_compared_with_themselves_only() -> None:
    """Each is a fresh process: that one is larger than the other is no growth."""

    def held(mib: float) -> Callable[[float], float]:
        return lambda _: mib

    windows = [one for block in range(5) for one in trial(held(80 + 50.0 * block), STANDARD, block=block)]
    assert leak_reasons(windows) == []
    assert memory_use(windows).slope_mib_s == 0


def test_slope_is_that_of_the_leak_and_disturbed_windows_count() -> None:
    windows = [replace(one, void=("steal",)) for one in trial(lambda at_s: 80 + 2.5 * at_s)]
    assert memory_use(windows).slope_mib_s == pytest.approx(2.5)


def test_small_steady_growth_is_a_label_and_large_one_a_reason() -> None:
    slow, fast = trial(lambda at_s: 80 + 0.2 * at_s), trial(lambda at_s: 80 + 2 * LEAK_MIB_S * at_s)
    assert (len(leak_reasons(slow)), len(growth_labels(slow))) == (0, 1)
    assert (len(leak_reasons(fast)), len(growth_labels(fast))) == (1, 0)
    assert "0.20 MiB/s" in growth_labels(slow)[0]


def test_peak_includes_the_warm_up_and_idle_is_the_median_of_the_fresh_processes() -> None:
    windows = trial(lambda at_s: 200 if at_s < 5 else 90)
    use = memory_use(windows, idle_mib=[61, 60, 80])
    assert (use.peak_mib, use.p95_mib, use.idle_mib) == (200, 90, 61)
    assert memory_use([]).peak_mib is None


def test_a_leaking_stack_gets_no_capacity_but_the_reason() -> None:
    grown = [
        replace(one, resources=replace(one.resources, memory_mib=80 + 4 * number, memory_at_s=4 * number))
        for number, one in enumerate(measured_windows(blocks=1))
    ]
    sound = fit_capacity(stack="fastapi", workload=WORKLOAD, windows=measured_windows(blocks=1), objective_ms=100)
    leaking = fit_capacity(stack="fastapi", workload=WORKLOAD, windows=grown, objective_ms=100)
    assert isinstance(sound, Capacity)
    assert isinstance(leaking, RefusedStack)
    assert any("1.00 MiB/s" in reason for reason in leaking.reasons)


def test_capacity_carries_memory_and_every_cold_start() -> None:
    fitted = fit_capacity(
        stack="fastapi",
        workload=WORKLOAD,
        windows=measured_windows(blocks=3),
        objective_ms=100,
        cold_starts_s=[0.9, 0.5, 0.6],
        idle_memory_mib=[60, 62, 61],
    )
    assert isinstance(fitted, Capacity)
    assert fitted.cold_starts_s == (0.9, 0.5, 0.6)
    assert fitted.cold_start_s == 0.6
    assert fitted.memory.idle_mib == 61
    assert fitted.memory.p95_mib == fitted.memory_p95_mib == 85
