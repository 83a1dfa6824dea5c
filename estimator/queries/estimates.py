"""Frozen estimates in short, and many of them one after the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from estimator.models import Estimate, EstimateApproval, EstimateShare

PAGE = 50
_AT_ONCE = 5  # contents in memory; each is a few hundred KiB as Python sees it


@dataclass(frozen=True, kw_only=True)
class EstimateSearch:
    """What a list is narrowed to; what is empty narrows nothing. Days are those of UTC, both ends included."""

    cost_centre: str = ""
    target: str = ""
    currency: str = ""
    since: date | None = None
    until: date | None = None
    approved: bool | None = None


@dataclass(frozen=True, kw_only=True)
class EstimateRow:
    """One estimate and the lowest monthly cost in it; `monthly` is None where no stack could be costed."""

    id: int
    title: str
    version: int
    target_name: str
    cost_centre: str
    created_at: datetime
    created_by: str
    approved: bool
    currency: str
    budget_status: str
    monthly: Mapping[str, str] | None


@dataclass(frozen=True, kw_only=True)
class EstimatePage:
    """Some rows, newest first; `older` is the id below which the next page starts, None on the last."""

    rows: tuple[EstimateRow, ...]
    older: int | None


def estimate_page(search: EstimateSearch, *, below: int | None = None, size: int = PAGE) -> EstimatePage:
    """One page. Its figures come from columns: no content is read, and so no hash is verified."""
    found = _below(_found(search), below).select_related("created_by").defer("content")
    estimates = list(found.annotate(approved=Exists(_APPROVALS))[: size + 1])
    shown = estimates[:size]
    return EstimatePage(rows=tuple(map(_row, shown)), older=shown[-1].pk if len(estimates) > size else None)


def estimate_rows(*, limit: int) -> tuple[EstimateRow, ...]:
    """The newest estimates, newest first."""
    return estimate_page(EstimateSearch(), size=limit).rows


def with_approval(estimates: QuerySet[Estimate], *, approved: bool) -> QuerySet[Estimate]:
    """Those that somebody approved, or the others."""
    return estimates.filter(Exists(_APPROVALS) if approved else ~Exists(_APPROVALS))


def each_estimate(estimates: QuerySet[Estimate]) -> Iterator[Estimate]:
    """Every one with its content, newest first, a few at a time by id.

    Memory does not grow with their number, and no cursor stays open on the server while a client reads slowly.
    """
    below: int | None = None
    while some := list(_below(estimates, below)[:_AT_ONCE]):
        yield from some
        below = some[-1].pk


def open_shares(estimate: Estimate) -> QuerySet[EstimateShare]:
    """Links that still show the estimate, newest first."""
    alive = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return estimate.shares.filter(alive, revoked_at=None).select_related("created_by")


_APPROVALS = EstimateApproval.objects.filter(estimate=OuterRef("pk"))


def _found(search: EstimateSearch) -> QuerySet[Estimate]:
    exact = {"cost_centre": search.cost_centre, "target_name": search.target, "currency": search.currency}
    found = Estimate.objects.filter(**{name: value for name, value in exact.items() if value})
    if search.since:
        found = found.filter(created_at__gte=datetime.combine(search.since, time.min, UTC))
    if search.until:
        found = found.filter(created_at__lte=datetime.combine(search.until, time.max, UTC))
    return found if search.approved is None else with_approval(found, approved=search.approved)


def _below(estimates: QuerySet[Estimate], below: int | None) -> QuerySet[Estimate]:
    return (estimates if below is None else estimates.filter(pk__lt=below)).order_by("-pk")


def _row(estimate: Estimate) -> EstimateRow:
    return EstimateRow(
        id=estimate.pk,
        title=estimate.title,
        version=estimate.version,
        target_name=estimate.target_name,
        cost_centre=estimate.cost_centre,
        created_at=estimate.created_at,
        created_by=estimate.created_by.get_username() if estimate.created_by else "",
        approved=estimate.approved,  # type: ignore[attr-defined]  # annotated above
        currency=estimate.currency,
        budget_status=estimate.budget_status,
        monthly=estimate.monthly_cost,
    )
