"""What a run is expected to take: the promised times of the profiles, and where the seconds go."""

import pytest

from benchmarks.progress import Clock
from benchmarks.setting import Step
from estimator.domain.measuring.durations import expected_block_s, expected_confirmation_s, expected_trial_s
from estimator.domain.measuring.workload import PROFILES, QUICK, RIGOROUS, SMOKE, STANDARD, Profile, RunSpec, Trial

TRIALS = tuple(Trial(stack=stack, workload="user_lookup") for stack in ("fastapi", "flask", "django"))


def spec(profile: Profile, *, locust: bool = True, **changes: object) -> RunSpec:
    values = {"run": 1, "attempt": 1, "trials": TRIALS, "objective_ms": 100.0, "seed": 1, **changes}
    return RunSpec(profile=profile, confirm_with_locust=locust, **values)  # type: ignore[arg-type]


def whole_s(profile: Profile, *, locust: bool = True, blocks: int | None = None) -> float:
    return Clock(spec(profile, locust=locust), expected_blocks=blocks or 0).total_s


def test_quick_keeps_its_promise_without_locust_and_with_it_and_all_repeats() -> None:
    assert whole_s(QUICK, locust=False) <= 90
    assert whole_s(QUICK) + QUICK.repeat_budget_s * len(TRIALS) <= 150


def test_standard_takes_twelve_minutes_with_all_its_blocks_and_rigorous_an_hour_and_more() -> None:
    assert STANDARD.precision is not None
    assert STANDARD.precision.budget_of(len(TRIALS)) == 12 * 60
    assert 11 * 60 <= whole_s(STANDARD) <= 12 * 60
    assert 50 * 60 <= whole_s(RIGOROUS) <= 70 * 60


def test_a_rigorous_run_of_three_stacks_fits_into_its_budget_with_all_its_blocks() -> None:
    assert RIGOROUS.precision is not None
    assert whole_s(RIGOROUS, blocks=RIGOROUS.most_blocks) <= RIGOROUS.precision.budget_s <= 3 * 3600


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda one: one.name)
def test_locust_the_gate_and_the_crowd_cost_time_in_the_first_block_only(profile: Profile) -> None:
    bare = expected_trial_s(profile, first=False, with_locust=True)
    once_s = expected_trial_s(profile, first=True) - bare
    crowd_s = profile.crowd_s if profile.crowd_connections else 0.0
    assert profile.gate_s + crowd_s < once_s < profile.gate_s + crowd_s + 3 * profile.discard_s + 2
    assert expected_trial_s(profile, first=True, with_locust=True) > bare + once_s
    assert expected_block_s(spec(profile), 1) == pytest.approx(3 * bare)


def test_only_a_profile_with_a_confirmation_expects_one() -> None:
    expected = {profile.name: expected_confirmation_s(profile) for profile in PROFILES.values()}
    assert expected.pop("rigorous") > RIGOROUS.confirmation_s
    assert set(expected.values()) == {0.0}


def test_more_expected_blocks_lower_the_share_and_raise_what_remains() -> None:
    clock = Clock(spec(RIGOROUS))
    clock.finish_trial(0)
    few = clock.progress("x")
    clock.expected_blocks = 20
    many = clock.progress("x")
    assert many.share < few.share
    assert many.remaining_s > few.remaining_s


def test_a_block_with_fewer_stacks_left_is_done_as_a_whole() -> None:
    clock = Clock(spec(STANDARD))
    clock.finish_trial(0)
    clock.finish_block({0})
    assert clock.done_s == expected_block_s(clock.spec, 0)


def test_a_step_tells_stack_block_and_share() -> None:
    clock = Clock(spec(STANDARD))
    told = clock.told(Step(message="warming up", share=0.1), TRIALS[0], 1)
    assert told.message == "fastapi, user_lookup, block 2 of 5: warming up"
    assert 0 < told.share < 0.2
    last = Clock(spec(RIGOROUS)).told(Step(message="starting", share=0.0), TRIALS[0], 20)
    assert last.message == "fastapi, user_lookup, last round: starting"


def test_one_block_needs_no_number() -> None:
    assert Clock(spec(SMOKE)).told(Step(message="starting", share=0.0), TRIALS[0], 0).message.endswith("p: starting")


def test_earlier_attempts_count_in_share_and_time() -> None:
    again = Clock(spec(STANDARD, finished_blocks=frozenset({0, 1}), spent_s=500.0))
    assert again.progress("x").share > 0.35
    assert again.elapsed_s >= 500
