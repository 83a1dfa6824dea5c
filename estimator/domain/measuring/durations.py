"""How long measuring is expected to take: a trial, a block, a whole run."""

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.domain.measuring.workload import Profile, RunSpec

# Seen on two shared cores, in seconds.
_START_S = 1.2  # app and load generator, until the first right answer
_VERIFY_S = 1.3  # a thousand requests after load; those before it are part of the warm-up
_STOP_S = 0.5
_STEP_S = 0.1  # connections primed, drained and counted, for each window
_LOCUST_S = 3.0  # its start, its warm-up and its end
SERVICES_S = 1.5  # database and canary


def expected_trial_s(profile: Profile, *, first: bool, with_locust: bool = False) -> float:
    """How long one stack takes in one block when no window is repeated, in seconds; `first`: in its first block."""
    judged = [profile.saturation_s]
    judged += [profile.window_s + profile.discard_s] * len(profile.window_rates)
    judged += _once(profile, with_locust=with_locust) if first else []
    locust_s = profile.half_capacity_s + _LOCUST_S if first and with_locust else 0.0
    return _around(profile, judged) + locust_s


def _once(profile: Profile, *, with_locust: bool) -> list[float]:
    """The windows of a stack's first block alone: at half capacity, and the crowd."""
    half_s = profile.half_capacity_s if with_locust else profile.gate_s
    crowd = [profile.crowd_s + profile.discard_s] if profile.crowd_connections else []
    return [half_s + profile.discard_s, *crowd]


def expected_confirmation_s(profile: Profile) -> float:
    """How long the window at the estimated capacity takes for one stack, with all around it, in seconds."""
    return _around(profile, [profile.confirmation_s + profile.discard_s]) if profile.confirmation_s else 0.0


def _around(profile: Profile, judged_s: Sequence[float]) -> float:
    """These windows in a fresh process, which is started, verified and warmed up, verified again and stopped."""
    load_s = profile.warm_up_s + sum(judged_s)
    return _START_S + _VERIFY_S + load_s + _STEP_S * (1 + len(judged_s)) + _STOP_S


def expected_block_s(spec: RunSpec, block: int) -> float:
    """One block of all stacks; block 0 holds what is taken once, the round after the last confirms."""
    return _block_s(spec.profile, block, trials=len(spec.trials), with_locust=spec.confirm_with_locust)


def _block_s(profile: Profile, block: int, *, trials: int, with_locust: bool) -> float:
    if block == profile.confirmation_block:
        return expected_confirmation_s(profile) * trials
    return expected_trial_s(profile, first=block == 0, with_locust=with_locust) * trials


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a run takes at the least, in seconds: its fewest blocks without repeats. `longest_block_s` is the most that
    the end of an attempt can undo, because finished blocks stay."""

    blocks: int
    run_s: float
    longest_block_s: float

    def fits(self, *, attempts: int, attempt_s: float) -> bool:
        """Whether so many attempts of so long a time are sure to suffice, each but the last losing a block."""
        return self.run_s + (attempts - 1) * self.longest_block_s <= attempts * attempt_s


def expected_run(profile: Profile, *, trials: int, with_locust: bool) -> Expected:
    """Of so many pairs of stack and workload."""
    blocks = profile.precision.fewest_blocks if profile.precision else profile.blocks
    confirmation = [] if profile.confirmation_block is None else [profile.confirmation_block]
    numbers = [*range(blocks), *confirmation]
    each_s = [_block_s(profile, number, trials=trials, with_locust=with_locust) for number in numbers]
    return Expected(blocks=blocks, run_s=SERVICES_S + sum(each_s), longest_block_s=max(each_s))
