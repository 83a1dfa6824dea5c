"""Traffic profiles: shipped ones are made once, whatever people do with them later."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from estimator.models.profiles import TrafficProfile
from estimator.services.locks import Turn, take_turn


def ensure_profile(*, name: str, hourly: Sequence[float], **facts: Any) -> bool:
    """Whether it was made now; the history remembers one that is gone. Raises ValidationError."""
    with transaction.atomic():
        take_turn(Turn.SET_UP)
        if TrafficProfile.history.filter(name=name).exists():
            return False
        profile = TrafficProfile(name=name, hourly=list(hourly), **facts)
        profile.full_clean()
        profile.save()
    return True
