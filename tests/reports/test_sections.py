"""Sections that fold: each tells its result in its heading's line, and none is listed that is not there."""

from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from django.test import Client, RequestFactory

from estimator.domain.cost.traffic import TrafficTarget as Target
from estimator.domain.reporting.projection import project
from estimator.domain.reporting.rendering import to_json
from estimator.models import TrafficTarget
from estimator.reports.sections import all_open, report_sections
from estimator.reports.sheet import Sheet, sheet_of
from estimator.reports.told import (
    told_alternatives,
    told_answers,
    told_decades,
    told_hourly,
    told_machines,
    told_measured,
    told_migrations,
)
from tests.domain.cases import capacity_of, catalogue
from tests.reports.test_alternatives import CONTAINERS, FUNCTIONS
from tests.reports.test_report_pages import address
from tests.reports.test_run_pages import text


@cache
def _projected() -> dict[str, Any]:
    return to_json(
        project(
            target=Target(requests_per_day=Decimal(1_000_000_000)),
            capacities=[capacity_of("fastapi", 0.0016, blocks=5), capacity_of("django", 0.0026, blocks=5)],
            candidates=catalogue(),
            draws=1000,
        )
    )


def sheet(**parts: Any) -> Sheet:
    """A billion a day on two stacks; `parts` are what a whole report has beside that."""
    return sheet_of({**_projected(), "capacities": [], **parts})


def bills(rows: list[dict[str, Any]]) -> list[Decimal]:
    return [Decimal(row["monthly_cost"]["p50"]) for row in rows]


def test_machines_tell_between_which_bills_they_lie() -> None:
    rows = _projected()["rows"]

    told = told_machines(sheet())

    assert told.startswith(f"{len(rows)} fleets of 2 stacks: USD {min(bills(rows)):,f} to {max(bills(rows)):,f}")


def test_other_traffic_tells_the_least_bill_at_both_ends() -> None:
    ends = [[row for row in _projected()["sweep"] if row["requests_per_day"] == at] for at in ("100000", "1000000000")]

    told = told_decades(sheet())

    least, most = (f"{min(bills(rows)):,f}" for rows in ends)
    assert told == f"From USD {least} a month at 100k/day to USD {most} a month at 1B/day"


def test_certainty_tells_the_widest_swing_and_the_budget_first() -> None:
    answers = _projected()["answers"]
    widest = answers[0]["sensitivity"]["swings"][0]
    asked = [
        {**answers[0], "budget": {"sentence": "A budget of USD 1.00 a month is already exceeded, by P50 and by P90."}}
    ]

    plain, budgeted = told_answers(sheet()), told_answers(sheet(answers=asked))

    assert plain.startswith("The same bill in ")
    assert plain.endswith(f"moved most by {widest['input']}: USD {Decimal(widest['swing']):,f}")
    assert budgeted.startswith("A budget of USD 1.00 a month is already exceeded, by P50 and by P90; the same bill")


@pytest.mark.parametrize(
    ("scaled", "told"),
    [("820", "Autoscaled by the hour saves 18 % against the fixed fleet (FastAPI)"), ("1100", "No policy costs less")],
)
def test_fleets_by_the_hour_tell_what_the_cheapest_policy_saves(scaled: str, told: str) -> None:
    leader = sheet().lead
    assert leader is not None
    costs = {"fixed": "1000", "autoscaled": scaled}
    cheapest = min(costs, key=lambda policy: int(costs[policy]))
    fleet = {
        "stack": leader["stack"],
        "title": "FastAPI",
        "instances": [3, 4],
        "load": [2.5, 3.5],
        "fixed_instances": 4,
        "policies": [
            {"policy": policy, "expected_year_cost": cost, "asked": False, "cheapest": policy == cheapest}
            for policy, cost in costs.items()
        ],
    }

    assert told_hourly(sheet(fleets=[fleet])).startswith(told)


def test_pricing_models_tell_the_cheapest_and_where_functions_stop_to_be() -> None:
    leader = sheet().lead
    assert leader is not None
    rented = {
        "containers": [CONTAINERS | {"stack": leader["stack"]}],
        "functions": [FUNCTIONS | {"stack": leader["stack"]}],
    }

    told = told_alternatives(sheet(**rented))

    assert told == "Containers cost least, USD 108.00 a month; functions cost less than instances below 6M/day"


def test_migrations_tell_the_first_month_of_all_or_that_none_pays_back() -> None:
    never = {"name": "a", "horizon_months": 60, "payback_month": {"p50": None}}
    refused = {"name": "b", "horizon_months": 60, "reason": "not measured"}
    paid = [
        {"name": name, "horizon_months": 60, "payback_month": {"p50": month}} for name, month in (("c", 9), ("d", 4))
    ]

    assert told_migrations(sheet(migrations=[never, refused])) == "None of 2 pays back within 60 months"
    assert told_migrations(sheet(migrations=[never])) == "It does not pay back within 60 months"
    assert told_migrations(sheet(migrations=[never, *paid])) == "d: in month 4"


def test_measured_tells_the_range_and_who_has_no_figure() -> None:
    rates = [{"valid": True, "capacity_rps": {"p50": rate}} for rate in (1500.0, 900.0)]

    assert (
        told_measured([*rates, {"valid": False}])
        == "900 to 1,500 requests/s within the objective; 1 without a capacity"
    )
    assert told_measured(rates[:1]) == "1,500 requests/s within the objective"
    assert told_measured([{"valid": True, "capacity_rps": None}]) == "No stack has a capacity"


def test_what_is_not_there_is_not_listed() -> None:
    sections = report_sections(sheet(answers=[]), everything=False)

    assert not {"hourly", "alternatives", "answers", "migrations", "latency", "evidence"} & set(sections)
    assert {"chart-cost", "machines", "decades", "arithmetic", "limits"} <= set(sections)
    assert not any(section.open for section in sections.values())


def test_address_unfolds_everything() -> None:
    request = RequestFactory().get("/reports/1/?all=1&traffic=1M/day")

    assert all_open(request)
    assert all(section.open for section in report_sections(sheet(), everything=True).values())


@pytest.mark.django_db
def test_every_section_of_a_report_is_in_its_contents_and_folded(viewer: Client, measured: TrafficTarget) -> None:
    answer = viewer.get(address(measured))
    page, whole = text(answer), text(viewer.get(address(measured), {"all": "1"}))

    for name, section in answer.context["sections"].items():
        assert f'<a href="#{name}">{section.label}</a>' in page
        assert f'id="{name}"' in page
    folds = [name for name in answer.context["sections"] if name != "chart-cost"]
    assert page.count('<details class="fold"') == len(folds) >= 8
    assert whole.count("open> <summary> <h2") == len(folds)
    assert "These are your figures" not in whole
    assert '<input type="hidden" name="all" value="1">' in whole


@pytest.mark.django_db
def test_what_is_asked_seldom_is_folded_until_it_is_changed(viewer: Client, measured: TrafficTarget) -> None:
    plain = viewer.get(address(measured)).context["form"]
    changed = viewer.get(address(measured), {"boot_s": "600"}).context["form"]
    refused = viewer.get(address(measured), {"boot_s": "-1"}).context["form"]

    assert [form.more_open for form in (plain, changed, refused)] == [False, True, True]
    assert {field.name for field in (*plain.main_fields, *plain.more_fields)} == set(plain.fields)
