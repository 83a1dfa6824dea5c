"""The validity gate: what voids a window, what refuses a cost, and what only labels it."""

from dataclasses import replace
from typing import Any

import pytest

from estimator.domain.measuring.measurement import Histogram, ResourceUse, Window
from estimator.domain.measuring.validity import is_cpu_bound, judge_stack, judge_window, lateness_limit_ms, may_repeat
from estimator.domain.measuring.workload import PROFILES, QUICK, StepKind
from tests.domain.cases import measured_windows, window

OBJECTIVE_MS = 100.0


def half(**changes: Any) -> Window:
    return window(rho=0.5, kind=StepKind.HALF_CAPACITY, sequence=9, **changes)


def locust(**changes: Any) -> Window:
    return window(rho=0.5, kind=StepKind.LOCUST, sequence=10, **changes)


def run(*more: Window) -> list[Window]:
    return [*measured_windows(), *(more or (half(), locust()))]


@pytest.mark.parametrize(
    ("use", "word"),
    [
        (ResourceUse(app_steal=0.101), "steal"),
        (ResourceUse(load_steal=0.26), "load"),
        (ResourceUse(foreign_cpu=0.3), "foreign"),
    ],
)
def test_a_disturbed_machine_voids_the_window(use: ResourceUse, word: str) -> None:
    (reason,) = judge_window(use)
    assert word in reason
    assert "limit" in reason


def test_a_canary_that_lost_a_fifth_of_its_speed_voids_the_window() -> None:
    (reason,) = judge_window(ResourceUse(app_core_busy=0.9, canary_speed=0.79))
    assert reason == "the canary ran at 0.79 of its calm speed (limit 0.8)"


def test_beside_an_idle_core_the_canary_tells_nothing() -> None:
    assert judge_window(ResourceUse(app_core_busy=0.6, canary_speed=0.5)) == ()


def test_mild_disturbance_voids_nothing() -> None:
    mild = ResourceUse(app_steal=0.10, load_steal=0.25, foreign_cpu=0.25, app_core_busy=0.9, canary_speed=0.81)
    assert judge_window(mild) == ()


def test_a_clean_run_has_neither_reasons_nor_warnings() -> None:
    validity = judge_stack(run(), objective_ms=OBJECTIVE_MS)
    assert (validity.reasons, validity.warnings) == ((), ())


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        (run(half(wrong=1), locust()), "wrong body"),
        (run(half(errors=20), locust()), "failed at half capacity"),
        (run(half(unsent=20), locust()), "failed at half capacity"),
        (run(half(generator_share=0.71), locust()), "generator was saturated"),
        (run(half(), locust(errors=20)), "Locust"),
    ],
)
def test_what_makes_the_answer_wrong_refuses_a_cost(windows: list[Window], words: str) -> None:
    assert words in judge_stack(windows, objective_ms=OBJECTIVE_MS).reasons[0]


def test_without_a_half_capacity_step_the_slowest_window_stands_in() -> None:
    windows = measured_windows()
    windows[1] = replace(windows[1], errors=50)
    assert "half capacity" in judge_stack(windows, objective_ms=OBJECTIVE_MS).reasons[0]


def test_errors_at_full_load_are_the_knees_business() -> None:
    windows = run()
    windows[4] = replace(windows[4], errors=500)
    assert judge_stack(windows, objective_ms=OBJECTIVE_MS).reasons == ()


@pytest.mark.parametrize(("objective_ms", "limit_ms"), [(100.0, 10.0), (25.0, 2.5), (5.0, 1.0)])
def test_lateness_is_bounded_by_the_objective(objective_ms: float, limit_ms: float) -> None:
    assert lateness_limit_ms(objective_ms) == pytest.approx(limit_ms)


def test_a_late_generator_refuses_a_cost_under_a_strict_objective_only() -> None:
    late = [replace(one, lateness=Histogram.of([100] * 900 + [5_000] * 100)) for one in run()]
    assert "late" in judge_stack(late, objective_ms=20.0).reasons[0]
    assert judge_stack(late, objective_ms=100.0).reasons == ()


def test_a_generator_that_was_late_only_while_the_machine_was_disturbed_refuses_nothing() -> None:
    late = Histogram.of([100] * 900 + [50_000] * 100)
    windows = [replace(one, lateness=late) if one.sequence == 2 else one for one in run()]
    calm = [one for one in windows if one.sequence != 2]
    assert judge_stack(windows, objective_ms=OBJECTIVE_MS, undisturbed=calm).reasons == ()


