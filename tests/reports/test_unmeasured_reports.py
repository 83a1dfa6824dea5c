"""Reports on screen before anything was measured, or with a stack that has no cost."""

import re

import pytest
from django.test import Client

from estimator.models import BenchmarkPlan, Estimate, TrafficTarget
from tests.reports import full_house, measured_run
from tests.reports.test_report_pages import address, freeze
from tests.reports.test_run_pages import text

pytestmark = pytest.mark.django_db


def test_report_before_the_first_run_says_what_to_do(operator: Client, standing: TrafficTarget) -> None:
    measured_run.register()

    page = text(operator.get(address(standing)))

    assert "Nothing was measured yet" in page
    assert "Run now" in page


def test_viewer_is_told_whom_to_ask_for_the_first_run(viewer: Client, standing: TrafficTarget) -> None:
    measured_run.register()

    page = text(viewer.get(address(standing)))

    assert "Ask an operator" in page
    assert "Run now" not in page


def test_refused_stack_stands_with_its_reason_and_without_a_cost(viewer: Client, standing: TrafficTarget) -> None:
    measured_run.measure(failing={"flask": "flask_app <hung> under load"})

    page = text(viewer.get(address(standing)))

    refused = page[page.index("Stacks without a cost") : page.index("The same at other traffic")]
    assert "flask_app &lt;hung&gt; under load" in refused
    assert "Flask on Gunicorn: USD" not in page


def test_list_without_measurements_claims_nothing(viewer: Client, standing: TrafficTarget) -> None:
    page = text(viewer.get("/reports/"))

    assert page.count("not measured yet") == TrafficTarget.objects.count()


def test_start_page_of_a_new_installation_leads_to_the_first_run(operator: Client) -> None:
    measured_run.register()

    page = text(operator.get("/"))

    assert "Nothing was measured yet" in page
    assert "Run now" in page


def test_plans_to_start_with_are_the_quickest_first_and_say_how_long_they_take(operator: Client) -> None:
    quick = measured_run.register()
    full_house.register()
    BenchmarkPlan.objects.create(name="An empty one")

    page = text(operator.get("/"))

    assert page.index(quick.name) < page.index("Everything")
    assert "3 stacks, quick profile: at least 2 min" in page
    assert re.search(r"7 stacks, quick profile: at least \d\d min", page)
    assert "An empty one" not in page
    assert "nothing: no stack serves its workloads" in text(operator.get("/plans/"))


def test_plans_without_a_stack_are_not_denied(operator: Client) -> None:
    BenchmarkPlan.objects.create(name="An empty one")

    assert "No benchmark plan measures anything yet" in text(operator.get("/"))


def test_nothing_is_frozen_before_anything_was_measured(analyst: Client, standing: TrafficTarget) -> None:
    freeze(analyst, standing)

    assert not Estimate.objects.exists()


def test_start_page_without_anything_names_the_command(viewer: Client) -> None:
    assert "make demo" in text(viewer.get("/"))
