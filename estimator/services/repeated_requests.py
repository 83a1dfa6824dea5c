"""Runs asked for with an Idempotency-Key: however often the request arrives, there is one run."""

import hashlib

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from estimator.models import BenchmarkPlan, Run, RunEvent
from estimator.services.errors import Refused
from estimator.services.runs import request_run

_KIND = "idempotency_key"


def request_run_once(*, plan: BenchmarkPlan, requested_by: User, key: str) -> Run:
    """The run that this person's `key` started before, else a new one. Raises Refused."""
    digest = hashlib.sha256(f"{requested_by.pk}:{key}".encode()).hexdigest()
    with transaction.atomic():
        _wait_for_others(digest)
        run = _earlier_run(digest, requested_by)
        if run is None:
            return _new_run(plan, requested_by, digest)
        if run.plan_id != plan.pk:
            raise Refused(
                f"This key already started run {run.pk} of another plan; send a new key.", field="Idempotency-Key"
            )
        return run


def _wait_for_others(digest: str) -> None:
    """Until the transaction ends, the same key waits here: two equal requests at once see one another's run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])


def _earlier_run(digest: str, requested_by: User) -> Run | None:
    event = RunEvent.objects.filter(run__requested_by=requested_by, kind=_KIND, message=digest)
    found = event.select_related("run").first()
    return found.run if found else None


def _new_run(plan: BenchmarkPlan, requested_by: User, digest: str) -> Run:
    run = request_run(plan=plan, requested_by=requested_by)
    RunEvent.objects.create(run=run, at=timezone.now(), attempt=0, kind=_KIND, message=digest)
    return run