def test_lateness_counts_over_all_windows_together() -> None:
    """One late window of many is below the 99th percentile of all arrivals; late throughout is not."""
    calm, late = Histogram.of([100] * 9900), Histogram.of([50_000] * 90)
    once = [replace(one, lateness=late if one.sequence == 2 else calm) for one in run()]
    throughout = [replace(one, lateness=late) for one in run()]
    assert judge_stack(once, objective_ms=OBJECTIVE_MS).reasons == ()
    assert "late" in judge_stack(throughout, objective_ms=OBJECTIVE_MS).reasons[0]


def test_one_error_in_a_thousand_at_half_capacity_is_tolerated_and_more_is_not() -> None:
    at_limit = half(completed=999, errors=1)
    beyond = half(completed=998, errors=2)
    assert judge_stack(run(at_limit), objective_ms=OBJECTIVE_MS).reasons == ()
    assert "failed at half capacity" in judge_stack(run(beyond), objective_ms=OBJECTIVE_MS).reasons[0]


@pytest.mark.parametrize("kind", list(StepKind))
def test_a_wrong_body_refuses_a_cost_in_whichever_window_it_came_even_a_void_one(kind: StepKind) -> None:
    wrong = window(rho=0.5, kind=kind, sequence=8, wrong=1, void=("steal of 20 %",))
    validity = judge_stack(run(), objective_ms=OBJECTIVE_MS, recorded=[*run(), wrong])
    assert "wrong body" in validity.reasons[0]


@pytest.mark.parametrize(
    ("repeat", "took_s", "left_s", "again"),
    [(0, 4.0, 8.0, True), (2, 4.0, 8.0, True), (3, 4.0, 8.0, False), (0, 4.0, 3.9, False), (1, 4.0, 4.0, True)],
)
def test_a_void_window_is_repeated_three_times_at_most_and_inside_its_time(
    repeat: int, took_s: float, left_s: float, again: bool
) -> None:
    assert may_repeat(repeat=repeat, most=QUICK.maximum_repeats, took_s=took_s, left_s=left_s) is again


def test_every_profile_allows_three_repeats_but_the_one_for_tests() -> None:
    allowed = {name: profile.maximum_repeats for name, profile in PROFILES.items()}
    assert allowed == {"quick": 3, "standard": 3, "rigorous": 3, "smoke": 1}


def test_a_void_window_decides_nothing() -> None:
    voided = replace(half(errors=500, generator_share=0.9), void=("steal",))
    assert judge_stack(run(voided, half(), locust()), objective_ms=OBJECTIVE_MS).reasons == ()


@pytest.mark.parametrize(
    ("confirmation", "words"),
    [
        (locust(offered_rate=400.0), "Locust achieved 250 of 400 req/s"),
        (locust(resources=ResourceUse(app_cpu_s=0.002 * 750 * 1.2)), "CPU per request under Locust is 1.20"),
    ],
)
def test_a_second_engine_that_disagrees_labels_the_cost(confirmation: Window, words: str) -> None:
    validity = judge_stack(run(half(), confirmation), objective_ms=OBJECTIVE_MS)
    assert validity.reasons == ()
    assert words in validity.warnings[0]


def test_the_p99_of_the_second_engine_is_never_judged() -> None:
    slow = locust(latency=Histogram.of([900_000] * 750))
    assert judge_stack(run(half(), slow), objective_ms=OBJECTIVE_MS).warnings == ()


def test_idle_cores_at_saturation_label_the_cost() -> None:
    windows = run()
    windows[0] = replace(windows[0], resources=replace(windows[0].resources, app_core_busy=0.6))
    assert not is_cpu_bound(windows)
    assert "not CPU-bound" in judge_stack(windows, objective_ms=OBJECTIVE_MS).warnings[0]


def test_a_wrong_body_is_named_by_what_the_generator_saw_first() -> None:
    wrong = half(wrong=3, notes=("GET /user: another body than expected",))
    reason = judge_stack(run(wrong, locust()), objective_ms=OBJECTIVE_MS).reasons[0]
    assert "3 answers had the wrong body, e.g. GET /user: another body than expected" in reason


@pytest.mark.parametrize(("closed", "labels"), [(0, 0), (3, 0), (700, 1)])
def test_a_server_that_closes_its_connections_is_measured_with_a_label(closed: int, labels: int) -> None:
    validity = judge_stack(run(half(reconnects=closed), locust()), objective_ms=OBJECTIVE_MS)
    assert validity.reasons == ()
    assert len(validity.warnings) == labels
    assert all("the server closed its connection after" in label for label in validity.warnings)
