"""Traffic targets with their answers in short, and the regions one can ask for."""

from dataclasses import dataclass
from decimal import Decimal

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.shape import TrafficShape
from estimator.domain.reporting.verdict import Verdict
from estimator.models import Price, TrafficTarget
from estimator.models.exchange import convertible
from estimator.models.profiles import TrafficProfile
from estimator.queries.exchange import listed_currencies
from estimator.queries.measurements import newest_measurements
from estimator.queries.projections import report_of, target_value

_MOST_PROJECTED = 20  # a list stays a list: each projection takes some 50 ms


@dataclass(frozen=True, kw_only=True)
class TargetRow:
    """A target, and what it costs as far as that is known. `cheapest` is None while nothing could be costed."""

    id: int
    name: str
    requests_per_day: Decimal
    slo_p99_ms: float
    cost_centre: str
    standing: bool
    verdict: Verdict | None
    cheapest: CostRow | None


def target_rows() -> tuple[TargetRow, ...]:
    """All targets by traffic, the first of them projected on the newest measurements."""
    measured = tuple(newest_measurements())
    targets = list(TrafficTarget.objects.select_related("shape"))
    projected = targets[:_MOST_PROJECTED] if measured else []
    reports = {target.pk: report_of(measured=measured, target=target_value(target)) for target in projected}
    rows = []
    for target in targets:
        projection = reports[target.pk].projection if target.pk in reports else None
        rows.append(
            TargetRow(
                id=target.pk,
                name=target.name,
                requests_per_day=target.requests_per_day,
                slo_p99_ms=target.slo_p99_ms,
                cost_centre=target.cost_centre,
                standing=target.standing,
                verdict=projection.verdict if projection else None,
                cheapest=next(iter(projection.cheapest), None) if projection else None,
            )
        )
    return tuple(rows)


def priced_regions(*, currency: str) -> list[str]:
    """Regions that have prices in the currency, or in one that a rate leads from."""
    usable = convertible(listed_currencies(), to=currency)
    regions = Price.objects.filter(currency__in=usable).order_by("region").values_list("region", flat=True).distinct()
    return list(regions)


def traffic_shapes() -> dict[str, TrafficShape]:
    """The weeks one can ask for, by name."""
    return {profile.name: profile.to_shape() for profile in TrafficProfile.objects.all()}
