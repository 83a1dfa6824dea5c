from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import errors

from benchmarks.bench_database import app_database_url
from benchmarks.seed_data import USER_COUNT, user_token
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


def test_lookup_by_token_uses_the_index(connection: psycopg.Connection) -> None:
    plan = connection.execute("EXPLAIN SELECT * FROM users WHERE token = 'x'").fetchall()

    assert "Index Scan" in plan[0][0]


def test_table_is_analysed_and_frozen(connection: psycopg.Connection) -> None:
    row = connection.execute(
        "SELECT reltuples, relallvisible = relpages FROM pg_class WHERE relname = 'users'"
    ).fetchone()

    assert row == (USER_COUNT, True)


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
        cluster.refill()

        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("SELECT 1")
    with psycopg.connect(cluster.app_url) as fresh:
        assert fresh.execute("SELECT count(*), min(id) FROM users").fetchone() == (USER_COUNT, 1)


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
