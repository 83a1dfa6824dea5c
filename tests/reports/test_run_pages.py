"""Runs on screen: the list, one run as it happens, starting and cancelling."""

from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from estimator.domain.measuring.measurement import Sender, Window
from estimator.domain.measuring.workload import RIGOROUS, StepKind
from estimator.models import BenchmarkPlan, Block, Run, RunState, TrialRecord
from estimator.queries import run_progress
from estimator.queries.window_rows import window_row
from estimator.services import recording, runs
from tests.reports import measured_run
from tests.services.benchmark_cast import lose

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def half_way() -> runs.Claim:
    """A run in which the first stack is measured and the second has just begun."""
    claim = measured_run.claimed()
    for measurement in islice(measured_run.measurements(measured_run.DEMANDS_S, failing={}), 14):
        recording.record(claim, measurement)
    return claim


def test_list_without_runs_says_what_to_do_next(viewer: Client) -> None:
    page = text(viewer.get("/runs/"))

    assert "Nothing was measured yet" in page
    assert 'href="/plans/"' in page


def test_list_shows_each_run_with_its_state(viewer: Client) -> None:
    measured_run.measure()
    half_way()

    page = text(viewer.get("/runs/"))

    assert "succeeded" in page
    assert "measuring" in page


def test_running_run_shows_step_windows_and_what_is_waited_for(viewer: Client) -> None:
    claim = half_way()

    page = text(viewer.get(f"/runs/{claim.run}/"))

    assert "flask: starting" in page
    assert "33 %" in page
    assert "Locust" in page
    assert "waiting" in page
    assert f'hx-get="/runs/{claim.run}/"' in page


def test_poll_gets_only_the_part_that_changes(viewer: Client) -> None:
    claim = half_way()

    answer = viewer.get(f"/runs/{claim.run}/", headers=HTMX)

    assert "<html" not in text(answer)
    assert "HX-Request" in answer["Vary"]
    assert "no-store" in answer["Cache-Control"]


def test_last_poll_loads_the_whole_page_and_polling_ends(viewer: Client) -> None:
    run = measured_run.measure().run

    assert viewer.get(f"/runs/{run.pk}/", headers=HTMX)["HX-Refresh"] == "true"
    assert "hx-trigger" not in text(viewer.get(f"/runs/{run.pk}/"))


def test_failed_stack_shows_its_reason_and_the_others_their_windows(viewer: Client) -> None:
    run = measured_run.measure(failing={"flask": "flask_app answered <500> under load"}).run

    page = text(viewer.get(f"/runs/{run.pk}/"))

    assert "flask_app answered &lt;500&gt; under load" in page
    assert page.count('class="figures compact"') == 2


def test_run_that_never_was_is_not_found(viewer: Client) -> None:
    assert viewer.get("/runs/987/").status_code == 404


def test_windows_on_screen_are_those_recorded() -> None:
    run = measured_run.measure().run

    stack = run_progress.stacks_of_run(run_id=run.pk)[0]

    assert stack.latest is not None
    saturation, *others = stack.latest.windows
    assert saturation.offered_rate is None
    assert [window.utilisation for window in others[:4]] == pytest.approx([0.70, 0.85, 0.93, 0.98], abs=0.01)
    assert all(window.p50_ms < window.p99_ms for window in others)  # type: ignore[operator]


def test_users_on_other_hosts_are_named_with_their_share(viewer: Client) -> None:
    claim, senders = measured_run.claimed(), (Sender(host="load-1", requests=1234, core_share=0.41),)
    for seen in islice(measured_run.measurements(measured_run.DEMANDS_S, failing={}), 14):
        by_users = isinstance(seen, Window) and seen.kind is StepKind.LOCUST
        recording.record(claim, replace(seen, senders=senders) if by_users else seen)  # type: ignore[arg-type]

    assert "from load-1: 1,234 requests, 41 % of a core" in text(viewer.get(f"/runs/{claim.run}/"))


def test_the_slowest_half_second_stands_below_the_canarys_mean() -> None:
    measured = measured_run.window("flask", 0.002, sequence=1, kind=StepKind.OPEN_LOOP, rho=0.5, offered=250)

    table = render_to_string("parts/window_table.html", {"rows": [window_row(measured)], "title": "Flask"})

    assert "93 % <small>81 %</small>" in " ".join(table.split())


