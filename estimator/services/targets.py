"""Traffic targets: written as a whole or not at all."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from estimator.models import TrafficTarget
from estimator.models.audit import Verb
from estimator.services.audit import record


def save_target(target: TrafficTarget, *, changes: Mapping[str, Any]) -> TrafficTarget:
    """Write a new or changed target. Raises ValidationError that names each field to mend."""
    for name, value in changes.items():
        setattr(target, name, value)
    target.full_clean()
    verb = Verb.CHANGED if target.pk else Verb.ADDED
    with transaction.atomic():  # with its history
        target.save()
        record(verb, target, detail=", ".join(changes))
    return target


def delete_target(target: TrafficTarget) -> None:
    """Estimates keep their own copy of a target, so nothing stands in the way."""
    with transaction.atomic():
        record(Verb.REMOVED, target)
        target.delete()
