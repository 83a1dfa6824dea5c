"""Capacity: fitted from windows, refused with reasons, and drawn with honest spread."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.domain.measuring.measurement import StackFailed, Window
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict, RefusedStack, ServingLimits
from estimator.domain.performance.fitting import fit_capacity
from estimator.domain.statistics import student_t_quantile
from tests.domain.cases import WORKLOAD, capacity_of, measured_windows, mm1_knee, window


def fit(windows: list[Window], **changes: object) -> Capacity | RefusedStack:
    values: dict[str, object] = {"stack": "fastapi", "workload": WORKLOAD, "objective_ms": 100.0, **changes}
    return fit_capacity(windows=windows, **values)  # type: ignore[arg-type]


def fitted(windows: list[Window], **changes: object) -> Capacity:
    capacity = fit(windows, **changes)
    assert isinstance(capacity, Capacity)
    return capacity


def test_capacity_is_the_knee_times_cores_over_demand() -> None:
    capacity = capacity_of(demand_s=0.002)
    assert capacity.service_demand_s == pytest.approx(0.002)
    assert capacity.rate(100) == pytest.approx(capacity.knee(100) / 0.002)
    assert capacity.rate(100) == pytest.approx(mm1_knee(0.002, 100) / 0.002, rel=0.03)


def test_saturation_is_a_cross_check_that_never_enters() -> None:
    windows = measured_windows()
    slow_saturation = replace(windows[0], completed=10, resources=replace(windows[0].resources, app_cpu_s=2.9))
    with_it, without = fitted([slow_saturation, *windows[1:]]), fitted(windows)
    assert with_it.rate(100) == without.rate(100)
    assert with_it.saturation_rate == pytest.approx(10 / 3)
    assert any("saturation" in warning for warning in with_it.warnings)


def test_demand_comes_from_windows_at_high_load() -> None:
    windows = measured_windows()
    idle = window(rho=0.3, sequence=9, resources=replace(windows[1].resources, app_cpu_s=2.0))
    assert fitted([*windows, idle]).service_demand_s == pytest.approx(0.002)


def test_low_load_alone_is_labelled() -> None:
    capacity = fitted([window(rho=0.4), window(rho=0.5, sequence=2)])
    assert any("below a utilisation of 0.7" in warning for warning in capacity.warnings)


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([0.0004, 0.001, 0.003]), st.sampled_from([1, 5]))
def test_doubling_the_demand_halves_the_capacity_at_the_scaled_objective(demand_s: float, blocks: int) -> None:
    one, two = capacity_of(demand_s=demand_s, blocks=blocks), capacity_of(demand_s=2 * demand_s, blocks=blocks)
    assert two.rate(200) == pytest.approx(one.rate(100) / 2, rel=0.02)


@settings(max_examples=20, deadline=None)
@given(st.floats(min_value=35, max_value=2000), st.floats(min_value=35, max_value=2000))
def test_stricter_slo_never_raises_capacity(one_ms: float, other_ms: float) -> None:
    capacity = capacity_of(blocks=5)
    strict, loose = min(one_ms, other_ms), max(one_ms, other_ms)
    assert capacity.rate(strict) <= capacity.rate(loose)
    draws = replace(capacity, disturbed=True).draws(500, seed=1)
    assert (draws.rates(strict, 1) <= draws.rates(loose, 1) * (1 + 1e-12)).all()


def test_an_objective_never_seen_to_hold_is_refused_with_the_lowest_p99() -> None:
    with pytest.raises(ObjectiveTooStrict, match=r"lowest p99 measured was 3\d\.\d ms, so nothing is known at 5 ms"):
        capacity_of().knee(5)


def test_a_wrong_body_refuses_the_stack() -> None:
    refused = fit([*measured_windows(), window(kind=StepKind.HALF_CAPACITY, sequence=9, wrong=2)])
    assert isinstance(refused, RefusedStack)
    assert "wrong body" in refused.reasons[0]


def test_a_stack_that_failed_in_any_block_gets_no_cost() -> None:
    failure = StackFailed(stack="fastapi", workload=WORKLOAD, block=1, reason="fastapi_app exited with code 3")
    other = StackFailed(stack="flask", workload=WORKLOAD, block=1, reason="not mine")
    refused = fit(measured_windows(), failures=[failure, other])
    assert isinstance(refused, RefusedStack)
    assert refused.reasons == ("fastapi_app exited with code 3",)


def test_no_windows_is_a_refusal_and_not_a_number() -> None:
    refused = fit([])
    assert isinstance(refused, RefusedStack)
    assert "no open-loop window" in refused.reasons[0]


def test_a_repeat_replaces_the_void_window_before_it() -> None:
    windows = measured_windows()
    spoilt = replace(windows[2], void=("steal of 20 %",), resources=replace(windows[2].resources, app_cpu_s=9.0))
    repeated = replace(windows[2], repeat=1, sequence=3)
    later = [replace(one, sequence=one.sequence + 1) for one in windows[3:]]
    capacity = fitted([*windows[:2], spoilt, repeated, *later])
    assert not capacity.disturbed
    assert capacity.service_demand_s == pytest.approx(0.002)


def test_a_step_that_stays_disturbed_keeps_its_cost_with_a_label_and_half_as_wide_again() -> None:
    windows = measured_windows(blocks=5)
    disturbed = [
        replace(one, void=("steal of 20 %",)) if (one.block, one.sequence) == (2, 3) else one for one in windows
    ]
    calm, noisy = fitted(windows), fitted(disturbed)
    assert noisy.disturbed
    assert any("disturbed host" in warning for warning in noisy.warnings)
    calm_width = math.log(calm.interval(100)[1] / calm.interval(100)[0])
    noisy_width = math.log(noisy.interval(100)[1] / noisy.interval(100)[0])
    assert noisy_width > 1.25 * calm_width  # half as wide again, from one window less


@pytest.mark.parametrize(("blocks", "disturbed", "sigma"), [(1, False, 0.15), (2, False, 0.15), (1, True, 0.225)])
def test_too_few_blocks_have_the_stated_prior(blocks: int, disturbed: bool, sigma: float) -> None:
    capacity = replace(capacity_of(blocks=blocks), disturbed=disturbed)
    rates = capacity.draws(20_000, seed=3).rates(100, 1)
    assert float(np.log(rates).std()) == pytest.approx(sigma, rel=0.03)
    assert any("indicative" in warning for warning in capacity.warnings)


def test_draws_of_the_demand_are_the_t_interval_of_the_blocks() -> None:
    capacity = capacity_of(blocks=5, spread=0.05)
    logs = np.log([block.service_demand_s for block in capacity.blocks])
    half = student_t_quantile(0.95, 4) * logs.std(ddof=1) / math.sqrt(5)
    deviations = np.sort(np.log(capacity.draws(40_000, seed=2).service_demand_s / capacity.service_demand_s))
    # The knee's stretch adds a little; alone, the demand has exactly this spread.
    assert half * 0.95 <= deviations[38_000] <= half * 1.3


def test_stacks_of_one_run_are_paired_by_block() -> None:
    """Two stacks that met the same weather differ surely, although each alone is uncertain."""
    weather = [0.8, 1.3, 0.9, 1.2, 1.0]
    slow_and_fast = []
    for stack, demand_s in (("fastapi", 0.002), ("flask", 0.0022)):
        windows = [
            window(stack=stack, demand_s=demand_s * factor, rho=rho, block=block, sequence=number)
            for block, factor in enumerate(weather)
            for number, rho in enumerate((0.7, 0.85, 0.93, 0.98), start=1)
        ]
        slow_and_fast.append(fitted(windows, stack=stack, run="9").draws(5000, seed=1).service_demand_s)
    ratio = np.log(slow_and_fast[1] / slow_and_fast[0])
    assert float(ratio.std()) < 0.1 * float(np.log(slow_and_fast[0]).std())


def test_draws_are_repeatable_and_differ_by_seed() -> None:
    capacity = capacity_of(blocks=5)
    first, again, other = (capacity.draws(1000, seed=seed).rates(100, 1) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_slots_bound_a_stack_that_waits() -> None:
    limits = ServingLimits(workers=2, threads_per_worker=4, pool_per_worker=2, pool_held=True)
    waiting = replace(capacity_of(), limits=limits, waiting_s=0.1)
    assert limits.slots_per_worker == 2
    assert waiting.rate(100) == pytest.approx(0.8 * 4 / (0.002 + 0.1))  # Little's law
    assert replace(waiting, limits=ServingLimits()).rate(100) == waiting.cpu_rate(100)


def test_memory_database_and_cold_start_are_told() -> None:
    capacity = fitted(measured_windows(blocks=3), cold_starts_s=[0.9, 0.5, 0.7])
    assert capacity.memory_p95_mib == 85.0
    assert capacity.database_demand_s == pytest.approx(2e-4)
    assert capacity.cold_start_s == 0.7
