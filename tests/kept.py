"""Rows that the tests of a file share."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker


@contextmanager
def kept(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is written within stays until the end; each test starts from it, as its own writes are rolled back."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