def test_cancelled_run_tells_what_broke_off() -> None:
    claim = half_way()
    runs.cancel_run(claim.run, by="somebody")

    states = [stack.state for stack in run_progress.stacks_of_run(run_id=claim.run)]

    assert states == ["measured", "broken off", "not measured"]


def test_trials_of_a_lost_attempt_are_not_shown() -> None:
    claim = half_way()
    lose(claim)
    again = runs.claim_run(claim.run, host=measured_run.host())

    assert again is not None
    assert [stack.state for stack in run_progress.stacks_of_run(run_id=claim.run)] == ["waiting"] * 3


def test_a_rigorous_run_counts_the_blocks_it_has_and_names_its_last_round() -> None:
    run = measured_run.measure().run
    run.spec["profile"] = RIGOROUS.name
    run.save()
    last = RIGOROUS.most_blocks
    TrialRecord.objects.filter(run=run).update(finished=True)
    confirming = TrialRecord.objects.filter(run=run, stack__slug="flask")
    confirming.update(block=last)
    Block.objects.create(run=run, number=last, attempt=run.attempt, finished_at=timezone.now())

    rows = {row.stack: row for row in run_progress.stacks_of_run(run_id=run.pk)}
    flask = next(row for name, row in rows.items() if "Flask" in name)
    django = next(row for name, row in rows.items() if "Django" in name)

    assert (django.blocks_finished, django.blocks_planned) == (1, 1)
    assert flask.latest is not None
    assert (flask.latest.confirms, flask.blocks_finished) == (True, 0)


def test_open_runs_put_the_measuring_one_first() -> None:
    waiting = runs.request_run(plan=measured_run.register())
    claim = half_way()

    rows = run_progress.open_runs(now=timezone.now())

    assert [row.id for row in rows] == [claim.run, waiting.pk]


def test_operator_runs_a_plan_from_its_page(operator: Client) -> None:
    plan = measured_run.register()

    answer = operator.post(f"/plans/{plan.pk}/run/")

    run = Run.objects.get()
    assert answer["Location"] == f"/runs/{run.pk}/"
    assert run.requested_by is not None
    assert run.requested_by.get_username() == "operator"


def test_refusal_is_told_on_the_plans_page(operator: Client) -> None:
    plan = BenchmarkPlan.objects.create(name="Empty")

    page = text(operator.post(f"/plans/{plan.pk}/run/", follow=True))

    assert "has no stack that serves one of its workloads" in page
    assert not Run.objects.exists()


def test_operator_cancels_a_run(operator: Client) -> None:
    claim = half_way()

    page = text(operator.post(f"/runs/{claim.run}/cancel/", follow=True))

    assert Run.objects.get(pk=claim.run).state == RunState.CANCELLED
    assert "cancelled by operator" in page


def test_cancelling_an_ended_run_changes_nothing_and_says_so(operator: Client) -> None:
    run = measured_run.measure().run

    page = text(operator.post(f"/runs/{run.pk}/cancel/", follow=True))

    assert "had ended already" in page
    assert Run.objects.get(pk=run.pk).state == RunState.SUCCEEDED


def test_viewer_sees_no_buttons_and_may_not_use_them(viewer: Client) -> None:
    claim = half_way()
    plan = measured_run.register()

    assert "Cancel this run" not in text(viewer.get(f"/runs/{claim.run}/"))
    assert "Run now" not in text(viewer.get("/plans/"))
    assert viewer.post(f"/runs/{claim.run}/cancel/").status_code == 403
    assert viewer.post(f"/plans/{plan.pk}/run/").status_code == 403
    assert Run.objects.get(pk=claim.run).state == RunState.RUNNING


def test_plans_page_names_stacks_and_newest_run(viewer: Client) -> None:
    run = measured_run.measure().run

    page = text(viewer.get("/plans/"))

    assert "FastAPI on Uvicorn, Flask on Gunicorn, Django on Gunicorn" in page
    assert f'href="/runs/{run.pk}/"' in page
