"""How often one key, or one signed-in person, may ask. Comfort, not security: quotas live in the database."""

import logging
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from estimator.models import ApiKey

if TYPE_CHECKING:  # REST framework loads these defaults while its own views load
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class PerKey(SimpleRateThrottle):
    """Every request counts."""

    scope = "requests"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        """One count for each key; one for each person who uses the session."""
        who = f"key-{request.auth.prefix}" if isinstance(request.auth, ApiKey) else f"user-{request.user.pk}"
        return f"throttle:{self.scope}:{who}"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether this request is within the rate; without the cache, every request is."""
        try:
            return super().allow_request(request, view)
        except RedisError:
            logger.warning("requests are not throttled: the cache does not answer")
            return True


class PerKeyCalculations(PerKey):
    """Addresses that calculate for every request have a rate of their own on top."""

    scope = "calculations"
