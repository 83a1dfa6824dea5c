"""A PostgreSQL cluster of the tests' own that stands in for a benchmark host's, with a log that tells who sent what."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg

from benchmarks.bench_database import ROLE, app_database_url, prepare_database
from estimator.runtime.environment import var_folder
from estimator.runtime.postgres import PostgresCluster, running

PASSWORD = "p@ss word/%"  # everything that a URL has to quote
_SETTINGS = {"fsync": "off", "log_line_prefix": "%u ", "max_connections": "100"}
# The simple protocol logs "statement:", the extended one "execute <name>:"; an empty query (a ping) counts too.
_SENT = re.compile(rf"^{ROLE} LOG:  (?:statement|execute [^:]*): ?(.*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class BenchCluster:
    """A running cluster with a freshly filled benchmark database."""

    admin_url: str = field(repr=False)
    log: Path

    @property
    def app_url(self) -> str:
        return app_database_url(self.admin_url, PASSWORD)

    def refill(self) -> None:
        prepare_database(self.admin_url, PASSWORD)

    def log_what_the_app_sends(self) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute(f"ALTER ROLE {ROLE} SET log_statement = 'all'")

    def mark(self) -> int:
        """A place in the log."""
        return self.log.stat().st_size

    def statements_since(self, mark: int) -> list[str]:
        """Everything the app sent since then: the server logs a statement before it runs it."""
        with self.log.open(encoding="utf-8", errors="replace") as log:
            log.seek(mark)
            return _SENT.findall(log.read())

    def app_connections(self) -> int:
        return self._connections("usename = %s")

    def busy_app_connections(self) -> int:
        """Those that work, or wait inside a transaction."""
        return self._connections("usename = %s AND state <> 'idle'")

    def _connections(self, condition: LiteralString) -> int:
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            row = admin.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {condition}", [ROLE]).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def bench_cluster() -> Iterator[BenchCluster]:
    cluster = PostgresCluster(folder=var_folder() / "test-bench-cluster", settings=_SETTINGS)
    with running(cluster) as server:
        bench = BenchCluster(admin_url=server.admin_url, log=cluster.log_file)
        bench.refill()
        yield bench
