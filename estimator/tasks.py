"""Housekeeping on its own queue, so that a long benchmark never holds it up."""

from celery import shared_task

from estimator.services import runs
from estimator.services.repeated_requests import forget_old_answers


@shared_task(name="estimator.reconcile")
def reconcile() -> None:
    """Give up attempts without a sign of life, tell the queue again of runs whose message may be lost, and forget."""
    runs.expire_leases()
    runs.tell_again()
    forget_old_answers()
