"""The picture of a set-up search: every set-up a point, the front a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.performance.capacity import RefusedStack
from estimator.domain.performance.setups import Setup, SetupResult
from estimator.reports.setup_front import setup_front


def result(workers: int, rate: float | None, memory_mib: float | None, *, on_front: bool = False) -> SetupResult:
    return SetupResult(
        setup=Setup(values=(("workers", workers),), default=workers == 1),
        outcome=RefusedStack(stack="flask", workload="user_lookup", reasons=()),
        rate_per_core=rate,
        memory_mib=memory_mib,
        on_front=on_front,
    )


def test_the_front_runs_from_little_memory_to_much_capacity_and_leaves_the_others_out() -> None:
    front = setup_front([result(4, 900, 200, on_front=True), result(2, 800, 120, on_front=True), result(1, 700, 180)])

    assert front is not None
    best, small, shipped = front.dots
    assert front.line == f"M{small.x} {small.y}L{best.x} {best.y}"
    assert small.x < shipped.x < best.x
    assert best.y < small.y < shipped.y  # the picture's origin is at the top
    assert (best.label, small.label, shipped.label) == ("4 workers", "2 workers", "1 worker (as shipped)")
    assert best.title == "4 workers: 900 req/s per core, 200 MiB"


def test_a_set_up_without_a_figure_is_no_point_and_one_point_is_no_picture() -> None:
    assert setup_front([result(1, 700, 100), result(2, None, None), result(4, 900, None)]) is None
    assert setup_front([]) is None


def test_a_front_of_one_has_no_line() -> None:
    front = setup_front([result(1, 700, 100), result(2, 800, 90, on_front=True)])

    assert front is not None and not front.line


figures = st.tuples(st.floats(0.5, 1e5), st.floats(1, 1e5))


@given(measured=st.lists(figures, min_size=2, max_size=24))
def test_every_point_lies_inside_the_axes_and_ticks_rise(measured: list[tuple[float, float]]) -> None:
    front = setup_front([result(n, rate, memory) for n, (rate, memory) in enumerate(measured, start=1)])

    assert front is not None
    assert all(front.left <= dot.x <= front.right and front.top <= dot.y <= front.bottom for dot in front.dots)
    for axis in (front.x, front.y):
        assert list(axis.ticks) == sorted(set(axis.ticks)) and 2 <= len(axis.ticks) <= 9
    for (_, memory), dot in zip(measured, front.dots, strict=True):
        assert front.x.low <= memory <= front.x.high
        assert dot.x == pytest.approx(front.left + front.x.share(memory) * (front.right - front.left), abs=0.1)
