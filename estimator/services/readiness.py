"""Whether this process can serve: database, broker, migrations, and the bench worker's sign of life."""

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError

from estimator.celery import app
from estimator.services import heartbeats


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was asked. `needed` tells whether the web cannot serve without it."""

    name: str
    passed: bool
    detail: str
    needed: bool = True
    age_s: float | None = None


def readiness() -> tuple[Check, ...]:
    """All checks, each answered on its own: one that fails hides none of the others.

    Details name no host and no address: probes are answered to anybody."""
    return (_database(), _migrations(), _broker(), _bench_worker())


def status(checks: tuple[Check, ...]) -> str:
    """`ready`, `degraded` (serves, but does not measure) or `not_ready`."""
    if any(check.needed and not check.passed for check in checks):
        return "not_ready"
    return "ready" if all(check.passed for check in checks) else "degraded"


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()  # the next probe starts afresh
        return Check(name="database", passed=False, detail="does not answer")
    return Check(name="database", passed=True, detail="answers")


def _migrations() -> Check:
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        connection.close()
        return Check(name="migrations", passed=False, detail="unknown: the database does not answer")
    detail = f"{missing} not applied; run `manage.py migrate`" if missing else "all applied"
    return Check(name="migrations", passed=not missing, detail=detail)


def _broker() -> Check:
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=0, reraise_as_library_errors=True)
    except (OperationalError, OSError):
        return Check(name="broker", passed=False, detail="does not answer")
    return Check(name="broker", passed=True, detail="answers")


def _bench_worker() -> Check:
    """Not needed: without a bench worker, reports and the API serve on, and requested runs wait."""
    age_s = heartbeats.age_s(heartbeats.BENCH)
    alive = age_s is not None and age_s <= settings.LEASE_S
    detail = "alive" if alive else "no sign of life; requested runs wait until a bench worker starts"
    return Check(name="bench_worker", passed=alive, needed=False, age_s=age_s, detail=detail)
