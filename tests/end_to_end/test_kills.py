"""Things are broken for real while a run is measuring."""

import time

import psutil

from estimator.models import Run, RunEvent, RunState, TrialRecord
from estimator.queries import measurements
from estimator.services import runs
from tests.end_to_end.running_service import RunningService, ended, requested, smoke_plan, wait_for

ENDS = {RunState.SUCCEEDED.value, RunState.FAILED.value, RunState.CANCELLED.value}


def measuring(service: RunningService, run: Run) -> list[psutil.Process]:
    """The processes of the attempt once an app runs in it."""
    wait_for(service.app, within_s=60, what="an app under test runs")
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    return service.attempt()


def all_gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def ends_of(run: Run) -> list[str]:
    return [event.kind for event in RunEvent.objects.filter(run=run) if event.kind in ENDS]


def test_a_killed_worker_leaves_nothing_comes_back_and_its_run_goes_on(service: RunningService) -> None:
    run = requested(smoke_plan("flask"))
    attempt = measuring(service, run)
    worker = service.worker()
    assert worker is not None
    worker.kill()
    wait_for(lambda: all_gone(attempt), within_s=10, what="no process of the attempt is left")
    wait_for(lambda: service.worker() not in (None, worker), within_s=30, what="the worker is back")
    ended(run, within_s=100)
    assert run.state == RunState.SUCCEEDED
    assert run.attempt == 2
    assert ends_of(run) == [RunState.SUCCEEDED.value]


def test_a_killed_app_is_a_failed_stack_with_a_reason_and_the_other_goes_on(service: RunningService) -> None:
    run = requested(smoke_plan("flask", "django"))
    measuring(service, run)
    app = service.app()
    assert app is not None
    tree = [app, *app.children(recursive=True)]
    victim = app.cwd().rpartition("/")[2].removesuffix("_app")
    app.kill()
    wait_for(lambda: all_gone(tree), within_s=10, what="no process of the app is left")
    ended(run, within_s=100)
    assert run.state == RunState.SUCCEEDED
    assert ends_of(run) == [RunState.SUCCEEDED.value]
    (reason,) = measurements.failure_reasons(run_id=run.pk)
    assert reason.startswith(f"{victim}: ")
    assert "exited with code 137" in reason
    unharmed = TrialRecord.objects.filter(run=run, finished=True, failure="").values_list("stack__slug", flat=True)
    assert list(unharmed) == [name for name in ("flask", "django") if name != victim]


def test_a_cancelled_run_is_over_at_once_and_its_processes_within_five_seconds(service: RunningService) -> None:
    run = requested(smoke_plan("flask"))
    attempt = measuring(service, run)
    cancelled_at = time.monotonic()
    assert runs.cancel_run(run.pk, by="a tester")
    wait_for(lambda: all_gone(attempt), within_s=5, what="the attempt's processes end")
    run.refresh_from_db()
    assert (run.state, run.reason) == (RunState.CANCELLED, "cancelled by a tester")
    assert time.monotonic() - cancelled_at < 6
    assert ends_of(run) == [RunState.CANCELLED.value]


def test_the_host_is_free_again_after_all_that(service: RunningService) -> None:
    run = ended(requested(smoke_plan("flask")), within_s=100)
    assert run.state == RunState.SUCCEEDED
