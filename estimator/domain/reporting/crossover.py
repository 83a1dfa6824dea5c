"""From which traffic on a fleet of instances costs less than paying per request."""

from decimal import Decimal

from estimator.domain.cost.options import StackOptions
from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import HOURS_PER_DAY, HOURS_PER_MONTH, MAXIMUM_PER_DAY

_STEPS = 60  # of the fleet's cost that are searched


def fleet_cheaper_from(options: StackOptions, per_million: Money) -> Decimal | None:
    """Requests per day from which the cheapest fleet's P50 bill stays at or below that of paying per request.

    The fleet's bill climbs in steps, the other in a straight line. They part for good in the last step that the line
    crosses: where a step starts below the line, so do all later ones. None where the line stays below within the
    steps searched.
    """
    slope = float(per_million.amount) / 1e6 * HOURS_PER_MONTH / HOURS_PER_DAY  # a month's bill per daily request
    start, crossed = 0.0, None
    for _ in range(_STEPS):
        fleet = options.cheapest(max(start * (1 + 1e-9), 1e-6))
        crossing = float(fleet.p50.amount) / slope
        if crossing <= start:
            return Decimal(round(crossed if crossed is not None else start))
        end = options.greatest_traffic(fleet.p50)
        crossed = crossing if crossing < end else None
        if end > MAXIMUM_PER_DAY or end <= start:
            break
        start = end
    return None if crossed is None else Decimal(round(crossed))
