"""Work that waits for something else than the processor: slots, response time and objective keep the two apart."""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.sizing import carry, instance_capacity, objective_on_host_ms, pack
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.measuring.measurement import Histogram, ResourceUse, Window
from estimator.domain.measuring.workload import STATEMENTS, StepKind, Trial
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict, ServingLimits, serving_limits
from estimator.domain.performance.fitting import fit_capacity
from estimator.domain.performance.stopping import estimated_rate
from tests.domain.cases import WORKLOAD, candidate, capacity_of, measured_windows, window

WAIT_S, DEMAND_S = 0.1, 0.002
Settings = Mapping[str, str | int | bool]
THREADS: Settings = {"workers": 1, "threads": 8, "pool_size": 8}
EVENT_LOOP: Settings = {"workers": 2, "threads": "event loop", "pool_size": 8}


def delayed(histogram: Histogram, delay_us: int) -> Histogram:
    """Each latency so much later, to the resolution of the histogram."""
    total = histogram.total
    ends_us = [1000 * (histogram.percentile_ms(100 * (rank + 0.5) / total) or 0) for rank in range(0, total, 10)]
    return Histogram.of([int(end) + delay_us for end in ends_us for _ in range(10)][:total])


def waiting_windows(rates: Sequence[float] = (0.7, 0.85, 0.93)) -> list[Window]:
    """An event loop whose requests each wait 100 ms for somebody else, at these utilisations, and at 0.45."""
    windows = [window(demand_s=DEMAND_S, rho=rho, sequence=number) for number, rho in enumerate(rates, 1)]
    windows.append(window(demand_s=DEMAND_S, rho=0.45, sequence=9, kind=StepKind.HALF_CAPACITY))
    return [replace(one, latency=delayed(one.latency, int(WAIT_S * 1e6))) for one in windows]


def fitted(windows: list[Window], objective_ms: float = 250.0) -> Capacity:
    capacity = fit_capacity(stack="fastapi", workload=WORKLOAD, windows=windows, objective_ms=objective_ms)
    assert isinstance(capacity, Capacity)
    return capacity


@pytest.mark.parametrize("workload", sorted(STATEMENTS))
def test_a_request_holds_a_pool_connection_only_where_it_sends_statements(workload: str) -> None:
    limits = serving_limits(EVENT_LOOP, workload=workload)

    assert limits.queries == STATEMENTS[workload]
    assert limits.pool_held == (STATEMENTS[workload] > 0)
    assert limits.slots_per_worker == (8 if limits.pool_held else None)


def test_threads_bound_whatever_is_asked_of_them() -> None:
    assert serving_limits(THREADS, workload="upstream").slots_per_worker == 8
    assert serving_limits({**THREADS, "threads": 4}, workload="user_lookup").slots_per_worker == 4


def test_threads_beside_an_event_loop_bound_nothing() -> None:
    both = {**THREADS, "event_loop": "uvloop"}

    assert serving_limits(both, workload="upstream").slots_per_worker is None
    assert serving_limits({**THREADS, "event_loop": "none"}, workload="upstream").slots_per_worker == 8


def test_a_workload_of_ones_own_is_taken_to_hold_no_connection() -> None:
    assert serving_limits(EVENT_LOOP, workload="thumbnails") == ServingLimits(workers=2, pool_per_worker=8)


def test_waiting_is_what_the_processor_does_not_explain() -> None:
    assert fitted(waiting_windows()).waiting_s == pytest.approx(WAIT_S, rel=0.02)


def test_a_queue_for_the_processor_is_no_waiting() -> None:
    assert capacity_of().waiting_s == pytest.approx(0.0, abs=1e-4)


def test_half_of_the_capacity_asked_for_obeys_the_slots() -> None:
    windows, trial = waiting_windows(), Trial(stack="fastapi", workload=WORKLOAD)

    free = estimated_rate(trial, windows, (), 250.0, limits=ServingLimits())
    bound = estimated_rate(trial, windows, (), 250.0, limits=ServingLimits(threads_per_worker=8))

    assert free == fitted(windows).cpu_rate(250.0)
    assert bound == pytest.approx(0.8 * 8 / (WAIT_S + DEMAND_S), rel=0.02)


def test_nothing_is_estimated_where_the_wait_alone_exceeds_the_objective() -> None:
    trial = Trial(stack="fastapi", workload=WORKLOAD)

    assert estimated_rate(trial, waiting_windows(), (), 100.0, limits=ServingLimits()) is None


