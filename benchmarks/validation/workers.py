"""Two workers predicted from one: the law by which fleets are sized, held against a second process."""

from dataclasses import replace
from itertools import pairwise

from benchmarks.resources import CoreSplit
from benchmarks.stack_catalogue import StackManifest
from benchmarks.validation.ground import Ground
from benchmarks.validation.rows import Check, Row
from benchmarks.validation.sitting import cpu_s_per_request, fitted, measured, of_kind
from estimator.domain.measuring.workload import Profile, StepKind

STACK, WORKLOAD = "fastapi", "user_lookup"
WORKERS = 2
PROFILE = Profile(
    name="validation",
    blocks=3,
    warm_up_s=1.5,
    saturation_s=2.0,
    window_s=2.0,
    window_rates=(0.85,),
    gate_s=0.5,
    warm_up_requests=500,
    ring_size=200,
    repeat_budget_s=3.0,
)
_WITHIN = 0.20
_ALONE = 4  # cores on which two workers have theirs for themselves
CHECK = Check(
    name=f"two workers predicted from one, {STACK} `{WORKLOAD}`: closed-loop rate", must_be=f"within {_WITHIN:.0%}"
)


def check_workers(ground: Ground, *, profile: Profile = PROFILE) -> list[Row]:
    """About 70 s. Raises AppError when the stack cannot be measured."""
    cores = sorted({*ground.cores.app, *ground.cores.load})
    if len(cores) < WORKERS:
        return [CHECK.not_testable(f"{len(cores)} core; two workers need two")]
    one = ground.stack(STACK)
    first = measured(ground, [one], WORKLOAD, profile=profile)
    both = measured(ground, [with_workers(one, WORKERS)], WORKLOAD, profile=profile, cores=split(cores))
    generator_s = cpu_s_per_request(of_kind(first, STACK, StepKind.SATURATION))[2]
    capacity = fitted(first, STACK)
    rates = [window.achieved_rate for window in of_kind(both, STACK, StepKind.SATURATION)]
    demands_s = capacity.service_demand_s, capacity.database_demand_s, generator_s
    return [workers_row(demands_s, rates, alone=len(cores) >= _ALONE)]


def workers_row(demands_s: tuple[float, float, float], rates: list[float], *, alone: bool) -> Row:
    """Rates of two workers against 2 / D where they have their own cores, else 2 / (D + D_db + D_generator)."""
    law = "2 / D" if alone else "2 / (D + D_db + D_generator), all on the same two cores"
    predicted = WORKERS / (demands_s[0] if alone else sum(demands_s))
    seen = sum(rates) / len(rates)
    parts = " + ".join(f"{demand_s * 1e6:.0f}" for demand_s in demands_s)
    return CHECK.judged(
        f"{seen:,.0f} against {predicted:,.0f} req/s, {seen / predicted - 1:+.1%}"
        f" ({law}: {parts} us; {len(rates)} blocks {min(rates):,.0f}-{max(rates):,.0f})",
        holds=abs(seen / predicted - 1) <= _WITHIN,
    )


def split(cores: list[int]) -> CoreSplit:
    """A core for each worker where there are four; else everything shares what there is."""
    if len(cores) >= _ALONE:
        return CoreSplit(app=tuple(cores[-WORKERS:]), load=tuple(cores[:-WORKERS]))
    return CoreSplit(app=tuple(cores), load=tuple(cores))


def with_workers(stack: StackManifest, workers: int) -> StackManifest:
    """The same stack with so many processes."""
    words = pairwise(("", *stack.command))  # the number may also come from the settings, as {workers}
    command = tuple(str(workers) if before == "--workers" else word for before, word in words)
    return replace(stack, command=command, settings={**stack.settings, "workers": workers})
