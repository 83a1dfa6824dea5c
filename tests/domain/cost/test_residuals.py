"""Our own residuals of speed: what two hosts say of the sigma that a carried capacity has."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.residuals import FULL, HostDemand, own_sigmas
from estimator.domain.cost.sizing import SIGMA_EPS, Basis, OwnSigma, carry
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import CpuSpeed, Smt
from estimator.domain.reporting.projection import project
from estimator.domain.reporting.trace import explain
from tests.domain.cases import candidate, capacity_of


def on_host(host: str, canary: float, residual: float = 0.0, *, subject: str = "flask/json") -> HostDemand:
    """Work that took exp(residual) times what the canary foretold."""
    speed = CpuSpeed(canary=canary, smt=Smt.CORE)
    return HostDemand(subject=subject, host=host, speed=speed, service_demand_s=0.1 / canary * math.exp(residual))


def test_without_two_hosts_the_stated_sigma_stays() -> None:
    assert own_sigmas([]) == {}
    assert own_sigmas([on_host("a", 10.0), on_host("a", 10.0, 0.3)]) == {}
    assert own_sigmas([on_host("a", 10.0), on_host("b", 20.0, subject="django/json")]) == {}


def test_one_comparison_moves_the_sigma_by_a_fifth_of_the_way() -> None:
    found = own_sigmas([on_host("a", 10.0), on_host("b", 20.0, 0.2)])[Basis.CANARY]
    assert found.comparisons == 1
    assert found.sigma**2 == pytest.approx((0.2**2 + 4 * 0.07**2) / 5)


def test_from_five_comparisons_on_our_own_residuals_stand_alone() -> None:
    rng = np.random.default_rng(3)
    deviations = 0.03 / math.sqrt(2) * rng.standard_normal(12)  # of each host; a pair differs by 0.03
    hosts = [on_host(f"host-{number:02}", 10.0 + number, one) for number, one in enumerate(deviations)]
    found = own_sigmas(hosts)[Basis.CANARY]
    assert found.comparisons == 11 > FULL
    assert found.sigma**2 == pytest.approx(2 * np.var(deviations, ddof=1))  # of a difference, without the prior


def test_all_stacks_of_a_pair_of_hosts_are_one_comparison() -> None:
    stacks = [(f"{stack}/json", residual) for stack, residual in (("flask", 0.1), ("django", 0.3))]
    pairs = [
        one
        for subject, residual in stacks
        for one in (on_host("a", 10.0, subject=subject), on_host("b", 20.0, residual, subject=subject))
    ]
    found = own_sigmas(pairs)[Basis.CANARY]
    assert found.comparisons == 1
    assert found.sigma**2 == pytest.approx(((0.1**2 + 0.3**2) / 2 + 4 * 0.07**2) / 5)


def test_each_basis_is_judged_by_what_it_foretold() -> None:
    hosts = [
        HostDemand(
            subject="s", host=name, speed=CpuSpeed(single_thread=single, smt=Smt.CORE), service_demand_s=demand_s
        )
        for name, single, demand_s in (("a", 3.0, 0.002), ("b", 6.0, 0.001))
    ]
    found = own_sigmas(hosts)
    assert found.keys() == {Basis.PUBLISHED, Basis.VCPU}  # neither ran the canary
    assert found[Basis.PUBLISHED].sigma ** 2 == pytest.approx(4 * 0.25**2 / 5)  # it foretold half the time, exactly
    assert found[Basis.VCPU].sigma ** 2 == pytest.approx((math.log(2) ** 2 + 4 * 0.35**2) / 5)


@given(st.lists(st.tuples(st.floats(1, 100), st.floats(-1, 1)), min_size=2, max_size=8), st.floats(0.1, 10))
def test_neither_the_order_of_hosts_nor_the_unit_of_time_matters(hosts: list[tuple[float, float]], unit: float) -> None:
    demands = [on_host(str(number), canary, residual) for number, (canary, residual) in enumerate(hosts)]
    scaled = [
        HostDemand(subject=one.subject, host=one.host, speed=one.speed, service_demand_s=one.service_demand_s * unit)
        for one in reversed(demands)
    ]
    one, other = own_sigmas(demands)[Basis.CANARY], own_sigmas(scaled)[Basis.CANARY]
    assert one.sigma == pytest.approx(other.sigma)
    assert one.comparisons == other.comparisons == len(hosts) - 1


def test_own_sigmas_widen_the_interval_and_stand_in_the_arithmetic() -> None:
    capacity = capacity_of("flask", blocks=5, host=CpuSpeed(canary=10.0, smt=Smt.CORE))
    offer = candidate(speed=CpuSpeed(canary=10.0, smt=Smt.CORE))
    target = TrafficTarget(requests_per_day=Decimal(10**10))
    own = {Basis.CANARY: OwnSigma(sigma=0.21, comparisons=2)}
    stated, ours = (
        project(target=target, capacities=[capacity], candidates=[offer], draws=2000, sigmas=sigmas).rows[0]
        for sigmas in ({}, own)
    )
    assert ours.monthly_cost.p90 > stated.monthly_cost.p90
    assert ours.monthly_cost.p10 < stated.monthly_cost.p10
    assert ours.assumptions == (
        "speed from canary: 1.00 of the host per vCPU (sigma 0.21 from 2 comparisons of our own hosts)",
    )
    carried = next(step for step in explain(ours) if step.name.startswith("service demand on"))
    assert carried.inputs[1].origin == "canary, sigma 0.21 from 2 comparisons of our own hosts"
    assert carry(capacity.host, offer.hardware.speed).sigma == SIGMA_EPS[Basis.CANARY]
