"""A machine with one core kept busy by a foreign process: the cost stays, in words, with a wider interval."""

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.measuring.measurement import Window
from estimator.domain.measuring.validity import judge_window
from estimator.domain.measuring.workload import QUICK, StepKind
from estimator.domain.performance.capacity import Capacity
from estimator.domain.performance.fitting import fit_capacity
from estimator.domain.reporting.projection import project
from estimator.domain.reporting.rendering import to_json
from tests.domain.cases import WORKLOAD, catalogue, measured_windows

FOREIGN_CORES = 1.0


def kept_busy(windows: list[Window], *, repeats: int = QUICK.maximum_repeats) -> Iterator[Window]:
    """The same windows as such a machine gives them: each judged void, repeated, and void again."""
    for number, one in enumerate(windows):
        use = replace(one.resources, foreign_cpu=FOREIGN_CORES)
        for repeat in range(repeats + 1):
            sequence = number * (repeats + 1) + repeat
            yield replace(one, resources=use, void=judge_window(use), repeat=repeat, sequence=sequence)


def fitted(windows: list[Window]) -> Capacity:
    capacity = fit_capacity(stack="fastapi", workload=WORKLOAD, windows=windows, objective_ms=100.0, run="7")
    assert isinstance(capacity, Capacity), capacity
    return capacity


@pytest.mark.parametrize("blocks", [1, 5])
def test_the_cost_stays_and_its_interval_is_half_as_wide_again(blocks: int) -> None:
    windows = measured_windows(blocks=blocks)
    calm, busy = fitted(windows), fitted(list(kept_busy(windows)))
    assert busy.rate(100) == pytest.approx(calm.rate(100))
    widths = [math.log(one.interval(100)[1] / one.interval(100)[0]) for one in (calm, busy)]
    assert widths[1] == pytest.approx(1.5 * widths[0], rel=0.02)


def slowed(windows: list[Window], speed: float) -> Iterator[Window]:
    """The same windows beside neighbours that take cache and memory bandwidth, with no repeat left."""
    for one in windows:
        use = replace(one.resources, canary_speed=speed, app_core_busy=0.9)
        yield replace(one, resources=use, void=judge_window(use))


def test_a_canary_that_lost_half_its_speed_makes_a_prior_as_wide_as_what_the_app_may_have_lost() -> None:
    windows = measured_windows()
    calm, slow = fitted(windows), fitted(list(slowed(windows, 0.5)))
    assert slow.slowness == pytest.approx(math.log(2))
    assert slow.sigma_prior == pytest.approx(math.hypot(1.5 * (calm.sigma_prior or 0), 2 * math.log(2)))
    assert slow.interval(100)[1] > 2 * calm.rate(100)


def test_a_canary_above_its_limit_widens_nothing() -> None:
    windows = measured_windows()
    mild = fitted(list(slowed(windows, 0.85)))
    assert (mild.slowness, mild.disturbed, mild.sigma_prior) == (0, False, fitted(windows).sigma_prior)


def test_the_label_says_what_was_wrong_how_often_and_what_follows() -> None:
    busy = fitted(list(kept_busy(measured_windows())))
    assert busy.disturbed
    (label,) = [warning for warning in busy.warnings if "disturbed" in warning]
    assert label == (
        "disturbed host, interval widened by 1.5: 4 of 4 open-loop windows stayed void,"
        " e.g. foreign processes used 1.00 cores (limit 0.25)"
    )


def test_every_cost_of_such_a_stack_says_so() -> None:
    """The rows that pages, API, exports and the command line show."""
    busy, target = fitted(list(kept_busy(measured_windows()))), TrafficTarget(requests_per_day=Decimal(10_000_000))
    answer = to_json(project(target=target, capacities=[busy], candidates=catalogue()), all_rows=True)
    assert answer["rows"]
    assert all(any("disturbed host" in warning for warning in row["warnings"]) for row in answer["rows"])


def test_a_late_generator_on_such_a_machine_is_the_machines_doing() -> None:
    late = measured_windows()[0].latency
    windows = [replace(one, lateness=late, generator_share=0.9) for one in kept_busy(measured_windows())]
    assert fitted(windows).disturbed


def test_a_machine_kept_busy_for_one_window_only_costs_a_repeat_and_no_label() -> None:
    first, *rest = measured_windows()
    spoilt = replace(first, void=("foreign processes used 1.00 cores (limit 0.25)",))
    again = [replace(one, sequence=one.sequence + 1) for one in rest]
    capacity = fitted([spoilt, replace(first, sequence=1, repeat=1), *again])
    assert not capacity.disturbed
    assert not any("disturbed" in warning for warning in capacity.warnings)


def test_a_saturation_that_stayed_void_widens_nothing() -> None:
    windows = [
        replace(one, void=("steal of 20 %",)) if one.kind is StepKind.SATURATION else one for one in measured_windows()
    ]
    assert not fitted(windows).disturbed
