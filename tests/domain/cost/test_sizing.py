"""Capacity on other hardware: speed, SMT, objective, workers, slots and memory."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.sizing import Basis, Carrying, DoesNotFit, carry, instance_capacity, pack, pooler_warning
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import CpuSpeed, HardwareProfile, Smt
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict, ServingLimits
from tests.domain.cases import candidate, capacity_of

SAME = carry(CpuSpeed(), CpuSpeed())


def machine(vcpus: int = 1, memory_mib: float = 8192, **changes: float) -> HardwareProfile:
    return replace(candidate(vcpus=vcpus, memory_mib=memory_mib).hardware, **changes)  # type: ignore[arg-type]


def rate_of(
    capacity: Capacity, hardware: HardwareProfile, carrying: Carrying = SAME, target: TrafficTarget | None = None
) -> float:
    target = target or TrafficTarget()
    return instance_capacity(capacity, carrying, pack(capacity, hardware, target.payload_bytes), target).rate


def test_the_best_basis_both_sides_have_is_taken() -> None:
    canary, published = CpuSpeed(canary=10.0, single_thread=3.0), CpuSpeed(single_thread=6.0)
    assert carry(canary, CpuSpeed(canary=20.0, single_thread=3.0)).basis is Basis.CANARY
    assert carry(canary, published).basis is Basis.PUBLISHED
    assert carry(CpuSpeed(canary=1.0), published).basis is Basis.VCPU
    assert [carry(canary, other).sigma for other in (canary, published, CpuSpeed())] == [0.07, 0.25, 0.35]


def test_twice_the_speed_halves_the_demand() -> None:
    carrying = carry(CpuSpeed(canary=10.0, smt=Smt.CORE), CpuSpeed(canary=20.0, smt=Smt.CORE))
    assert carrying.middle_ratio == 0.5


def test_the_smt_yield_counts_on_both_sides_and_never_twice() -> None:
    core, thread = (CpuSpeed(single_thread=3.0, smt=smt) for smt in (Smt.CORE, Smt.HYPERTHREAD))
    assert carry(core, thread).middle_ratio == pytest.approx(1 / 0.625)
    assert carry(thread, core).middle_ratio == pytest.approx(0.625)
    assert carry(thread, thread).middle_ratio == 1
    loaded = [
        CpuSpeed(canary=5.0, canary_on_all_vcpus=True, smt=Smt.CORE),
        CpuSpeed(canary=5.0, canary_on_all_vcpus=True, smt=Smt.HYPERTHREAD),
    ]
    assert carry(loaded[0], loaded[1]).middle_ratio == 1  # the canary held the yield already


def test_a_vcpu_for_a_core_is_printed_as_an_assumption() -> None:
    assert SAME.middle_ratio == 1
    assert "one vCPU does the work of one core" in SAME.assumption
    assert "sigma 0.35" in SAME.assumption


def test_the_objective_scales_with_the_work() -> None:
    capacity, target = capacity_of(), TrafficTarget(objective_ms=100.0)
    slow = carry(CpuSpeed(canary=2.0, smt=Smt.CORE), CpuSpeed(canary=1.0, smt=Smt.CORE))
    found = instance_capacity(capacity, slow, pack(capacity, machine(), 0), target)
    assert found.objective_host_ms == pytest.approx(50.0)
    assert found.knee == pytest.approx(capacity.knee(50.0))
    assert found.cpu_rate == pytest.approx(capacity.knee(50.0) / 0.004)


def test_a_machine_too_slow_for_the_objective_is_refused() -> None:
    capacity = capacity_of()
    slow = carry(CpuSpeed(canary=5.0, smt=Smt.CORE), CpuSpeed(canary=1.0, smt=Smt.CORE))
    with pytest.raises(ObjectiveTooStrict, match="too slow a machine for a p99 of 100 ms"):
        rate_of(capacity, machine(), slow)


def test_an_objective_the_host_missed_is_refused_with_its_lowest_p99() -> None:
    with pytest.raises(ObjectiveTooStrict, match="lowest p99 measured"):
        rate_of(capacity_of(), machine(), target=TrafficTarget(objective_ms=5.0))


@given(st.floats(min_value=0.6, max_value=5.0), st.floats(min_value=0.6, max_value=5.0))
def test_a_faster_core_never_carries_less(one: float, other: float) -> None:
    host, capacity = CpuSpeed(canary=1.0, smt=Smt.CORE), capacity_of()
    slow, fast = (carry(host, CpuSpeed(canary=speed, smt=Smt.CORE)) for speed in sorted((one, other)))
    assert rate_of(capacity, machine(), slow) <= rate_of(capacity, machine(), fast)


def test_more_vcpus_carry_more_but_each_a_little_less() -> None:
    capacity = capacity_of()
    one, eight = rate_of(capacity, machine(1)), rate_of(capacity, machine(8))
    assert 7 * one < eight < 8 * one


def test_contention_is_relative_to_the_workers_that_were_measured() -> None:
    four_workers = replace(capacity_of(), cores=4, limits=ServingLimits(workers=4))
    assert pack(four_workers, machine(4), 0).workers == 4
    assert rate_of(four_workers, machine(4)) == pytest.approx(4 * four_workers.knee(100) / 0.002)


def test_short_memory_means_fewer_workers_and_is_named() -> None:
    capacity = replace(capacity_of(), memory_p95_mib=900.0)
    target, small = TrafficTarget(), machine(4, memory_mib=2304)
    packing = pack(capacity, small, 0)
    assert (packing.workers, packing.cores, packing.memory_bound) == (2, 2, True)
    assert instance_capacity(capacity, SAME, packing, target).binding_constraint == "memory"


def test_a_worker_that_does_not_fit_is_refused() -> None:
    hungry = replace(capacity_of(), memory_p95_mib=4000.0)
    with pytest.raises(DoesNotFit, match="needs 4,000 MiB per worker"):
        pack(hungry, machine(2, memory_mib=4096), 0)


def test_slots_bind_work_that_waits() -> None:
    limits = ServingLimits(threads_per_worker=8, queries=2)
    waiting = replace(capacity_of(), limits=limits, waiting_s=0.1)
    target = TrafficTarget(objective_ms=400.0, database_rtt_ms=1.0)
    found = instance_capacity(waiting, SAME, pack(waiting, machine(2), 0), target)
    assert found.slot_rate == pytest.approx(0.8 * 16 / (0.002 + 0.1 + 0.002))
    assert found.binding_constraint == "slots"


def test_the_network_binds_large_answers() -> None:
    hardware = machine(8, network_mbit_s=100.0)
    target = TrafficTarget(payload_bytes=100_000)
    packing = pack(capacity_of(), hardware, target.payload_bytes)
    found = instance_capacity(capacity_of(), SAME, packing, target)
    assert found.rate == pytest.approx(125.0)
    assert found.binding_constraint == "network"


def test_too_many_connections_need_a_pooler() -> None:
    capacity = replace(capacity_of(), limits=ServingLimits(pool_per_worker=8))
    packing, target = pack(capacity, machine(4), 0), TrafficTarget()
    assert pooler_warning(capacity, packing, 3, target) is None  # 96 of 97
    assert pooler_warning(capacity, packing, 4, target) == "needs a pooler: 128 connections, the database allows 97"
