"""Two workers predicted from one: the law by which fleets are sized, held against a second process."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from benchmarks.resources import CoreSplit
from benchmarks.stack_catalogue import StackManifest
from benchmarks.validation.ground import Ground
from benchmarks.validation.rows import Check, Row
from benchmarks.validation.sitting import cpu_s_per_request, measured, of_kind
from estimator.domain.measuring.workload import Profile, StepKind

STACK, WORKLOAD = "fastapi", "user_lookup"
WORKERS = 2
PROFILE = Profile(
    name="validation",
    blocks=1,
    warm_up_s=1.5,
    saturation_s=2.0,
    window_s=2.0,
    window_rates=(0.85,),
    gate_s=0.5,
    ring_size=200,
    repeat_budget_s=3.0,
)
_PAIRS = 5
_WITHIN = 0.20
_ALONE = 4  # cores on which two workers have theirs for themselves
CHECK = Check(
    name=f"two workers predicted from one, {STACK} `{WORKLOAD}`: closed-loop rate", must_be=f"within {_WITHIN:.0%}"
)


class Pair(NamedTuple):
    """One worker measured and, right before or after it, two: CPU-seconds per request of the one, rate of the two."""

    app_s: float
    database_s: float
    generator_s: float
    rate: float

    def predicted(self, *, alone: bool) -> float:
        """Requests/s of two workers: 2 / D where they have their own cores, else 2 / (D + D_db + D_generator)."""
        return WORKERS / (self.app_s if alone else self.app_s + self.database_s + self.generator_s)


def check_workers(ground: Ground, *, profile: Profile = PROFILE, pairs: int = _PAIRS) -> list[Row]:
    """About 100 s. Raises AppError when the stack cannot be measured."""
    cores = sorted({*ground.cores.app, *ground.cores.load})
    if len(cores) < WORKERS:
        return [CHECK.not_testable(f"{len(cores)} core; two workers need two")]
    found = [_pair(ground, cores, profile, two_first=bool(number % 2)) for number in range(pairs)]
    return [workers_row(found, alone=len(cores) >= _ALONE)]


def _pair(ground: Ground, cores: list[int], profile: Profile, *, two_first: bool) -> Pair:
    """The first of a pair alternates, so that a drift of the machine falls on both sides."""
    stack = ground.stack(STACK)
    usual, wide = (stack, ground.cores), (with_workers(stack, WORKERS), split(cores))
    windows = {
        one.settings["workers"]: measured(ground, [one], WORKLOAD, profile=profile, cores=own)
        for one, own in ((wide, usual) if two_first else (usual, wide))
    }
    of_one, of_two = windows[1], windows[WORKERS]
    app_s, database_s, _ = cpu_s_per_request(of_kind(of_one, STACK, StepKind.OPEN_LOOP))
    saturated = of_kind(of_two, STACK, StepKind.SATURATION)
    generator_s = cpu_s_per_request(of_kind(of_one, STACK, StepKind.SATURATION))[2]
    return Pair(app_s, database_s, generator_s, fmean(window.achieved_rate for window in saturated))


def workers_row(pairs: Sequence[Pair], *, alone: bool) -> Row:
    """The middle pair: what disturbs a shared machine for seconds is no error of the law."""
    ratios = sorted((pair.rate / pair.predicted(alone=alone), pair) for pair in pairs)
    ratio, middle = ratios[(len(ratios) - 1) // 2]
    law = "2 / D" if alone else "2 / (D + D_db + D_generator), all on the same two cores"
    parts = " + ".join(f"{demand_s * 1e6:.0f}" for demand_s in middle[:3])
    return CHECK.judged(
        f"{middle.rate:,.0f} against {middle.predicted(alone=alone):,.0f} req/s, {ratio - 1:+.1%} in the middle pair"
        f" ({law}: {parts} us; {len(pairs)} pairs {ratios[0][0] - 1:+.0%} to {ratios[-1][0] - 1:+.0%})",
        holds=abs(ratio - 1) <= _WITHIN,
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
