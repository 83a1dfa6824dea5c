"""What writing workloads leave in the benchmark database: counted, and compared with what was asked."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import psycopg

from benchmarks.errors import BenchmarkError
from benchmarks.seed_data import INITIAL_STOCK
from benchmarks.workloads import PreparedRequest

_SETTLE_S, _SETTLE_LIMIT_S = 0.1, 5.0
_COUNT = """
SELECT count(*), coalesce(sum(quantity), 0)::bigint, coalesce(sum(total_cents), 0)::bigint,
       (SELECT sum(%s - stock)::bigint FROM products)
FROM orders
"""


@dataclass(frozen=True, kw_only=True)
class SideEffects:
    """Orders so far: how many, of how many pieces and cents together, and how many pieces left the stock."""

    orders: int
    pieces: int
    total_cents: int
    taken_from_stock: int

    def since(self, earlier: "SideEffects") -> "SideEffects":
        """What was added between two counts."""
        return SideEffects(
            orders=self.orders - earlier.orders,
            pieces=self.pieces - earlier.pieces,
            total_cents=self.total_cents - earlier.total_cents,
            taken_from_stock=self.taken_from_stock - earlier.taken_from_stock,
        )

    def __str__(self) -> str:
        return (
            f"{self.orders} orders of {self.pieces} pieces for {self.total_cents} cents,"
            f" {self.taken_from_stock} pieces taken from stock"
        )


def count_side_effects(database_url: str) -> SideEffects:
    """What is in the database now; the app's own role may count. Raises BenchmarkError when it cannot be asked."""
    try:
        with psycopg.connect(database_url, autocommit=True) as connection:
            row = connection.execute(_COUNT, [INITIAL_STOCK]).fetchone()
    except psycopg.Error as error:
        raise BenchmarkError(f"the orders in the benchmark database could not be counted: {error}") from error
    assert row is not None, "an aggregate has a row"  # noqa: S101
    orders, pieces, total_cents, taken = map(int, row)
    return SideEffects(orders=orders, pieces=pieces, total_cents=total_cents, taken_from_stock=taken)


def settled_side_effects(database_url: str) -> SideEffects:
    """What is in the database once nobody writes any more: an engine that was stopped leaves requests under way."""
    deadline, seen = time.monotonic() + _SETTLE_LIMIT_S, count_side_effects(database_url)
    while time.monotonic() < deadline:
        time.sleep(_SETTLE_S)
        earlier, seen = seen, count_side_effects(database_url)
        if seen == earlier:
            break
    return seen


def asked_for(ring: Iterable[PreparedRequest]) -> SideEffects:
    """What `create_order` requests must leave behind, each answered rightly once."""
    answers = [cast(dict[str, int], request.expected_json) for request in ring]
    pieces = sum(answer["quantity"] for answer in answers)
    return SideEffects(
        orders=len(answers),
        pieces=pieces,
        total_cents=sum(answer["total_cents"] for answer in answers),
        taken_from_stock=pieces,
    )
