"""Journeys: exact proportions, and what the parts tell of the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.measuring.journeys import (
    MOST_USERS,
    heaviest,
    quotas,
    users_for,
)

mixes = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 100), min_size=1).map(lambda mix: list(mix.items()))


@given(mix=mixes, size=st.integers(1, 5000))
def test_quotas_add_up_and_are_at_most_one_request_off(mix: list[tuple[str, int]], size: int) -> None:
    counts = quotas(mix, size)
    total = sum(weight for _, weight in mix)

    assert sum(counts.values()) == size
    assert all(abs(counts[slug] - size * weight / total) < 1 for slug, weight in mix)


def test_sixty_to_forty_is_exact() -> None:
    assert quotas([("user_lookup", 60), ("json", 40)], 1000) == {"user_lookup": 600, "json": 400}


def test_a_mix_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one workload with a weight above 0"):
        quotas([("json", 0)], 10)


@given(rate=st.floats(0.1, 1e4), think=st.floats(0, 10), response_s=st.floats(0.001, 1))
def test_so_many_users_ask_at_the_rate(rate: float, think: float, response_s: float) -> None:
    users = users_for(rate, think_s=(think, think), response_s=response_s)

    assert 1 <= users.count <= MOST_USERS
    cycle_s = users.think_s[0] + response_s
    limited = users.count in (1, MOST_USERS) and not 0 < users.shortened < 1
    assert limited or abs(users.count / cycle_s - rate) <= 0.5 / cycle_s + 1e-6 * rate


def test_pauses_are_shortened_where_users_would_be_too_many() -> None:
    users = users_for(1000, think_s=(0.5, 1.5), response_s=0.01)

    assert users.count == MOST_USERS
    assert users.think_s == pytest.approx((0.245, 0.735))
    assert users.shortened == pytest.approx(0.49)


def test_what_sends_most_statements_bounds_the_journey() -> None:
    assert heaviest([("json", 9), ("create_order", 1)]) == "create_order"
