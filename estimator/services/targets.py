"""Traffic targets: written as a whole or not at all."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from estimator.models import TrafficTarget
from estimator.services.errors import Refused

# The field to mend when a rule over several fields is broken.
_FIELDS = {
    "target_peaks_in_order": "peak_to_mean",
    "target_zone_loss_needs_two_zones": "zones",
    "target_one_standing": "standing",
}


def save_target(target: TrafficTarget, *, changes: Mapping[str, Any]) -> TrafficTarget:
    """Write a new or changed target. Raises ValidationError per field, Refused for rules over several."""
    for name, value in changes.items():
        setattr(target, name, value)
    target.full_clean(validate_constraints=False)
    _check_rules(target)
    with transaction.atomic():
        target.save()
    return target


def _check_rules(target: TrafficTarget) -> None:
    for rule in TrafficTarget._meta.constraints:
        try:
            rule.validate(TrafficTarget, target)
        except ValidationError as error:
            raise Refused(error.messages[0], field=_FIELDS.get(rule.name, "target")) from None


def delete_target(target: TrafficTarget) -> None:
    """Estimates keep their own copy of a target, so nothing stands in the way."""
    target.delete()
