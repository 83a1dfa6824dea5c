"""Estimates: a projection frozen with all its inputs, and the proof that it is still what was frozen."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from estimator.models import Estimate


class Tampered(Exception):
    """A stored estimate is not what was frozen."""


def freeze_estimate(
    *,
    title: str,
    target_name: str,
    content: Mapping[str, Any],
    created_by: User | None,
    cost_centre: str = "",
) -> Estimate:
    """Store a projection's JSON for good. Later prices, runs and code change nothing of it.

    The next estimate of the same title and target is the next version, and knows the one before.
    """
    previous = newest_version(title=title, target_name=target_name)
    estimate = Estimate(
        version=previous.version + 1 if previous else 1,
        previous=previous,
        title=title,
        target_name=target_name,
        cost_centre=cost_centre,
        created_at=timezone.now(),
        created_by=created_by,
        content=json.loads(json.dumps(content)),
    )
    estimate.content_hash = content_hash(estimate)
    estimate.save(force_insert=True)
    return estimate


def newest_version(*, title: str, target_name: str) -> Estimate | None:
    """The last estimate of that name; None where there is none yet."""
    return Estimate.objects.filter(title=title, target_name=target_name).order_by("-version", "-id").first()


def frozen_content(estimate: Estimate) -> dict[str, Any]:
    """The content as it was frozen. Raises Tampered when the row was edited since."""
    if content_hash(estimate) != estimate.content_hash:
        raise Tampered(
            f"estimate {estimate.pk} was changed after it was frozen: its hash does not match. Freeze a new one."
        )
    content: dict[str, Any] = estimate.content
    return content


def content_hash(estimate: Estimate) -> str:
    """SHA-256 (hex) of all that was frozen; the same however the database writes its JSON."""
    created_at: datetime = estimate.created_at
    frozen: dict[str, Any] = {
        "title": estimate.title,
        "target_name": estimate.target_name,
        "cost_centre": estimate.cost_centre,
        "created_at": created_at.astimezone(UTC).isoformat(),
        "content": estimate.content,
    }
    if estimate.previous_id:  # first versions are hashed as they were before there were others
        frozen |= {"version": estimate.version, "previous": estimate.previous_id}
    text = json.dumps(_canonical(frozen), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """JSON storage may turn 1e22 into an integer and -0.0 into 0: numbers are hashed by their float value."""
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"number:{float(value) + 0.0!r}"
    return value
