"""The main job on real servers, processes and load: three stacks, through Celery, to windows and an answer."""

import pytest

from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import Capacity
from estimator.models import Run, RunEvent, RunState
from estimator.queries import measurements
from estimator.queries.projections import NotMeasured, cost_report, standing_target, target_value
from tests.end_to_end.running_service import STACKS, WRONG


def test_a_run_of_several_stacks_succeeds(run: Run) -> None:
    assert (run.state, run.reason) == (RunState.SUCCEEDED, "")
    assert {one.stack.slug for one in measurements.measured_stacks(run_id=run.pk)} == {*STACKS, WRONG}


@pytest.mark.parametrize("stack", STACKS)
def test_each_stack_has_every_step_of_the_protocol_in_order(run: Run, stack: str) -> None:
    measured = {one.stack.slug: one for one in measurements.measured_stacks(run_id=run.pk)}[stack]
    kinds = list(dict.fromkeys(window.kind for window in measured.windows))
    assert kinds[:4] == [StepKind.WARM_UP, StepKind.SATURATION, StepKind.OPEN_LOOP, StepKind.HALF_CAPACITY]
    assert kinds[4:] in ([], [StepKind.LOCUST]), "Locust confirms where a capacity was found"


@pytest.mark.parametrize("stack", STACKS)
def test_each_window_counts_what_it_sent_and_what_it_cost(run: Run, stack: str) -> None:
    measured = {one.stack.slug: one for one in measurements.measured_stacks(run_id=run.pk)}[stack]
    for window in measured.windows:
        assert window.completed > 0
        assert window.completed + window.errors + window.wrong + window.unsent == window.scheduled
        assert window.latency.total == window.completed
        assert 0 < window.resources.app_cpu_s <= 1.2 * window.duration_s * window.resources.app_cores
        assert (window.wrong, window.errors) == (0, 0)


@pytest.mark.parametrize("stack", STACKS)
def test_each_stack_tells_cold_start_memory_and_versions(run: Run, stack: str) -> None:
    measured = {one.stack.slug: one for one in measurements.measured_stacks(run_id=run.pk)}[stack]
    assert all(seconds > 0 for seconds in measured.cold_starts_s)
    assert (measured.idle_memory_mib or 0) > 10
    assert stack in measured.versions


def test_each_stack_is_costed_or_refused_with_a_reason(run: Run) -> None:
    target = standing_target()
    assert target is not None
    report = cost_report(target=target_value(target), smoke=True)
    costed = {row.stack for row in report.rows}
    refused = {stack.stack: stack.reasons for stack in report.projection.refused}
    assert costed | set(refused) == {*STACKS, WRONG}
    assert all(reasons for reasons in refused.values())
    assert all(isinstance(one.outcome, Capacity) or one.outcome.reasons for one in report.measured)


def test_a_smoke_run_prices_nothing(run: Run) -> None:
    target = standing_target()
    assert target is not None
    with pytest.raises(NotMeasured, match="make demo"):
        cost_report(target=target_value(target))


def test_the_event_log_tells_the_run_from_request_to_end(run: Run) -> None:
    kinds = list(RunEvent.objects.filter(run=run).values_list("kind", flat=True))
    assert kinds == ["requested", "claimed", "stack_failed", "block_finished", "succeeded"]
