"""How long a whole run is expected to take, and whether the attempts that it has suffice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.measuring.durations import Expected, expected_run
from estimator.domain.measuring.workload import PROFILES, QUICK, RIGOROUS, SMOKE, STANDARD, Profile

profiles = st.sampled_from(list(PROFILES.values()))


def test_a_rigorous_run_counts_its_fewest_blocks_and_the_confirmation() -> None:
    found = expected_run(RIGOROUS, trials=3, with_locust=True)

    assert found.blocks == 10
    assert 50 * 60 <= found.run_s <= 70 * 60
    assert found.run_s / 12 < found.longest_block_s < found.run_s / 8


@pytest.mark.parametrize(
    ("profile", "with_locust", "most_s"), [(QUICK, False, 90), (QUICK, True, 150), (STANDARD, True, 12 * 60)]
)
def test_three_stacks_with_one_workload_keep_to_the_time_their_profile_promises(
    profile: Profile, *, with_locust: bool, most_s: float
) -> None:
    assert most_s / 2 < expected_run(profile, trials=3, with_locust=with_locust).run_s < most_s


@given(profile=profiles, trials=st.integers(1, 100), with_locust=st.booleans())
def test_more_pairs_take_longer_and_so_does_locust(*, profile: Profile, trials: int, with_locust: bool) -> None:
    run_s = [expected_run(profile, trials=n, with_locust=with_locust).run_s for n in (trials, trials + 1)]

    assert run_s[0] < run_s[1]
    assert expected_run(profile, trials=trials, with_locust=True).run_s >= run_s[0]


@pytest.mark.parametrize("profile", [SMOKE, QUICK], ids=lambda one: one.name)
def test_a_short_profile_of_every_stack_and_workload_fits_one_attempt(profile: Profile) -> None:
    assert expected_run(profile, trials=7 * 8, with_locust=True).fits(attempts=1, attempt_s=3 * 3600)


def test_each_attempt_but_the_last_may_lose_its_longest_block() -> None:
    run = Expected(blocks=10, run_s=100, longest_block_s=10)

    assert run.fits(attempts=1, attempt_s=100)
    assert not run.fits(attempts=1, attempt_s=99)
    assert run.fits(attempts=3, attempt_s=40)
    assert not run.fits(attempts=3, attempt_s=39)


def test_a_block_that_is_longer_than_an_attempt_never_fits() -> None:
    assert not Expected(blocks=1, run_s=101, longest_block_s=101).fits(attempts=3, attempt_s=100)
