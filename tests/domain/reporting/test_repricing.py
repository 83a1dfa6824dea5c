"""Frozen fleets at other prices: nothing but the price changes."""

from decimal import Decimal
from typing import Any

import pytest

from estimator.domain.cost.pricing import Price
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.reporting.difference_json import difference_json
from estimator.domain.reporting.frozen_rows import NotKept
from estimator.domain.reporting.repricing import frozen_prices, listed_price, reprice
from estimator.domain.statistics import Interval
from tests.domain.cases import candidate, price
from tests.domain.frozen_cases import frozen

LARGE = ("aws m1.large", "us-east-1", "on_demand", "USD")
XLARGE = ("aws m1.xlarge", "us-east-1", "on_demand", "USD")
ORIGIN = {"estimate": 7, "content_hash": "0" * 64, "prices_of": None}
BUSY = TrafficTarget(requests_per_day=Decimal(10**9), growth_per_month=Interval.exact(0.03))
STACKS = {"flask": 0.002, "django": 0.003}


def again(content: dict[str, Any], **prices: Price) -> dict[str, Any]:
    """At these prices; a machine by its size."""
    listed = {{"large": LARGE, "xlarge": XLARGE}[name]: listed_price(one) for name, one in prices.items()}
    return reprice(content, listed, name="the prices of the list", origin=ORIGIN)


def bills(content: dict[str, Any]) -> list[Any]:
    return [(row["monthly_cost"], row["year_cost"], row["cost_per_million_requests"]) for row in content["rows"]]


@pytest.mark.parametrize(
    "target", [TrafficTarget(), BUSY, TrafficTarget(growth_per_month=Interval(low=0.0, mid=0.3, high=0.5))]
)
def test_its_own_prices_give_its_own_bills(target: TrafficTarget) -> None:
    content = frozen(target, demands_s=STACKS)

    found = reprice(content, frozen_prices(content), name="its own prices", origin=ORIGIN)

    assert bills(found) == bills(content)


def test_new_prices_are_those_of_a_projection_on_them() -> None:
    machines = [candidate("m1.large", hourly="0.0731"), candidate("m1.xlarge", vcpus=4, hourly="0.099")]

    found = again(frozen(BUSY, demands_s=STACKS), large=machines[0].price, xlarge=machines[1].price)

    assert bills(found) == bills(frozen(BUSY, demands_s=STACKS, machines=machines))


def test_the_difference_to_what_was_priced_again_is_price_alone() -> None:
    content = frozen(BUSY, demands_s=STACKS)

    found = difference_json(content, again(content, large=price("0.08"), xlarge=price("0.2")))

    for pair in (*found["stacks"], *found["machines"]):
        month = pair["month"]
        assert (month["price"], month["performance"], month["traffic"]) == (month["difference"], "0.00", "0.00")
        assert {change["cause"] for change in pair["changes"]} == {"price"}


def test_an_upfront_payment_is_spread_and_shown_in_the_arithmetic() -> None:
    paid = price("0.01", term="reserved_1y", upfront=Decimal(120))

    row = again(frozen(), large=paid)["rows"][0]

    assert row["upfront_per_instance_month"] == "10"
    assert Decimal(row["monthly_cost"]["p50"]) == row["instances"] * (730 * Decimal("0.01") + 10)
    last = row["arithmetic"][-1]
    assert Decimal(last["value"]) == Decimal(row["monthly_cost"]["p50"])
    assert [given["name"] for given in last["inputs"]] == ["instances P50", "hourly price", "upfront share"]
    assert len([step for step in row["arithmetic"] if step["name"].startswith("monthly cost")]) == 1


def test_a_disputed_price_is_labelled_and_an_old_label_goes() -> None:
    disputed = again(frozen(), large=price(disputed="two sources differ by 9 %"))
    settled = again(disputed, large=price())

    assert "disputed price: two sources differ by 9 %" in disputed["rows"][0]["warnings"]
    assert not any("disputed" in text for text in settled["rows"][0]["warnings"])
    assert frozen_prices(disputed)[LARGE].disputed == "two sources differ by 9 %"


def test_rows_without_a_price_are_left_out_and_said_so() -> None:
    found = again(frozen(), large=price())

    assert {row["hardware"] for row in found["rows"]} == {"aws m1.large"}
    (left_out,) = found["excluded"]
    assert left_out["hardware"] == ["aws m1.xlarge"]


def test_a_stack_without_any_price_is_refused_and_its_estimate_says_so() -> None:
    found = again(frozen(demands_s=STACKS))

    assert (found["rows"], found["verdict"]["outcome"]) == ([], "no stack")
    assert [one["stack"] for one in found["refused"]] == ["flask", "django"]
    assert "no machine of it has a price" in found["verdict"]["sentence"]


def test_the_verdict_says_what_is_known_and_ranks_nothing() -> None:
    floor, busy = frozen(demands_s=STACKS), frozen(BUSY, demands_s=STACKS)
    both = {"large": price("0.08"), "xlarge": price("0.2")}

    same, apart, alone = again(floor, **both), again(busy, **both), again(frozen(), **both)

    assert (same["verdict"]["outcome"], same["verdict"]["same_cost"]) == ("same cost", True)
    assert (apart["verdict"]["outcome"], apart["verdict"]["cheapest"]) == ("not ranked", None)
    assert "Flask USD" in apart["verdict"]["sentence"] and "not ranked" in apart["verdict"]["sentence"]
    assert (alone["verdict"]["outcome"], alone["verdict"]["cheapest"]) == ("one stack", "flask")
    assert apart["verdict"]["capacity_comparisons"] == busy["verdict"]["capacity_comparisons"] != []


def test_an_estimate_without_its_months_cannot_be_priced_again() -> None:
    old = frozen()
    for row in old["rows"]:
        del row["months"]

    with pytest.raises(NotKept, match="freeze a new one"):
        again(old, large=price())
