"""Requests with an Idempotency-Key: however often one arrives, it is carried out once and answered the same."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from estimator.models import AnsweredRequest
from estimator.services.errors import Refused

KEPT_FOR = timedelta(days=1)


@contextmanager
def remembered(*, by: User, key: str, asked: str) -> Iterator[AnsweredRequest]:
    """The row of this person's key. Without a `status` the request is new: carry it out inside, and keep its answer.

    One transaction: an error inside forgets the key again. Raises Refused when the key came with another request.
    Of equal requests at once one inserts the row; the others wait at its unique constraint and find the answer.
    """
    asked_hash = _hash(asked)
    with transaction.atomic():
        row, _ = AnsweredRequest.objects.get_or_create(
            key_hash=_hash(f"{by.pk}:{key}"), defaults={"asked_hash": asked_hash, "asked_at": timezone.now()}
        )
        if row.asked_hash != asked_hash:
            raise Refused(
                "This key came with another request before, which was carried out; send a new key.",
                field="Idempotency-Key",
            )
        yield row


def keep_answer(row: AnsweredRequest, *, status: int, location: str, body: str) -> None:
    """What the same request will be answered with."""
    row.status, row.location, row.body = status, location, body
    row.save(update_fields=["status", "location", "body"])


def forget_old_answers() -> int:
    """Remove what is older than KEPT_FOR; returns how many."""
    deleted, _ = AnsweredRequest.objects.filter(asked_at__lt=timezone.now() - KEPT_FOR).delete()
    return deleted


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
