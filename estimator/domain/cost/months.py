"""Twelve months of a growing fleet: what each month needs, and the year."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.statistics import SHARES, Floats, Ints, Quantiles, order_index

MONTHS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Year:
    """Instances in each of twelve months, and instance-months of all together."""

    months: tuple[Quantiles[int], ...]
    total: Quantiles[int]


def growth_of(target: TrafficTarget, normals: Floats) -> Floats | None:
    """The growth of each draw (share per month), from standard normals; None where it is not in doubt."""
    return None if target.growth_per_month.is_exact else target.growth_per_month.normal(normals)


def counts_by_month(rule: FleetRule, target: TrafficTarget, loads: Floats, growth: Floats | None) -> Iterator[Ints]:
    """Instances of each draw, month by month. `loads`: instances' worth per request/s of mean rate."""
    for month in range(MONTHS):
        factor = target.growth_factor(month + 1) if growth is None else np.maximum(1 + growth, 0.0) ** month
        yield rule.instances_of(target.mean_rate * loads * factor)


def known_year(rule: FleetRule, target: TrafficTarget, load: Quantiles[float]) -> Year:
    """With growth known each month follows from the quantiles of the load, and the year from its months, exactly."""
    rates = [target.mean_rate * target.growth_factor(month) for month in range(1, MONTHS + 1)]
    months = tuple(mapped(rule, load, rate) for rate in rates)
    total = Quantiles(
        p10=sum(month.p10 for month in months),
        p50=sum(month.p50 for month in months),
        p90=sum(month.p90 for month in months),
    )
    return Year(months=months, total=total)


def drawn_year(rule: FleetRule, target: TrafficTarget, loads: Floats, growth: Floats) -> Year:
    """With growth in doubt a draw that starts high need not end high: the twelve months of each draw are added up."""
    counts = list(counts_by_month(rule, target, loads, growth))
    return Year(months=tuple(map(count_quantiles, counts)), total=count_quantiles(np.sum(counts, axis=0)))


def mapped(rule: FleetRule, load: Quantiles[float], mean_rate: float) -> Quantiles[int]:
    """Quantiles of instances at a mean rate, from those of the load per request/s."""
    return Quantiles(
        p10=rule.instances(mean_rate * load.p10),
        p50=rule.instances(mean_rate * load.p50),
        p90=rule.instances(mean_rate * load.p90),
    )


def count_quantiles(counts: Ints) -> Quantiles[int]:
    """P10, P50 and P90 of whole counts: order statistics."""
    ordered = np.sort(counts)
    low, mid, high = (int(ordered[order_index(counts.size, share)]) for share in SHARES)
    return Quantiles(p10=low, p50=mid, p90=high)