def test_only_work_takes_longer_on_a_slower_machine() -> None:
    capacity, target = fitted(waiting_windows()), TrafficTarget(objective_ms=250.0)
    machine = candidate(vcpus=1, memory_mib=8192).hardware
    slower = carry(CpuSpeed(canary=2.0, smt=Smt.CORE), CpuSpeed(canary=1.0, smt=Smt.CORE))

    found = instance_capacity(capacity, slower, pack(capacity, machine, 0), target)

    assert found.objective_host_ms == pytest.approx(100 + 150 / 2, rel=0.01)
    assert found.service_demand_s == pytest.approx(2 * DEMAND_S)
    assert found.response_s == pytest.approx(2 * DEMAND_S + WAIT_S, rel=0.02)


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_an_objective_below_the_wait_is_refused_on_any_machine(speed: float) -> None:
    capacity, target = fitted(waiting_windows()), TrafficTarget(objective_ms=90.0)
    machine = candidate(vcpus=1, memory_mib=8192).hardware
    carrying = carry(CpuSpeed(canary=1.0, smt=Smt.CORE), CpuSpeed(canary=speed, smt=Smt.CORE))

    with pytest.raises(ObjectiveTooStrict):
        instance_capacity(capacity, carrying, pack(capacity, machine, 0), target)


@given(wait_s=st.floats(0, 0.2), objective_ms=st.floats(1, 2000), ratio=st.floats(0.1, 10), faster=st.floats(0.1, 1))
def test_a_faster_machine_never_asks_more_of_the_host(
    wait_s: float, objective_ms: float, ratio: float, faster: float
) -> None:
    capacity = replace(capacity_of(), waiting_s=wait_s)
    slow, fast = objective_on_host_ms(capacity, objective_ms, np.array([ratio, ratio * faster]))

    assert min(slow, fast) > 0
    if objective_ms >= wait_s * 1000:
        assert fast >= slow * (1 - 1e-9)
    else:
        assert max(slow, fast) < wait_s * 1000 or math.isclose(max(slow, fast), wait_s * 1000, abs_tol=0.002)


def test_windows_of_a_busy_processor_tell_the_same_capacity_with_a_half_window_or_without() -> None:
    windows = measured_windows()
    half = window(rho=0.4, sequence=9, kind=StepKind.HALF_CAPACITY)

    assert fitted([*windows, half], 100.0).rate(100.0) == fitted(windows, 100.0).rate(100.0)


# --- a server whose eight threads are full before its processor is


def eight_threads(seconds: float = 15.0) -> list[Window]:
    """Windows of an M/D/8 queue with 103 ms of service, 3 ms of them CPU, at shares of what eight threads carry."""
    service_s, demand_s = 0.103, 0.003
    most = 8 / service_s
    windows = [window(sequence=0, kind=StepKind.SATURATION, duration_s=seconds, **counted(most, seconds, demand_s))]  # type: ignore[arg-type]
    for number, share in enumerate((0.7, 0.85, 0.93, 0.98), 1):
        answered = queued(share * most, seconds, service_s, seed=number)
        seen = counted(len(answered) / seconds, seconds, demand_s)
        seen |= {"offered_rate": share * most, "latency": Histogram.of([int(one * 1e6) for one in answered])}
        windows.append(window(sequence=number, duration_s=seconds, **seen))  # type: ignore[arg-type]
    return windows


def counted(rate: float, seconds: float, demand_s: float) -> dict[str, object]:
    requests = round(rate * seconds)
    busy = ResourceUse(app_cpu_s=demand_s * requests, app_core_busy=demand_s * rate)
    return {"scheduled": requests, "sent": requests, "completed": requests, "resources": busy}


def queued(rate: float, seconds: float, service_s: float, *, seed: int) -> list[float]:
    """Response times in seconds, first come first served by eight."""
    arrivals = np.cumsum(np.random.default_rng(seed).exponential(1 / rate, round(2 * rate * seconds)))
    free_at, responses = [0.0] * 8, []
    for arrival in arrivals[arrivals < seconds].tolist():
        end = max(arrival, heapq.heappop(free_at)) + service_s
        heapq.heappush(free_at, end)
        responses.append(end - arrival)
    return responses


def test_the_knee_of_full_threads_lies_between_the_rates_that_held_and_those_that_did_not() -> None:
    windows = eight_threads()
    capacity = fitted(windows, 300.0)

    p99s_ms = {one.achieved_rate: one.latency.percentile_ms(99) or 0.0 for one in windows[1:]}
    held = [rate for rate, p99_ms in p99s_ms.items() if p99_ms <= 300]
    broke = [rate for rate, p99_ms in p99s_ms.items() if p99_ms > 300]
    assert not capacity.cpu_bound
    assert max(held) * 0.95 <= capacity.cpu_rate(300.0) <= min(broke) * 1.05


def test_the_interval_of_full_threads_holds_what_they_carry() -> None:
    capacity = replace(fitted(eight_threads(), 300.0), limits=ServingLimits(threads_per_worker=8))
    low, high = capacity.interval(300.0)

    assert capacity.rate(300.0) == capacity.slot_rate
    assert low <= capacity.rate(300.0) <= high * 1.01
