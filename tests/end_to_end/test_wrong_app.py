"""An app that answers wrongly gets no cost, only the reason; the others are reported."""

from estimator.domain.performance.capacity import Capacity, RefusedStack
from estimator.models import Run, RunState
from estimator.queries import measurements
from estimator.queries.projections import cost_report, standing_target, target_value
from tests.end_to_end.running_service import STACKS, WRONG


def test_the_run_succeeds_with_the_others(run: Run) -> None:
    assert run.state == RunState.SUCCEEDED
    outcomes = {one.stack.slug: one.outcome for one in measurements.measured_stacks(run_id=run.pk)}
    assert set(outcomes) == {*STACKS, WRONG}
    assert isinstance(outcomes[WRONG], RefusedStack)


def test_the_reason_names_the_app_and_the_difference(run: Run) -> None:
    (reason,) = measurements.failure_reasons(run_id=run.pk)
    assert reason.startswith(f"{WRONG}: flask_app-wrong gave no correct response on /user")
    assert "another body than expected" in reason


def test_it_gets_no_cost_and_the_others_are_not_held_back(run: Run) -> None:
    target = standing_target()
    assert target is not None
    report = cost_report(target=target_value(target), smoke=True)
    assert WRONG not in {row.stack for row in report.rows}
    assert WRONG in {stack.stack for stack in report.projection.refused}
    others = [one.outcome for one in report.measured if one.stack.slug != WRONG]
    assert all("body" not in str(outcome) for outcome in others if not isinstance(outcome, Capacity))
