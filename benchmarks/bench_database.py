"""The benchmark database: one fixed schema and seed, made anew before every run."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks.seed_data import USER_COUNT, user_email, user_name, user_token

DATABASE = "bench"
ROLE = "app"
_FIRST_INSTANT = datetime(2026, 1, 1, tzinfo=UTC)

_SCHEMA = """
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    token text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
)
"""


def prepare_database(admin_url: str, app_password: str) -> None:
    """Drop and recreate database `bench` and set role `app`; ends every connection to it. Takes well below 2 s.

    `admin_url` is a superuser's URL to another database of the cluster. Raises psycopg.Error.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        _set_role(connection, app_password)
        _recreate_database(connection)
    with psycopg.connect(make_conninfo(admin_url, dbname=DATABASE), autocommit=True) as connection:
        connection.execute(_SCHEMA)
        _copy_users(connection)
        _grant_minimum(connection)
        # Freezing and statistics now, so that no autovacuum does it inside a measured window.
        connection.execute("VACUUM (FREEZE, ANALYZE) users")
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


def _copy_users(connection: psycopg.Connection) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY users FROM STDIN") as copy:
        for row in _user_rows():
            copy.write_row(row)


def _user_rows() -> Iterator[tuple[int, str, str, str, datetime]]:
    for i in range(1, USER_COUNT + 1):
        yield i, user_name(i), user_email(i), user_token(i), _FIRST_INSTANT + timedelta(seconds=i)


def _grant_minimum(connection: psycopg.Connection) -> None:
    role = sql.Identifier(ROLE)
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
    connection.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {}").format(role))
