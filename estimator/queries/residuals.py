"""Our own residuals of speed: what was measured of the same stacks and workloads on several registered hosts."""

import json
from collections.abc import Iterator

from estimator.domain.cost.residuals import HostDemand, own_sigmas
from estimator.domain.cost.sizing import NO_RESIDUALS, OwnSigmas
from estimator.domain.performance.capacity import Capacity
from estimator.queries.measurements import measured_in, newest_by_host


def speed_sigmas() -> OwnSigmas:
    """By basis; none while nothing was measured on two hosts. The newest succeeded run on each host counts."""
    newest = newest_by_host()
    pairs = [key[:2] for key in newest]
    shared = {key: run for key, run in newest.items() if pairs.count(key[:2]) > 1}
    return own_sigmas(_demands(shared)) if shared else NO_RESIDUALS


def _demands(newest: dict[tuple[str, str, str], int]) -> Iterator[HostDemand]:
    """Disturbed hosts tell nothing of a processor's speed."""
    wanted = {(stack, workload, run): host for (stack, workload, host), run in newest.items()}
    for one in measured_in(runs=newest.values(), workloads={workload for _, workload, _ in newest}):
        host = wanted.get((one.stack.slug, one.workload, one.run))
        if host is not None and isinstance(one.outcome, Capacity) and not one.outcome.disturbed:
            yield HostDemand(
                subject=json.dumps([one.stack.slug, one.workload, one.settings], sort_keys=True),
                host=host,
                speed=one.outcome.host,
                service_demand_s=one.outcome.service_demand_s,
            )
