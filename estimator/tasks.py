"""Housekeeping on its own queue, so that a long benchmark never holds it up."""

from celery import shared_task

from estimator.services import runs


@shared_task(name="estimator.reconcile")
def reconcile() -> None:
    """Give up attempts without a sign of life, and tell the queue again of runs whose message may be lost."""
    runs.expire_leases()
    runs.tell_again()
