"""Which windows count where some stayed void."""

from dataclasses import replace

import pytest

from estimator.domain.measuring.measurement import Window
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import Capacity
from estimator.domain.performance.fitting import fit_capacity
from estimator.domain.performance.settling import settle
from tests.domain.cases import WORKLOAD, measured_windows, window

OBJECTIVE_MS = 100.0
FOREIGN = "foreign processes used 1.20 cores (limit 0.25)"
SLOW = "the canary ran at 0.66 of its calm speed (limit 0.8)"


def stalled(one: Window) -> Window:
    """The window as a machine gives it that somebody else kept busy: void, and every request late."""
    late = window(stack=one.stack, demand_s=0.002, rho=0.999, block=one.block, sequence=one.sequence)
    return replace(late, offered_rate=one.offered_rate, void=(FOREIGN,))


def spoil(windows: list[Window], *numbers: int, block: int = 0) -> list[Window]:
    """The open-loop windows with these numbers (from 0) of a block, stalled."""
    opened = [one for one in windows if one.kind is StepKind.OPEN_LOOP and one.block == block]
    spoilt = [opened[number] for number in numbers]
    return [stalled(one) if one in spoilt else one for one in windows]


def fitted(windows: list[Window]) -> Capacity:
    found = fit_capacity(stack="fastapi", workload=WORKLOAD, windows=windows, objective_ms=OBJECTIVE_MS)
    assert isinstance(found, Capacity), found
    return found


@pytest.mark.parametrize("blocks", [1, 5])
def test_a_spoilt_rate_decides_nothing_where_sound_ones_suffice(blocks: int) -> None:
    calm = fitted(measured_windows(blocks=blocks))
    spoilt = fitted(spoil(measured_windows(blocks=blocks), 0))
    assert spoilt.rate(OBJECTIVE_MS) == pytest.approx(calm.rate(OBJECTIVE_MS), rel=0.05)
    assert spoilt.slowness == 0


def test_the_stack_is_still_labelled_and_its_interval_wider() -> None:
    spoilt = fitted(spoil(measured_windows(), 0))
    assert spoilt.disturbed
    assert any("1 of 4 open-loop windows stayed void" in label for label in spoilt.warnings)


def test_with_fewer_than_two_sound_rates_in_a_block_spoilt_ones_count() -> None:
    kept, _ = settle(spoil(measured_windows(blocks=2), 1, 2, 3), objective_ms=OBJECTIVE_MS)
    assert sum(one.kind is StepKind.OPEN_LOOP for one in kept) == 8
    assert not any(one.void for one in kept)


def test_where_no_sound_rate_met_the_objective_spoilt_ones_count() -> None:
    windows = spoil(measured_windows(), 0)
    strict_ms = min(one.latency.percentile_ms(99) or 0 for one in windows if one.kind is StepKind.OPEN_LOOP)
    counts = [
        sum(one.kind is StepKind.OPEN_LOOP for one in settle(windows, objective_ms=objective_ms)[0])
        for objective_ms in (strict_ms / 2, OBJECTIVE_MS)
    ]
    assert counts == [4, 3]


def test_of_spoilt_repeats_the_least_disturbed_counts_whatever_it_measured() -> None:
    first, *_ = (one for one in measured_windows() if one.kind is StepKind.OPEN_LOOP)
    mild, hard = (replace(first.resources, canary_speed=speed) for speed in (0.78, 0.66))
    repeats = [
        replace(first, resources=mild, void=(SLOW,)),
        replace(first, resources=hard, void=(SLOW,), repeat=1, sequence=first.sequence + 1),
        replace(first, resources=mild, void=(SLOW, FOREIGN), repeat=2, sequence=first.sequence + 2),
    ]
    (kept,), _ = settle(repeats, objective_ms=OBJECTIVE_MS)
    assert (kept.repeat, kept.void, kept.notes) == (0, (), (SLOW,))


def test_a_sound_repeat_replaces_a_spoilt_one_without_a_label() -> None:
    first, *rest = measured_windows()
    again = replace(first, repeat=1, sequence=1)
    later = [replace(one, sequence=one.sequence + 1) for one in rest]
    kept, labels = settle([replace(first, void=(FOREIGN,)), again, *later], objective_ms=OBJECTIVE_MS)
    assert again in kept
    assert (len(kept), labels) == (1 + len(rest), [])
