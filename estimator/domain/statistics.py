"""Intervals, order statistics, Student's t, comparisons, prediction and steady-state detection."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
T = TypeVar("T")

Z10 = 1.2815515655446004  # standard normal deviate at P90
Z95 = 1.6448536269514722
Z975 = 1.959963984540054
SHARES = (0.10, 0.50, 0.90)
_BINS_BELOW_MEAN, _BINS = 200, 2047


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A number with its P10, P50 and P90 (or stated lowest, usual and highest value)."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        """An interval out of order is a mistake of the caller."""
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"An interval needs low <= mid <= high, not {self.low}, {self.mid}, {self.high}.")

    @classmethod
    def exact(cls, value: float) -> "Interval":
        """A number without doubt."""
        return cls(low=value, mid=value, high=value)

    @property
    def is_exact(self) -> bool:
        """Whether nothing is drawn."""
        return self.low == self.high

    def lognormal(self, normals: Floats) -> Floats:
        """Draws with these P10, P50 and P90: normal in ln on each side of the middle; for positive quantities."""
        below, above = math.log(self.mid / self.low) / Z10, math.log(self.high / self.mid) / Z10
        return self.mid * np.exp(normals * np.where(normals < 0, below, above))

    def normal(self, normals: Floats) -> Floats:
        """The same without the logarithm, for quantities that may be zero or negative."""
        below, above = (self.mid - self.low) / Z10, (self.high - self.mid) / Z10
        return self.mid + normals * np.where(normals < 0, below, above)

    def uniform(self, shares: Floats) -> Floats:
        """Draws spread evenly between low and high, for shares in 0..1."""
        return self.low + shares * (self.high - self.low)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantiles(Generic[T]):
    """P10, P50 and P90 of something drawn."""

    p10: T
    p50: T
    p90: T


def order_index(count: int, share: float) -> int:
    """The position of a quantile among `count` sorted draws: the inverse of the empirical distribution function.

    An order statistic, never an interpolation, so that it commutes exactly with any non-decreasing function.
    """
    return max(0, math.ceil(share * count - 1e-9) - 1)


def quantiles(draws: Floats) -> Quantiles[float]:
    """P10, P50 and P90 of positive draws, in any order: exactly the order statistics.

    Counting into bins and sorting three of them takes a third of the time of a partition, whose branches on random
    data are all mispredicted; the catalogue asks for hundreds of these.
    """
    scaled = draws * (_BINS_BELOW_MEAN * 64 / draws[:64].sum())
    bins = np.minimum(scaled, _BINS, out=scaled).astype(np.int16)
    cumulated = np.bincount(bins).cumsum()
    low, mid, high = (_order_statistic(draws, bins, cumulated, order_index(draws.size, share)) for share in SHARES)
    return Quantiles(p10=low, p50=mid, p90=high)


def _order_statistic(draws: Floats, bins: npt.NDArray[np.int16], cumulated: Ints, index: int) -> float:
    chosen = int(cumulated.searchsorted(index, side="right"))
    members = draws[bins == chosen]
    members.sort()
    return float(members[index - int(cumulated[chosen]) + members.size])


def interval_of(draws: Floats, level: float = 0.8) -> tuple[float, float]:
    """The two-sided interval that holds `level` of the draws."""
    low, high = order_index(draws.size, (1 - level) / 2), order_index(draws.size, (1 + level) / 2)
    parted = np.partition(draws, (low, high))
    return float(parted[low]), float(parted[high])


def student_t_cdf(t: float, degrees: int) -> float:
    """P(T <= t) for whole degrees of freedom (finite series, Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    theta = math.atan2(t, math.sqrt(degrees))
    cosine, odd = math.cos(theta), degrees % 2
    term, total = (cosine if odd else 1.0), 0.0
    for step in range(1, (degrees - odd) // 2 + 1):
        total += term
        term *= cosine**2 * ((2 * step) / (2 * step + 1) if odd else (2 * step - 1) / (2 * step))
    inside = 2 / math.pi * (theta + math.sin(theta) * total) if odd else math.sin(theta) * total
    return 0.5 + inside / 2


@lru_cache(maxsize=256)
def student_t_quantile(probability: float, degrees: int) -> float:
    """The t below which `probability` of Student's distribution lies; probability in (0, 1), degrees >= 1."""
    if not 0 < probability < 1 or degrees < 1:
        raise ValueError(f"No t quantile at probability {probability} with {degrees} degrees of freedom.")
    if probability < 0.5:
        return -student_t_quantile(1 - probability, degrees)
    low, high = 0.0, 1.0
    while student_t_cdf(high, degrees) < probability:
        low, high = high, high * 2
    for _ in range(80):  # each halving gains one bit; 80 exhaust a double
        middle = (low + high) / 2
        low, high = (middle, high) if student_t_cdf(middle, degrees) < probability else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True, kw_only=True)
class PairedComparison:
    """The ratio first/second over pairs: its geometric mean with a two-sided t interval on ln ratios."""

    ratio: float
    low: float
    high: float
    pairs: int

    @property
    def differs(self) -> bool:
        """Whether the interval excludes equality."""
        return self.low > 1 or self.high < 1


def paired_comparison(first: Sequence[float], second: Sequence[float], *, level: float = 0.95) -> PairedComparison:
    """Compare positive values paired by block. One pair tells no spread: its interval is unbounded."""
    differences = np.log(np.asarray(first, dtype=float)) - np.log(np.asarray(second, dtype=float))
    count, mean = differences.size, float(differences.mean())
    if count < 2:
        return PairedComparison(ratio=math.exp(mean), low=0.0, high=math.inf, pairs=count)
    half = student_t_quantile((1 + level) / 2, count - 1) * float(differences.std(ddof=1)) / math.sqrt(count)
    return PairedComparison(ratio=math.exp(mean), low=math.exp(mean - half), high=math.exp(mean + half), pairs=count)


def unpaired_comparison(first: Sequence[float], second: Sequence[float], *, level: float = 0.95) -> PairedComparison:
    """Compare positive values that share no blocks (Welch, whole degrees of freedom rounded down); 0 pairs."""
    logs = [np.log(np.asarray(values, dtype=float)) for values in (first, second)]
    ratio = math.exp(float(logs[0].mean() - logs[1].mean()))
    if min(one.size for one in logs) < 2:
        return PairedComparison(ratio=ratio, low=0.0, high=math.inf, pairs=0)
    parts = [float(one.var(ddof=1)) / one.size for one in logs]
    spread = sum(part**2 / (one.size - 1) for part, one in zip(parts, logs, strict=True))
    degrees = max(1, int(sum(parts) ** 2 / spread)) if spread else min(one.size for one in logs) - 1
    factor = math.exp(student_t_quantile((1 + level) / 2, degrees) * math.sqrt(sum(parts)))
    return PairedComparison(ratio=ratio, low=ratio / factor, high=ratio * factor, pairs=0)


def prediction_interval(values: Sequence[float] | Floats, *, level: float = 0.9) -> tuple[float, float]:
    """Where the next value of the same kind lies: mean +- t s sqrt(1 + 1/n); everywhere for fewer than two values."""
    seen = np.asarray(values, dtype=float)
    if seen.size < 2:
        return -math.inf, math.inf
    quantile = student_t_quantile((1 + level) / 2, seen.size - 1)
    half = quantile * float(seen.std(ddof=1)) * math.sqrt(1 + 1 / seen.size)
    return float(seen.mean()) - half, float(seen.mean()) + half


def mser_cut(values: Sequence[float], batch: int = 5) -> int:
    """How many leading values to drop so that the rest is steadiest (MSER-5, White 1997); at most half of them."""
    count = len(values) // batch
    if count < 2:
        return 0
    means = np.asarray(values[: count * batch], dtype=float).reshape(count, batch).mean(axis=1)
    errors = [float(means[cut:].var()) / (count - cut) for cut in range(count // 2 + 1)]
    return int(np.argmin(errors)) * batch
