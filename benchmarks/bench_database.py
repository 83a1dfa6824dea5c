"""The benchmark database: one fixed schema and seed, made anew before every run."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks.seed_data import (
    ARTICLE_COUNT,
    PRODUCT_COUNT,
    USER_COUNT,
    article_row,
    product_row,
    user_row,
)

DATABASE = "bench"
ROLE = "app"

_SCHEMA = """
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    token text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);
CREATE TABLE articles (
    id bigint PRIMARY KEY,
    title text NOT NULL,
    summary text NOT NULL,
    author text NOT NULL,
    published_on date NOT NULL
);
CREATE TABLE products (
    id bigint PRIMARY KEY,
    sku text NOT NULL UNIQUE,
    price_cents integer NOT NULL,
    stock bigint NOT NULL
) WITH (fillfactor = 50);  -- room for new versions on the same page: an update costs the same all through a run
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    product_id bigint NOT NULL REFERENCES products (id),
    quantity integer NOT NULL CHECK (quantity > 0),
    total_cents bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
)
"""
_ROWS: Mapping[str, tuple[Callable[[int], tuple[Any, ...]], int]] = {
    "users": (user_row, USER_COUNT),
    "articles": (article_row, ARTICLE_COUNT),
    "products": (product_row, PRODUCT_COUNT),
}


def prepare_database(admin_url: str, app_password: str) -> None:
    """Drop and recreate database `bench` and set role `app`; ends every connection to it. Takes well below 2 s.

    `admin_url` is a superuser's URL to another database of the cluster. Raises psycopg.Error.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        _set_role(connection, app_password)
        _recreate_database(connection)
    with psycopg.connect(make_conninfo(admin_url, dbname=DATABASE), autocommit=True) as connection:
        connection.execute(_SCHEMA)
        for table, (row, count) in _ROWS.items():
            _copy(connection, table, row, count)
        _grant_minimum(connection)
        # Freezing and statistics now, so that no autovacuum does it inside a measured window.
        connection.execute("VACUUM (FREEZE, ANALYZE) users, articles, products, orders")
        connection.execute("CHECKPOINT")


def app_database_url(admin_url: str, app_password: str) -> str:
    """The URL an app under test connects with: role `app` on database `bench` of the same server."""
    server = urlsplit(admin_url).netloc.rpartition("@")[2]
    return urlunsplit(("postgresql", f"{ROLE}:{quote(app_password, safe='')}@{server}", f"/{DATABASE}", "", ""))


def _set_role(connection: psycopg.Connection, app_password: str) -> None:
    # Hashed here, so that no server log ever holds the password.
    hashed = connection.pgconn.encrypt_password(app_password.encode(), ROLE.encode(), b"scram-sha-256").decode()
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
    statement = "ALTER ROLE {} {} PASSWORD {}" if known else "CREATE ROLE {} {} PASSWORD {}"
    rights = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
    connection.execute(sql.SQL(statement).format(sql.Identifier(ROLE), rights, sql.Literal(hashed)))


def _recreate_database(connection: psycopg.Connection) -> None:
    name = sql.Identifier(DATABASE)
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(ROLE)))


def _copy(connection: psycopg.Connection, table: str, row: Callable[[int], tuple[Any, ...]], count: int) -> None:
    statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for number in range(1, count + 1):
            copy.write_row(row(number))


def _grant_minimum(connection: psycopg.Connection) -> None:
    role = sql.Identifier(ROLE)
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
    connection.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {}").format(role))
    connection.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(role))
