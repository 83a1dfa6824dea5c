"""The window at the estimated capacity: does p99 stay within the objective there, as far as one window can tell?"""

import math
from collections.abc import Sequence

from estimator.domain.measuring.measurement import Window
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.knee import ALLOWED_SHARE
from estimator.domain.statistics import Z95

_BUSIEST = 0.999  # keeps the relaxation time finite


def share_limit(*, utilisation: float, service_demand_s: float, duration_s: float) -> float:
    """The share over the objective that chance alone explains in one window at the knee (one-sided, 95 %).

    Late requests come in clusters as long as the queue takes to forget: D / (1 - sqrt(rho))^2 (relaxation time of
    M/M/1, Cohen 1969). So the window holds duration / (2 x that) independent looks, not thousands. In simulated M/M/1
    queues at their knee, 30 s each and eight pairs of D and objective, this bound was passed in at most 5 % of windows.
    """
    relaxation_s = service_demand_s / (1 - math.sqrt(min(utilisation, _BUSIEST))) ** 2
    variance = ALLOWED_SHARE * (1 - ALLOWED_SHARE) * min(1.0, 2 * relaxation_s / duration_s)
    return ALLOWED_SHARE + Z95 * math.sqrt(variance)


def contradictions(windows: Sequence[Window], *, service_demand_s: float, objective_ms: float) -> list[str]:
    """What confirmation windows say against the capacity: labels, never a correction. D in CPU-seconds per request."""
    found = []
    for window in windows:
        if window.kind is StepKind.CONFIRMATION:
            found += _against(window, service_demand_s, objective_ms)
    return found


def _against(window: Window, service_demand_s: float, objective_ms: float) -> list[str]:
    """The utilisation is the planned one: under the hypothesis that the capacity is right, the queue runs there."""
    rate = window.offered_rate or 0.0
    if window.void:
        return [f"the window at the estimated capacity ({rate:,.0f} req/s) stayed disturbed and confirms nothing"]
    planned = rate * service_demand_s / window.resources.app_cores
    limit = share_limit(utilisation=planned, service_demand_s=service_demand_s, duration_s=window.duration_s)
    failed = window.errors + window.wrong + window.unsent
    late = window.latency.share_above(objective_ms) * window.latency.total
    share = (late + failed) / max(1, window.latency.total + failed)
    if share <= limit:
        return []
    p99_ms = window.latency.percentile_ms(99) or 0.0
    return [
        f"at the estimated capacity of {rate:,.0f} req/s p99 was {p99_ms:,.0f} ms over {window.duration_s:.0f} s"
        f" (objective {objective_ms:g} ms): {share:.1%} of the requests missed it,"
        f" and chance explains up to {limit:.1%}"
    ]
