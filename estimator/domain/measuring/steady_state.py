"""Whether a warm-up is over, from the answers it got in each 100 ms."""

import math
from collections.abc import Sequence

from estimator.domain.measuring.workload import SteadyRule
from estimator.domain.statistics import mser_cut

HALVES_WITHIN = 0.10
_BATCH = 5
_CHANCE = 3.0  # standard deviations of two Poisson counts: with few requests 10 % is chance
_FEWEST_BINS = 4 * _BATCH  # with less there is nothing to cut


def is_steady(bins: Sequence[int], rule: SteadyRule) -> bool:
    """Judge the answers per 100 ms of a warm-up by the profile's rule."""
    return _halves_agree(bins) if rule is SteadyRule.HALVES else _cut_is_early(bins)


def _halves_agree(bins: Sequence[int]) -> bool:
    half = len(bins) // 2
    first, second = sum(bins[:half]), sum(bins[half : 2 * half])
    return abs(second - first) <= max(HALVES_WITHIN * first, _CHANCE * math.sqrt(first + second))


def _cut_is_early(bins: Sequence[int]) -> bool:
    """MSER-5: a best cut at the last place allowed says that the transient may reach further (White 1997).

    On steady Poisson arrivals chance puts it there in 4 % of 8 s and 1 % of 15 s or longer.
    """
    batches = len(bins) // _BATCH
    return len(bins) < _FEWEST_BINS or mser_cut(bins, _BATCH) < batches // 2 * _BATCH
