"""Sigmas of speed from our own hosts: only once two of them measured the same, and told beside the cost."""

import math

import pytest

from estimator.domain.cost.sizing import Basis
from estimator.models import HardwareProfile, Stack
from estimator.queries.residuals import speed_sigmas
from tests.reports import measured_run

pytestmark = pytest.mark.django_db

FASTER = {stack: demand_s * 0.6 for stack, demand_s in measured_run.DEMANDS_S.items()}


def two_hosts() -> None:
    """The second takes 0.6 of the time, where its canary foretells one half."""
    measured_run.measure()
    measured_run.measure(host_name="faster", demands_s=FASTER)
    for name, canary in (("this-machine", 100.0), ("faster", 200.0)):
        HardwareProfile.objects.filter(name=name).update(canary_score=canary, vcpu_kind="core")


def test_one_host_leaves_the_stated_sigmas() -> None:
    measured_run.measure()
    measured_run.measure()
    assert speed_sigmas() == {}


def test_two_hosts_are_one_comparison_of_their_newest_runs() -> None:
    measured_run.measure(demands_s=dict.fromkeys(measured_run.DEMANDS_S, 0.01))  # an older run of the first
    two_hosts()

    found = speed_sigmas()

    assert found.keys() == {Basis.CANARY, Basis.VCPU}
    assert found[Basis.CANARY].comparisons == 1
    assert found[Basis.CANARY].sigma ** 2 == pytest.approx((math.log(0.6 / 0.5) ** 2 + 4 * 0.07**2) / 5, rel=0.02)


def test_stacks_that_no_longer_count_take_no_part() -> None:
    two_hosts()
    Stack.objects.update(active=False)
    assert speed_sigmas() == {}
