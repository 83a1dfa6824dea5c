"""Two frozen estimates held against each other, from nothing but what they hold."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from estimator.domain.cost.pricing import CurrencyMismatch
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.reporting.difference_json import difference_json
from estimator.domain.statistics import Interval
from tests.domain.cases import candidate
from tests.domain.frozen_cases import frozen

MANY = TrafficTarget(requests_per_day=Decimal(2 * 10**9))


def only(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The one stack of both."""
    (found,) = difference_json(before, after)["stacks"]
    return dict(found)


def parts(split: dict[str, Any]) -> tuple[str | None, ...]:
    return split["price"], split["performance"], split["traffic"]


def names(found: dict[str, Any], cause: str) -> set[str]:
    return {change["name"] for change in found["changes"] if change["cause"] == cause}


def test_the_bills_compared_are_those_that_the_estimates_show() -> None:
    before, after = frozen(), frozen(MANY)

    found = only(before, after)["month"]

    assert found["base"] == min((row["monthly_cost"]["p50"] for row in before["rows"]), key=Decimal)
    assert found["estimate"] == min((row["monthly_cost"]["p50"] for row in after["rows"]), key=Decimal)
    assert Decimal(found["base"]) + sum(map(Decimal, parts(found))) == Decimal(found["estimate"])  # type: ignore[arg-type]


def test_more_traffic_alone_is_all_traffic_in_the_month_and_in_the_year() -> None:
    found = only(frozen(), frozen(MANY))

    for period in ("month", "year"):
        assert (
            parts(found[period])[:2] == ("0.00", "0.00") or found["hardware"]["base"] != found["hardware"]["estimate"]
        )
    (machine, _) = difference_json(frozen(), frozen(MANY))["machines"]
    assert machine["month"]["traffic"] == machine["month"]["difference"] != "0.00"
    assert machine["year"]["traffic"] == machine["year"]["difference"] != "0.00"
    assert names(machine, "traffic") == {"requests a day"}


def test_another_price_alone_is_all_price_and_named_with_its_day() -> None:
    dearer = (candidate("m1.large", vcpus=2, hourly="0.08"), candidate("m1.xlarge", vcpus=4, hourly="0.20"))

    found = only(frozen(MANY), frozen(MANY, machines=dearer))

    month = found["month"]
    assert parts(month) == (month["difference"], "0.00", "0.00")
    (change,) = found["changes"]
    assert (change["cause"], change["base"], change["estimate"]) == (
        "price",
        "0.05 USD/h as of 2026-11-01, a price list",
        "0.08 USD/h as of 2026-11-01, a price list",
    )


def test_a_faster_stack_is_all_performance_and_named_with_its_demand() -> None:
    found = only(frozen(MANY), frozen(MANY, demands_s={"flask": 0.001}))

    assert parts(found["month"]) == ("0.00", found["month"]["difference"], "0.00")
    assert Decimal(found["month"]["difference"]) < 0
    assert "less a month" in found["sentence"]
    assert {"service demand D on the benchmark host", "an instance carries"} <= names(found, "performance")


def test_all_three_at_once_add_up_in_both_periods() -> None:
    growing = TrafficTarget(requests_per_day=Decimal(3 * 10**9), growth_per_month=Interval.exact(0.04))
    after = frozen(growing, demands_s={"flask": 0.0013}, machines=(candidate("m1.large", vcpus=2, hourly="0.07"),))

    found = only(frozen(MANY), after)

    for period in (found["month"], found["year"]):
        assert all(amount not in (None, "0.00") for amount in parts(period))
        assert sum(map(Decimal, parts(period))) == Decimal(period["difference"])  # type: ignore[arg-type]
    assert names(found, "traffic") == {"requests a day", "growth"}


def test_with_growth_in_doubt_the_month_is_split_and_the_year_says_why_it_may_not_be() -> None:
    doubtful = TrafficTarget(requests_per_day=Decimal(10**9), growth_per_month=Interval(low=0.0, mid=0.02, high=0.2))

    found = only(frozen(MANY), frozen(doubtful))

    assert None not in parts(found["month"])
    year = found["year"]
    assert (None in parts(year)) == bool(year["not_split_because"])
    told = [amount for amount in (*parts(year), year["performance_and_traffic"]) if amount is not None]
    assert sum(map(Decimal, told)) == Decimal(year["difference"])


def test_an_estimate_that_did_not_keep_its_capacity_says_so() -> None:
    old = frozen()
    for row in old["rows"]:
        del row["scenario"]["p50_requests_per_second_per_instance"]

    month = only(old, frozen(MANY, demands_s={"flask": 0.001}))["month"]

    assert parts(month)[1:] == (None, None)
    assert "cannot be sized" in month["not_split_because"]
    assert Decimal(month["price"]) + Decimal(month["performance_and_traffic"]) == Decimal(month["difference"])


def test_stacks_on_one_side_alone_are_named_with_the_reason() -> None:
    both = frozen(demands_s={"flask": 0.002, "django": 0.002})
    refusing = deepcopy(frozen())
    refusing["refused"] = [{"stack": "django", "reasons": ["it leaks"], "warnings": [], "run": "7"}]

    assert [one["stack"] for one in difference_json(both, refusing)["stacks"]] == ["flask"]
    (lost,) = difference_json(both, refusing)["not_compared"]
    assert (lost["title"], lost["reason"]) == ("Django", "no cost in the later estimate: it leaks")
    (new,) = difference_json(frozen(), both)["not_compared"]
    assert new["reason"] == "no cost in the base: it was not measured"


def test_an_estimate_without_its_months_is_refused_by_stack() -> None:
    old = frozen()
    for row in old["rows"]:
        del row["months"]

    found = difference_json(old, frozen())

    assert (found["stacks"], found["machines"]) == ([], [])
    assert "freeze a new one" in found["not_compared"][0]["reason"]


def test_two_currencies_are_refused() -> None:
    euros = (candidate("m1.large", currency="EUR"),)

    with pytest.raises(CurrencyMismatch):
        difference_json(frozen(), frozen(TrafficTarget(currency="EUR"), machines=euros))
