"""Signs of life: a process beats under its name, and anybody may ask how long ago that was."""

import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
BENCH = "bench"  # the bench worker's name


def beat(name: str) -> bool:
    """Say that `name` is alive. False when the cache is away: a worker never ends for want of a witness."""
    try:
        cache.set(_key(name), time.time(), timeout=None)
    except RedisError as error:
        logger.warning("the sign of life of %s was not written: %s", name, error)
        return False
    return True


def age_s(name: str) -> float | None:
    """Seconds since the last beat of `name`; None when it never beat, or the cache is away."""
    try:
        beaten_at = cache.get(_key(name))
    except RedisError:
        return None
    return None if beaten_at is None else max(0.0, time.time() - beaten_at)


def _key(name: str) -> str:
    return f"{name}-heartbeat"
