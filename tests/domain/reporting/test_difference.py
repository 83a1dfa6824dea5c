"""Two bills taken apart without a remainder."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.pricing import CurrencyMismatch, Money
from estimator.domain.cost.traffic import Redundancy
from estimator.domain.reporting.difference import CAUSES, FLEET, NOT_KEPT, NOT_REPEATED, Bill, Demand, split_difference

RULE = FleetRule.of(Redundancy())


def bill(
    price: str = "73.584",
    performance: float | None = 500,
    rates: tuple[float, ...] = (2000.0,),
    currency: str = "USD",
    instances: int | None = None,
) -> Bill:
    demand = Demand(rates=rates, rule=RULE)
    sized = demand.instances(performance or 500) if instances is None else instances
    money = Money(amount=Decimal(price), currency=currency)
    return Bill(price=money, performance=performance, demand=demand, instances=sized)


BILLS = st.builds(
    bill,
    price=st.decimals("0.01", "10000", places=8).map(str),
    performance=st.none() | st.floats(0.1, 1e5),
    rates=st.lists(st.floats(0.01, 1e6), min_size=3, max_size=3).map(tuple),
)


@given(BILLS, BILLS)
def test_parts_add_up_to_the_difference_exactly(before: Bill, after: Bill) -> None:
    found = split_difference(before, after)

    assert sum(found.sixths.values()) == 6 * found.total.amount
    assert found.before.rounded() + sum(found.shown().values()) == found.after.rounded()


@given(BILLS, BILLS)
def test_the_way_back_is_the_same_with_the_other_sign(before: Bill, after: Bill) -> None:
    there, back = split_difference(before, after), split_difference(after, before)

    assert {cause: -amount for cause, amount in back.sixths.items()} == there.sixths


@given(BILLS)
def test_nothing_changed_adds_nothing(same: Bill) -> None:
    assert set(split_difference(same, same).shown().values()) == {Decimal(0)}


@pytest.mark.parametrize(
    ("cause", "after"),
    [
        ("price", bill(price="100")),
        ("performance", bill(performance=300.0)),
        ("traffic", bill(rates=(9000.0,))),
    ],
)
def test_what_alone_has_changed_takes_all_of_it(cause: str, after: Bill) -> None:
    found = split_difference(bill(), after)

    assert {found.sixths[other] for other in CAUSES if other != cause} == {0}
    assert found.sixths[cause] == 6 * found.total.amount


def test_causes_that_change_together_share_by_the_average_of_all_orders() -> None:
    """6 x 10 becomes 9 x 20: the price adds 60 or 90, the fleet 30 or 60, as it comes first or last."""
    found = split_difference(bill(price="10"), bill(price="20", rates=(2001.0,)))

    assert (found.before.amount, found.after.amount) == (Decimal(60), Decimal(180))
    assert found.shown() == {"price": Decimal("75.00"), "performance": 0, "traffic": Decimal("45.00")}


@pytest.mark.parametrize(
    ("before", "reason"),
    [(bill(performance=None), NOT_KEPT), (bill(instances=12), NOT_REPEATED)],
)
def test_a_fleet_that_cannot_be_sized_again_is_told_as_one_cause(before: Bill, reason: str) -> None:
    found = split_difference(before, bill(price="80", performance=400, rates=(9000.0,)))

    assert found.joint == reason
    assert set(found.sixths) == {"price", FLEET}
    assert sum(found.sixths.values()) == 6 * found.total.amount


def test_traffic_that_stayed_needs_no_capacity_to_tell_what_performance_did() -> None:
    found = split_difference(bill(performance=None), bill(performance=None, instances=9))

    assert found.sixths["performance"] == 6 * found.total.amount != 0
    assert not found.joint


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        (bill(), "The same bill, USD 441.50 a month."),
        (bill(price="83.584"), "USD 60.00 more a month: 60.00 price, 0 performance, 0 traffic."),
        (bill(price="63.584"), "USD 60.00 less a month: -60.00 price, 0 performance, 0 traffic."),
    ],
)
def test_a_difference_is_said_in_one_sentence(after: Bill, sentence: str) -> None:
    assert split_difference(bill(), after).sentence == sentence


def test_two_currencies_are_not_compared() -> None:
    with pytest.raises(CurrencyMismatch, match="dated rate"):
        split_difference(bill(), bill(currency="EUR"))
