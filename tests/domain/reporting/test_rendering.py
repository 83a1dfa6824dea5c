"""The documented JSON shape: names, decimal strings, and nothing that JSON cannot say."""

import json
from decimal import Decimal

from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.performance.capacity import RefusedStack
from estimator.domain.reporting.projection import project
from estimator.domain.reporting.rendering import plain, row_json, to_json
from tests.domain.cases import capacity_of, catalogue

ROW_FIELDS = {
    "stack",
    "hardware",
    "region",
    "term",
    "instances",
    "currency",
    "monthly_cost",
    "cost_per_million_requests",
    "binding_constraint",
    "priced_as_of",
    "run",
}
REFUSED = RefusedStack(stack="flask", workload="user_lookup", run="7", reasons=("it answered with the wrong body",))
PROJECTION = project(target=TrafficTarget(), capacities=[capacity_of(), REFUSED], candidates=catalogue(), draws=500)


def test_the_documented_fields_are_there() -> None:
    answer = to_json(PROJECTION)
    assert {"traffic", "rows", "verdict", "not_counted"} <= answer.keys()
    assert answer["rows"][0].keys() >= ROW_FIELDS
    assert answer["rows"][0]["monthly_cost"].keys() == {"p10", "p50", "p90"}


def test_money_is_text_with_two_places_and_its_currency_beside_it() -> None:
    row = row_json(PROJECTION.cheapest[0])
    assert row["currency"] == "USD"
    assert row["monthly_cost"]["p50"] == "65.70"
    assert Decimal(row["cost_per_million_requests"]) == Decimal("0.216000")


def test_the_answer_survives_json() -> None:
    answer = to_json(PROJECTION, all_rows=True)
    assert json.loads(json.dumps(answer)) == answer
    assert len(answer["rows"]) == len(catalogue())


def test_refused_stacks_are_told_with_their_reasons() -> None:
    (refused,) = to_json(PROJECTION)["refused"]
    assert refused == {"stack": "flask", "reasons": list(REFUSED.reasons), "warnings": [], "run": "7"}


def test_large_numbers_have_no_exponent() -> None:
    assert plain(Decimal("1E+9")) == "1000000000"
    assert plain(Decimal("304166666.6666667")) == "304166666.667"
    assert plain(Decimal("0.5")) == "0.5"


def test_answers_stand_beside_the_rows_with_their_units() -> None:
    (answers,) = to_json(PROJECTION)["answers"]

    assert (answers["stack"], answers["currency"]) == ("fastapi", "USD")
    assert "budget" not in answers
    assert answers["instance_odds"][-1]["probability"] == 1.0
    assert [bill["month"] for bill in answers["monthly_costs"]] == list(range(1, 13))
    assert answers["monthly_costs"][0]["monthly_cost"]["p50"] == "65.70"
    assert {"input", "unit", "swing", "load_low"} <= answers["sensitivity"]["swings"][0].keys()


def test_a_budget_is_answered_in_months_and_words() -> None:
    target = TrafficTarget(monthly_budget=Decimal(50))
    projection = project(target=target, capacities=[capacity_of()], candidates=catalogue(), draws=500)

    answer = to_json(projection)

    assert answer["traffic"]["monthly_budget"] == "50"
    budget = answer["answers"][0]["budget"]
    assert budget["first_month_over"] == {"p50": 1, "p90": 1}
    assert budget["sentence"] == "A budget of USD 50.00 a month is already exceeded, by P50 and by P90."
