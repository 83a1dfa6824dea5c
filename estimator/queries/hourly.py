"""Fleets by the hour for the rows that are shown: each stack's cheapest machine, at all its terms."""

from estimator.domain.cost.hourly import HourlyFleet, plan_hours
from estimator.domain.cost.pricing import Price, Term
from estimator.domain.reporting.projection import Projection
from estimator.queries.prices import price_candidates


def hourly_fleets(projection: Projection) -> tuple[HourlyFleet, ...]:
    """In the order of `projection.cheapest`; none for a target without a shape. All draws are priced in each hour."""
    rows = projection.cheapest
    if projection.target.shape is None or not rows:
        return ()
    offers = price_candidates(
        regions={row.price.region for row in rows},
        terms=list(Term),
        machines={row.hardware.name for row in rows},
        currency=projection.target.currency,
    )
    prices: dict[tuple[str, str], list[Price]] = {}
    for offer in offers:
        prices.setdefault((offer.hardware.label, offer.price.region), []).append(offer.price)
    return tuple(
        plan_hours(row.fleet.stack, row, prices.get((row.hardware.label, row.price.region), [])) for row in rows
    )
