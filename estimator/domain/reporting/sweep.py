"""Cost against traffic, from 100k to 1B requests a day: the chart with its bands and the decades beside the example."""

from collections.abc import Sequence
from decimal import Decimal

from estimator.domain.cost.options import PricedFleet, StackOptions

FEWEST_PER_DAY = 100_000
POINTS_PER_DECADE = 8
DECADES = 4
SWEEP = tuple(
    Decimal(round(FEWEST_PER_DAY * 10 ** (point / POINTS_PER_DECADE)))
    for point in range(DECADES * POINTS_PER_DECADE + 1)
)
TABLE = SWEEP[::POINTS_PER_DECADE]  # 100k, 1M, 10M, 100M, 1B


def sweep_traffic(
    options: Sequence[StackOptions], traffic: Sequence[Decimal] = SWEEP
) -> dict[str, tuple[PricedFleet, ...]]:
    """For each stack, the cheapest fleet at each traffic."""
    return {stack.stack: tuple(stack.cheapest(requests) for requests in traffic) for stack in options}
