"""Estimates: a projection frozen with all its inputs, and the proof that it is still what was frozen."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from estimator.models import Estimate
from estimator.models.audit import Verb
from estimator.services.audit import record


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
    currency, monthly_cost = lowest_bill(content)
    estimate = Estimate(
        version=previous.version + 1 if previous else 1,
        previous=previous,
        title=title,
        target_name=target_name,
        cost_centre=cost_centre,
        currency=currency,
        monthly_cost=monthly_cost,
        budget_status=budget_status(content),
        created_at=timezone.now(),
        created_by=created_by,
        content=json.loads(json.dumps(content)),
    )
    estimate.content_hash = content_hash(estimate)
    with transaction.atomic():
        estimate.save(force_insert=True)
        record(
            Verb.FROZE, estimate, detail=f"version {estimate.version}, SHA-256 {estimate.content_hash}", by=created_by
        )
    return estimate


def newest_version(*, title: str, target_name: str) -> Estimate | None:
    """The last estimate of that name, without its content; None where there is none yet."""
    same = Estimate.objects.filter(title=title, target_name=target_name).defer("content")
    return same.order_by("-version", "-id").first()


def lowest_bill(content: Mapping[str, Any]) -> tuple[str, dict[str, str] | None]:
    """What lists show of a content without reading it: the currency, and P10, P50 and P90 of the cheapest row.

    None where no stack could be costed.
    """
    cheapest = min(content.get("rows", ()), key=lambda row: Decimal(row["monthly_cost"]["p50"]), default=None)
    if cheapest is None:
        return content.get("traffic", {}).get("currency", ""), None
    return cheapest["currency"], cheapest["monthly_cost"]


def budget_status(content: Mapping[str, Any]) -> str:
    """How the cheapest fleet stands to the target's budget; empty without one, and before budgets had a status."""
    answers: Sequence[Mapping[str, Any]] = content.get("answers") or ({},)
    budget: Mapping[str, str] = answers[0].get("budget") or {}
    return budget.get("status", "")


def frozen_content(estimate: Estimate) -> dict[str, Any]:
    """The content as it was frozen. Raises Tampered when the row was edited since, be it in what only lists show."""
    if content_hash(estimate) != estimate.content_hash or not _is_listed_as_it_is(estimate):
        raise Tampered(
            f"estimate {estimate.pk} was changed after it was frozen: it does not match its hash. Freeze a new one."
        )
    content: dict[str, Any] = estimate.content
    return content


def _is_listed_as_it_is(estimate: Estimate) -> bool:
    listed = estimate.currency, estimate.monthly_cost, estimate.budget_status
    return (*lowest_bill(estimate.content), budget_status(estimate.content)) == listed


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


def _canonical(frozen: Mapping[str, Any]) -> Any:
    """JSON storage may turn 1e22 into an integer and -0.0 into 0: numbers are hashed by their float value.

    Written and read again, because the codec is in C: a walk through the values in Python takes several times as long.
    """
    return json.loads(json.dumps(frozen), parse_int=_by_value, parse_float=_by_value, parse_constant=_by_value)


def _by_value(number: str) -> str:
    return f"number:{float(number) + 0.0!r}"
