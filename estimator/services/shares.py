"""Links that show one estimate without sign-in: unguessable, revocable, and good for nothing else."""

import hashlib
import logging
import secrets
from datetime import datetime

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from estimator.models import Estimate, EstimateShare
from estimator.models.audit import Verb
from estimator.services.audit import record
from estimator.services.errors import Refused
from estimator.services.estimates import frozen_content

logger = logging.getLogger(__name__)
_SECRET_BYTES = 32
TRIES_PER_MINUTE = 60  # of one address


class NoSuchShare(LookupError):
    """The link was never made, has expired or was revoked; which of them is told to nobody."""


class TooManyTries(Exception):
    """One address asks too often."""


def share_estimate(*, estimate: Estimate, by: User, expires_at: datetime | None = None) -> EstimateShare:
    """Make a link; its secret is on the returned row and nowhere else. Raises Refused, and Tampered."""
    frozen_content(estimate)
    now = timezone.now()
    if expires_at is not None and expires_at <= now:
        raise Refused("expires_at: that is in the past; give a later time or none.", field="expires_at")
    token = secrets.token_urlsafe(_SECRET_BYTES)
    with transaction.atomic():
        share = EstimateShare.objects.create(
            estimate=estimate, token_hash=_hash(token), created_at=now, created_by=by, expires_at=expires_at
        )
        record(Verb.SHARED, estimate, detail=f"{name_of(share)}, {_end_of(share)}", by=by)
    share.plain_token = token
    return share


def revoke_share(*, share: EstimateShare, by: User) -> None:
    """End a link at once. The row stays, with who revoked it and when; revoking twice changes nothing."""
    open_one = EstimateShare.objects.filter(pk=share.pk, revoked_at=None)
    with transaction.atomic():
        if open_one.update(revoked_at=timezone.now(), revoked_by=by):
            record(Verb.REVOKED, share.estimate, detail=name_of(share), by=by)


def name_of(share: EstimateShare) -> str:
    """As the audit and its page call a link."""
    return f"link {share.pk}"


def _end_of(share: EstimateShare) -> str:
    return f"until {share.expires_at:%Y-%m-%d %H:%M} UTC" if share.expires_at else "without end"


def opened_share(token: str, *, address: str) -> EstimateShare:
    """The link and the estimate that it shows, whose hash the reader verifies. Raises NoSuchShare and TooManyTries."""
    _count(address)
    share = EstimateShare.objects.select_related("estimate").filter(token_hash=_hash(token), revoked_at=None).first()
    if share is None or (share.expires_at is not None and share.expires_at <= timezone.now()):
        raise NoSuchShare("This link shows nothing: ask who sent it for a new one.")
    return share


def _hash(token: str) -> str:
    """The secret has 256 random bits: a plain hash is enough, there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _count(address: str) -> None:
    key = "share:" + hashlib.sha256(address.encode()).hexdigest()
    try:
        cache.add(key, 0, timeout=60)
        tries = cache.incr(key)
    except (RedisError, ValueError) as error:  # ValueError: the key expired between the two
        logger.warning("visits of shared links are not throttled: %s", error)
        return
    if tries > TRIES_PER_MINUTE:
        raise TooManyTries("Too many requests from this address; wait a minute.")
