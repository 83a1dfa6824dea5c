"""Frozen estimates in short."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from estimator.models import Estimate, EstimateShare


@dataclass(frozen=True, kw_only=True)
class EstimateRow:
    """One estimate and the lowest monthly cost in it; `monthly` is None where no stack could be costed."""

    id: int
    title: str
    target_name: str
    cost_centre: str
    created_at: datetime
    created_by: str
    currency: str
    monthly: Mapping[str, str] | None


def estimate_rows(*, limit: int = 200) -> tuple[EstimateRow, ...]:
    """The newest estimates, newest first."""
    return tuple(_row(estimate) for estimate in Estimate.objects.select_related("created_by")[:limit])


def open_shares(estimate: Estimate) -> QuerySet[EstimateShare]:
    """Links that still show the estimate, newest first."""
    alive = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return estimate.shares.filter(alive, revoked_at=None).select_related("created_by")


def _row(estimate: Estimate) -> EstimateRow:
    rows: list[dict[str, Any]] = estimate.content.get("rows", [])
    cheapest = min(rows, key=lambda row: float(row["monthly_cost"]["p50"]), default=None)
    return EstimateRow(
        id=estimate.pk,
        title=estimate.title,
        target_name=estimate.target_name,
        cost_centre=estimate.cost_centre,
        created_at=estimate.created_at,
        created_by=estimate.created_by.get_username() if estimate.created_by else "",
        currency=cheapest["currency"] if cheapest else "",
        monthly=cheapest["monthly_cost"] if cheapest else None,
    )
