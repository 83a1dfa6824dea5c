"""Benchmark plans: refused when they would measure nothing, run with one press."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from estimator.models import BenchmarkPlan, Run, Stack, Workload
from estimator.services import runs
from tests.admin.cast import address, errors, signed_in, text
from tests.services.benchmark_cast import a_plan, a_stack

pytestmark = pytest.mark.django_db


def entered(*stacks: Stack, workloads: tuple[str, ...] = ("user_lookup",), **values: Any) -> dict[str, Any]:
    """The form as a browser sends it."""
    return {
        "name": "Ours",
        "stacks": [stack.pk for stack in stacks],
        "workloads": [Workload.objects.get(slug=slug).pk for slug in workloads],
        "profile": "quick",
        "objective_ms": "100",
        "_save": "Save",
    } | values


def run_address(plan: BenchmarkPlan) -> str:
    return address(plan, "run")


def test_an_operator_enters_a_plan() -> None:
    stack = a_stack("fastapi")

    assert signed_in("operator").post(address(BenchmarkPlan, "add"), entered(stack)).status_code == 302

    plan = BenchmarkPlan.objects.get()
    assert (list(plan.stacks.all()), plan.profile) == ([stack], "quick")


def test_a_stack_that_serves_no_chosen_workload_is_refused_at_the_stacks() -> None:
    response = signed_in("operator").post(
        address(BenchmarkPlan, "add"), entered(a_stack("fastapi"), a_stack("json-app", workloads=("json",)))
    )

    assert errors(response) == {
        "stacks": ["json-app serves none of the chosen workloads; untick it, or add a workload."],
    }


def test_a_workload_that_no_chosen_stack_serves_is_refused_at_the_workloads() -> None:
    stack = a_stack("fastapi")
    a_stack("json-app", workloads=("json",))

    response = signed_in("operator").post(
        address(BenchmarkPlan, "add"), entered(stack, workloads=("user_lookup", "json"))
    )

    assert errors(response) == {"workloads": ["No chosen stack serves json; untick it, or add a stack."]}


@pytest.mark.parametrize(
    ("field", "value"), [("stacks", []), ("workloads", []), ("name", ""), ("objective_ms", "0"), ("profile", "endless")]
)
def test_an_incomplete_plan_is_refused_at_the_field(field: str, value: Any) -> None:
    response = signed_in("operator").post(address(BenchmarkPlan, "add"), entered(a_stack("fastapi")) | {field: value})

    assert list(errors(response)) == [field]


def test_a_stack_whose_folder_is_gone_cannot_be_chosen() -> None:
    gone = a_stack("gone", active=False)

    response = signed_in("operator").post(address(BenchmarkPlan, "add"), entered(gone))

    assert "stacks" in errors(response)
    assert not BenchmarkPlan.objects.exists()


def test_what_a_plan_measured_before_a_change_is_in_its_history() -> None:
    plan, operator = a_plan(stacks=("fastapi",)), signed_in("operator")
    flask = a_stack("flask")

    operator.post(address(plan, "change"), entered(flask, name=plan.name))

    page = text(operator.get(address(plan, "history")))
    assert "fastapi" in page and "flask" in page and "operator-person" in page


@pytest.mark.parametrize("role", ["operator", "admin", "superuser"])
def test_pressing_run_now_leads_to_the_live_page(role: str) -> None:
    plan, client = a_plan(), signed_in(role)
    assert "Run now" in text(client.get(address(plan, "change")))

    response = client.post(run_address(plan))

    run = Run.objects.get()
    assert response["Location"] == f"/runs/{run.pk}/"
    assert run.requested_by is not None
    assert run.requested_by.username.startswith(role)


@pytest.mark.parametrize("role", ["viewer", "analyst", "stranger"])
def test_who_may_not_run_sees_no_button_and_is_refused(role: str) -> None:
    plan, client = a_plan(), signed_in(role)

    assert "Run now" not in text(client.get(address(plan, "change")))
    assert client.post(run_address(plan)).status_code == 403
    client.post(address(BenchmarkPlan, "changelist"), {"action": "run_now", "_selected_action": [plan.pk]})

    assert not Run.objects.exists()


def test_following_a_link_never_starts_a_run() -> None:
    assert signed_in("operator").get(run_address(a_plan())).status_code == 405
    assert not Run.objects.exists()


def test_a_plan_that_is_gone_is_not_found() -> None:
    plan = a_plan()
    where = run_address(plan)
    plan.delete()

    assert signed_in("operator").post(where).status_code == 404


def test_a_refusal_is_told_on_the_plans_page_with_the_remedy() -> None:
    plan, client = a_plan(), signed_in("operator")
    Stack.objects.update(active=False)

    response = client.post(run_address(plan), follow=True)

    assert response.redirect_chain == [(address(plan, "change"), 302)]
    assert "has no stack that serves one of its workloads; add one." in text(response)


@pytest.mark.parametrize("quota", ["MAXIMUM_QUEUED_RUNS", "MAXIMUM_MINUTES_PER_DAY"])
def test_a_quota_is_told_with_the_remedy(quota: str, settings: Settings) -> None:
    setattr(settings, quota, 0)

    page = text(signed_in("operator").post(run_address(a_plan()), follow=True))

    assert "cancel one or wait" in page or "ask again later" in page
    assert not Run.objects.exists()


def test_one_chosen_plan_leads_to_its_live_page_and_several_to_the_list_of_runs() -> None:
    first, second, client = a_plan("one"), a_plan("two"), signed_in("operator")

    def run(*plans: BenchmarkPlan) -> str:
        form = {"action": "run_now", "_selected_action": [plan.pk for plan in plans]}
        return str(client.post(address(BenchmarkPlan, "changelist"), form)["Location"])

    assert run(first) == f"/runs/{Run.objects.latest('id').pk}/"
    assert run(first, second) == address(Run, "changelist")
    assert Run.objects.count() == 3


def test_the_list_and_the_page_lead_to_the_newest_run() -> None:
    plan, client = a_plan(), signed_in("viewer")
    assert "none yet" in text(client.get(address(BenchmarkPlan, "changelist")))
    runs.request_run(plan=plan)
    newest = runs.request_run(plan=plan)

    for view, row in (("changelist", BenchmarkPlan), ("change", plan)):
        assert f'href="/runs/{newest.pk}/"' in text(client.get(address(row, view)))


def test_a_plan_with_runs_is_not_deleted() -> None:
    plan = a_plan()
    runs.request_run(plan=plan)

    page = signed_in("operator").post(address(plan, "delete"), {"post": "yes"})

    assert BenchmarkPlan.objects.exists()
    assert page.status_code in (200, 403)


@pytest.fixture
def cancel() -> Callable[..., str]:
    """Choose runs in the list and cancel them; the page that follows."""

    def choose(role: str, *chosen: Run) -> str:
        form = {"action": "cancel", "_selected_action": [run.pk for run in chosen]}
        return text(signed_in(role).post(address(Run, "changelist"), form, follow=True))

    return choose


def test_an_operator_cancels_chosen_runs(cancel: Callable[..., str]) -> None:
    plan = a_plan()
    waiting, ended = runs.request_run(plan=plan), runs.request_run(plan=plan)
    runs.cancel_run(ended.pk, by="somebody")

    page = cancel("operator", waiting, ended)

    assert "Cancelled: 1." in page and "Had ended already, nothing was changed: 1." in page
    waiting.refresh_from_db()
    assert waiting.reason == "cancelled by operator-person"


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_who_may_not_run_cannot_cancel(role: str, cancel: Callable[..., str]) -> None:
    run = runs.request_run(plan=a_plan())

    cancel(role, run)

    run.refresh_from_db()
    assert run.state == "pending"
