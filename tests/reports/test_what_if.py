"""The what-if form: changed figures only, refused with field and remedy, stored never."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.http import QueryDict

from estimator.domain.cost.lines import Line
from estimator.domain.cost.shape import TrafficShape
from estimator.domain.cost.traffic import FleetPolicy, Redundancy, TrafficTarget
from estimator.domain.statistics import Interval
from estimator.reports.what_if import WhatIfForm

EVENINGS = TrafficShape.of(([1.0] * 20 + [2.0] * 4) * 7, name="evenings")
TARGET = TrafficTarget(name="Shop", requests_per_day=Decimal("1234567.891"))


def form(query: str = "", *, target: TrafficTarget = TARGET) -> WhatIfForm:
    return WhatIfForm(
        QueryDict(query) if query else None,
        target=target,
        regions=["us-east-1", "eastus"],
        workloads={"user_lookup": "User lookup", "json": "Plain JSON"},
        shapes={"evenings": EVENINGS},
    )


def test_empty_form_asks_for_the_target_itself() -> None:
    question = form().question()

    assert question.target is TARGET
    assert question.term == "on_demand"
    assert not question.changed


def test_form_shows_the_target_as_it_is() -> None:
    shown = form(target=replace(TARGET, headroom=0.4, objective_ms=250.0)).as_p()

    assert 'value="40"' in shown
    assert 'value="250"' in shown
    assert 'value="1.23M/day"' in shown


def test_growth_is_asked_as_one_figure_or_with_its_doubt() -> None:
    assert form("growth=5%25").question().target.growth_per_month == Interval.exact(0.05)
    doubt = form("growth=2%25/5%25/9%25").question().target
    assert doubt.growth_per_month == Interval(low=0.02, mid=0.05, high=0.09)
    assert 'value="2%/5%/9%"' in form(target=doubt).as_p()
    assert not form("growth=2%25/5%25/9%25", target=doubt).question().changed
    refused = form("growth=9%25/5%25/2%25")
    assert "rising order" in refused.errors["growth"][0]


def test_burstable_types_are_priced_only_where_they_are_asked_for() -> None:
    assert not form("headroom=25").question().allow_burstable
    asked = form("types=burstable").question()
    assert (asked.allow_burstable, asked.changed, asked.target) == (True, True, TARGET)


def test_sending_the_form_unchanged_keeps_the_exact_traffic() -> None:
    question = form("traffic=1.23M/day&slo_p99_ms=100").question()

    assert question.target == TARGET
    assert not question.changed


def test_each_field_changes_what_it_names() -> None:
    query = "traffic=250rps&slo_p99_ms=50&headroom=10&term=reserved_1y&region=eastus&redundancy=pair"

    question = form(query).question()

    assert question.target.requests_per_day == 250 * 86_400
    assert question.target.objective_ms == 50
    assert question.target.headroom == pytest.approx(0.1)
    assert question.target.regions == ("eastus",)
    assert question.target.redundancy == Redundancy(survive_zone_loss=False, minimum_instances=2)
    assert question.term == "reserved_1y"
    assert question.changed


def test_changed_target_says_so_wherever_its_name_is() -> None:
    target = replace(TARGET, name="n" * 100)

    changed = form("traffic=5M/day", target=target).question().target

    assert changed.name.endswith(" (what if)")
    assert len(changed.name) == 100


@pytest.mark.parametrize(
    ("query", "field", "remedy"),
    [
        ("traffic=lots", "traffic", "such as 10M/day, 300M/month or 250rps"),
        ("traffic=0/day", "traffic", "enter more than 0"),
        ("slo_p99_ms=0", "slo_p99_ms", "greater than or equal to 0.1"),
        ("headroom=-1", "headroom", "greater than or equal to 0"),
        ("term=forever", "term", "Select a valid choice"),
        ("region=mars", "region", "Select a valid choice"),
        ("redundancy=none", "redundancy", "Select a valid choice"),
        ("shape=mornings", "shape", "Select a valid choice"),
        ("fleet_policy=none", "fleet_policy", "Select a valid choice"),
        ("boot_s=-1", "boot_s", "greater than or equal to 0"),
        ("traffic=<script>alert(1)</script>", "traffic", "cannot be read"),
    ],
)
def test_bad_input_is_refused_at_its_field_with_the_remedy(query: str, field: str, remedy: str) -> None:
    asked = form(query)

    question = asked.question()

    assert question.target is TARGET
    assert remedy in " ".join(str(error) for error in asked.errors[field])


def test_policy_that_the_form_does_not_know_stays_the_target_s_own() -> None:
    target = replace(TARGET, redundancy=Redundancy(zones=4, minimum_instances=8))

    asked = form("traffic=5M/day", target=target)

    assert asked.question().target.redundancy == target.redundancy
    assert "as the target: 4 zones, one may be lost, 8 at least" in asked.as_p()


def test_another_workload_is_asked_of_the_same_target() -> None:
    question = form("workload=json").question()

    assert (question.workload, question.changed) == ("json", False)
    assert question.target == TARGET
    assert form().question().workload == "user_lookup"


def test_shape_policy_and_boot_are_changed_and_a_shape_is_left_out() -> None:
    asked = form("shape=evenings&fleet_policy=committed&boot_s=300").question().target

    assert (asked.shape, asked.policy, asked.boot_s) == (EVENINGS, FleetPolicy.COMMITTED, 300)
    shaped = replace(TARGET, shape=EVENINGS)
    assert form("headroom=10", target=shaped).question().target.shape is EVENINGS
    assert form("shape=", target=shaped).question().target.shape is None


def test_lines_beside_compute_are_asked_for_and_change_nothing_else() -> None:
    assert form().question().lines.lines == frozenset()

    question = form("beside=all&payload_bytes=2000").question()

    assert question.lines.lines == frozenset(Line)
    assert question.target.payload_bytes == 2000
    assert question.target.requests_per_day == TARGET.requests_per_day


def test_a_budget_is_part_of_the_question_and_may_be_empty() -> None:
    asked = form("budget=499.90").question()

    assert asked.target.monthly_budget == Decimal("499.90")
    assert asked.changed
    assert form("budget=&headroom=25").question().target.monthly_budget is None


def test_a_budget_of_nothing_is_refused() -> None:
    refused = form("budget=0")

    assert "budget" in refused.errors
    assert not refused.question().changed
