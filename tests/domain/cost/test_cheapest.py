"""How often each stack is cheapest: wins, ties, and bills that are the same for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.cost.cheapest import cheapest_shares, same_bill_share
from estimator.domain.statistics import Floats

draws = st.lists(st.tuples(*[st.integers(min_value=1, max_value=4)] * 3), min_size=1, max_size=40)


def bills(**by_stack: list[float]) -> dict[str, Floats]:
    return {stack: np.array(values, dtype=float) for stack, values in by_stack.items()}


def test_a_tie_is_a_tie_and_no_win() -> None:
    drawn = bills(fastapi=[1, 1, 1, 2], flask=[2, 1, 1, 1], django=[3, 3, 1, 3])

    fastapi, flask, django = cheapest_shares(drawn)

    assert (fastapi.alone, fastapi.tied) == (0.25, 0.5)
    assert (flask.alone, flask.tied) == (0.25, 0.5)
    assert (django.alone, django.tied) == (0.0, 0.25)
    assert same_bill_share(drawn) == 0.25


def test_the_last_place_of_a_float_parts_no_bills() -> None:
    drawn = bills(fastapi=[0.1 * 3], flask=[0.3])

    assert same_bill_share(drawn) == 1.0
    assert [share.alone for share in cheapest_shares(drawn)] == [0.0, 0.0]


@given(draws)
def test_each_draw_has_one_winner_or_a_tie(drawn: list[tuple[int, ...]]) -> None:
    columns = dict(zip("abc", np.array(drawn, dtype=float).T, strict=True))
    shares = cheapest_shares(columns)

    alone, tied = sum(one.alone for one in shares), [one.tied for one in shares]
    shared = np.mean([row.count(min(row)) > 1 for row in drawn])
    assert alone + shared == pytest.approx(1.0)
    assert 2 * shared - 1e-9 <= sum(tied) <= 3 * shared + 1e-9
    assert same_bill_share(columns) <= min(tied) + 1e-9
