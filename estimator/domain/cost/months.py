"""Twelve months of a growing fleet: what each month needs, and the year."""

from collections.abc import Iterator

import numpy as np

from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.statistics import SHARES, Floats, Ints, Quantiles, order_index

MONTHS = 12


def growth_of(target: TrafficTarget, normals: Floats) -> Floats | None:
    """The growth of each draw (share per month), from standard normals; None where it is not in doubt."""
    return None if target.growth_per_month.is_exact else target.growth_per_month.normal(normals)


def counts_by_month(rule: FleetRule, target: TrafficTarget, loads: Floats, growth: Floats | None) -> Iterator[Ints]:
    """Instances of each draw, month by month. `loads`: instances' worth per request/s of mean rate."""
    for month in range(MONTHS):
        factor = target.growth_factor(month + 1) if growth is None else np.maximum(1 + growth, 0.0) ** month
        yield rule.instances_of(target.mean_rate * loads * factor)


def quantiles_by_month(
    rule: FleetRule, target: TrafficTarget, load: Quantiles[float], loads: Floats, *, growth: Floats | None
) -> tuple[Quantiles[int], ...]:
    """Instances in each month. With growth known, each month follows from the load's quantiles, exactly."""
    if growth is not None:
        return tuple(map(count_quantiles, counts_by_month(rule, target, loads, growth)))
    rates = [target.mean_rate * target.growth_factor(month) for month in range(1, MONTHS + 1)]
    return tuple(mapped(rule, load, rate) for rate in rates)


def last_and_year(
    rule: FleetRule, target: TrafficTarget, load: Quantiles[float], loads: Floats, *, growth: Floats | None
) -> tuple[Quantiles[int], Quantiles[int]]:
    """Instances in month 12 and instance-months of the year.

    With growth in doubt, a draw that starts high need not end high, so all twelve months of each draw are added up.
    """
    if growth is not None:
        counts = list(counts_by_month(rule, target, loads, growth))
        return count_quantiles(counts[-1]), count_quantiles(np.sum(counts, axis=0))
    months = quantiles_by_month(rule, target, load, loads, growth=growth)
    total = Quantiles(
        p10=sum(month.p10 for month in months),
        p50=sum(month.p50 for month in months),
        p90=sum(month.p90 for month in months),
    )
    return months[-1], total


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
