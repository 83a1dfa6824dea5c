"""The small pictures of latency against rate: common axes, own colours, every window at its place."""

import re

import pytest

from estimator.queries.measurements import measured_stacks
from estimator.reports.chart import SERIES_STYLES, style_of
from estimator.reports.latency_panels import Panels, latency_panels
from estimator.templatetags import figures
from tests.reports import full_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def panels() -> Panels:
    run = full_house.measure(stacks=["flask", "hybrid"])
    found = latency_panels(measured_stacks(run_id=run.pk), objective_ms=100)
    assert found is not None
    return found


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)]


def test_each_window_is_a_point_and_a_void_one_a_cross(panels: Panels) -> None:
    flask, hybrid = panels.panels

    assert [len(places(panel.p99)) for panel in panels.panels] == [5, 5]
    assert [len(places(panel.p50)) for panel in panels.panels] == [5, 5]
    assert (len(places(flask.void)), hybrid.void) == (1, "")


def test_points_lie_between_the_axes_and_p99_above_p50(panels: Panels) -> None:
    for panel in panels.panels:
        for (x, high), (same_x, low) in zip(places(panel.p99), places(panel.p50), strict=True):
            assert x == same_x
            assert panels.left <= x <= panels.right
            assert panels.top <= high < low <= panels.bottom


def test_curve_goes_through_every_planned_rate_from_left_to_right(panels: Panels) -> None:
    for panel in panels.panels:
        across = [x for x, _ in places(panel.curve_p99)]
        assert len(across) == 5
        assert across == sorted(across)


def test_capacity_lies_inside_its_band(panels: Panels) -> None:
    for panel in panels.panels:
        assert panel.capacity_band is not None
        left, width = panel.capacity_band
        assert panel.capacity_x is not None
        assert left <= panel.capacity_x <= left + width


def test_stack_keeps_its_colour_whichever_others_are_shown(panels: Panels) -> None:
    assert [panel.style for panel in panels.panels] == [1, 6]
    assert [style_of(place) for place in (1, 7, 8)] == [0, 6, 0]
    assert figures.SERIES_STYLES == SERIES_STYLES
    assert [figures.series(place) for place in range(1, 20)] == [style_of(place) for place in range(1, 20)]


def test_stacks_without_open_loop_windows_have_no_picture() -> None:
    run = full_house.measure(stacks=["flask", "django"], failing={("flask", "user_lookup"): "it hung"})

    found = latency_panels(measured_stacks(run_id=run.pk), objective_ms=100)

    assert found is not None
    assert [panel.title for panel in found.panels] == ["Django on Gunicorn"]
    assert latency_panels([], objective_ms=100) is None
