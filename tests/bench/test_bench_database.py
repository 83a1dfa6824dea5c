import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import cast

import psycopg
import pytest
from psycopg import errors

from benchmarks.bench_database import app_database_url
from benchmarks.seed_data import USER_COUNT, user_token
from benchmarks.side_effects import SideEffects, asked_for, count_side_effects, settled_side_effects
from benchmarks.workloads import request_ring
from tests.bench_cluster import PASSWORD, BenchCluster, bench_cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[BenchCluster]:
    with bench_cluster() as running:
        yield running


@pytest.fixture
def connection(cluster: BenchCluster) -> Iterator[psycopg.Connection]:
    with psycopg.connect(cluster.app_url, autocommit=True) as connection:
        yield connection


def test_every_user_of_the_contract_is_there(connection: psycopg.Connection) -> None:
    rows = connection.execute("SELECT id, name, email, token, created_at FROM users ORDER BY id").fetchall()

    assert len(rows) == USER_COUNT
    assert rows[0] == (1, "User 1", "user1@example.org", user_token(1), datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC))
    assert [row[0] for row in rows] == list(range(1, USER_COUNT + 1))
    assert all(row[3] == user_token(row[0]) for row in rows)


def test_articles_and_products_are_those_of_the_contract(connection: psycopg.Connection) -> None:
    articles = connection.execute("SELECT * FROM articles ORDER BY id").fetchall()
    products = connection.execute("SELECT id, sku, price_cents, stock FROM products ORDER BY id").fetchall()

    assert [len(articles), len(products)] == [10_000, 10_000]
    summary = "What happened on day 370, told in 21 lines"
    assert articles[369] == (370, "Article 370 & more", summary, "Author 70", date(2026, 1, 6))
    assert products[899] == (900, "SKU-900", 100, 1_000_000_000)
    assert products[0] == (1, "SKU-1", 101, 1_000_000_000)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM users WHERE token = 'x'",
        "SELECT * FROM products WHERE sku = 'SKU-7' FOR UPDATE",
        "SELECT * FROM articles WHERE id > 40 ORDER BY id LIMIT 20",
    ],
)
def test_workloads_find_their_rows_by_index(connection: psycopg.Connection, query: str) -> None:
    plan = connection.execute(f"EXPLAIN {query}").fetchall()

    assert any("Index Scan" in line for (line,) in plan)


@pytest.mark.parametrize("table", ["users", "articles", "products"])
def test_tables_are_analysed_and_frozen(connection: psycopg.Connection, table: str) -> None:
    row = connection.execute(
        "SELECT reltuples, relallvisible = relpages FROM pg_class WHERE relname = %s", [table]
    ).fetchone()

    assert row == (10_000, True)


def order(connection: psycopg.Connection, user_id: int, product_id: int, quantity: int, total_cents: int) -> None:
    with connection.transaction():
        connection.execute("SELECT id FROM products WHERE id = %s FOR UPDATE", [product_id])
        connection.execute("UPDATE products SET stock = stock - %s WHERE id = %s", [quantity, product_id])
        connection.execute(
            "INSERT INTO orders (user_id, product_id, quantity, total_cents) VALUES (%s, %s, %s, %s)",
            [user_id, product_id, quantity, total_cents],
        )


def test_side_effects_are_counted_exactly(cluster: BenchCluster, connection: psycopg.Connection) -> None:
    before = settled_side_effects(cluster.app_url)
    ring = request_ring("create_order", "/orders", 1, size=20)
    for request in ring:
        asked, total_cents = json.loads(request.body), cast(dict[str, int], request.expected_json)["total_cents"]
        product_id = int(asked["sku"].removeprefix("SKU-"))
        order(connection, asked["user_id"], product_id, asked["quantity"], total_cents)

    written = count_side_effects(cluster.app_url).since(before)

    assert written == asked_for(ring)
    assert str(written).startswith("20 orders of ")


def test_forgotten_stock_is_seen(cluster: BenchCluster, connection: psycopg.Connection) -> None:
    before = count_side_effects(cluster.app_url)
    connection.execute("INSERT INTO orders (user_id, product_id, quantity, total_cents) VALUES (1, 1, 2, 202)")

    written = count_side_effects(cluster.app_url).since(before)

    assert (written.orders, written.pieces, written.total_cents, written.taken_from_stock) == (1, 2, 202, 0)


def test_orders_need_a_known_user_and_product_and_a_quantity(connection: psycopg.Connection) -> None:
    with pytest.raises(errors.ForeignKeyViolation):
        order(connection, 0, 1, 1, 1)
    with pytest.raises(errors.CheckViolation):
        order(connection, 1, 1, 0, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM users",
        "TRUNCATE users",
        "DROP TABLE users",
        "CREATE TABLE more (id int)",
        "CREATE TEMPORARY TABLE more (id int)",
        "CREATE DATABASE more",
        "CREATE ROLE more",
        "SELECT pg_read_file('PG_VERSION')",
    ],
)
def test_app_may_do_no_more_than_its_work(connection: psycopg.Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


def test_app_may_insert_and_update(connection: psycopg.Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("INSERT INTO users VALUES (0, 'a', 'b', 'c', now())")
        connection.execute("UPDATE users SET name = 'd' WHERE id = 0")


def test_wrong_password_is_refused(cluster: BenchCluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(app_database_url(cluster.admin_url, "wrong"))


def test_preparing_again_resets_everything_under_open_connections(cluster: BenchCluster) -> None:
    with psycopg.connect(cluster.app_url, autocommit=True) as forgotten:
        forgotten.execute("INSERT INTO users VALUES (0, 'a', 'b', 'c', now())")
        order(forgotten, 1, 1, 1, 101)
        cluster.refill()

        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("SELECT 1")
    with psycopg.connect(cluster.app_url) as fresh:
        assert fresh.execute("SELECT count(*), min(id) FROM users").fetchone() == (USER_COUNT, 1)
    nothing = SideEffects(orders=0, pieces=0, total_cents=0, taken_from_stock=0)
    assert count_side_effects(cluster.app_url) == nothing


def test_log_never_holds_the_password(cluster: BenchCluster) -> None:
    with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET log_statement = 'all'")
        admin.execute("SELECT pg_reload_conf()")
    mark = cluster.mark()
    cluster.refill()
    with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM RESET log_statement")
        admin.execute("SELECT pg_reload_conf()")

    logged = cluster.log.read_text(encoding="utf-8", errors="replace")[mark:]

    assert "CREATE DATABASE" in logged
    assert PASSWORD not in logged
