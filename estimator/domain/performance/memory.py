"""Memory of a stack: idle, under load, and whether it keeps growing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from estimator.domain.measuring.measurement import Window
from estimator.domain.measuring.workload import StepKind

# A leak of 1 MiB/s must be found in a quick run of 20 s, growth of 20 MiB in the first seconds must not be one.
LEAK_MIB_S = 0.5
GROWTH_MIB_S = 0.1  # worth a label
_RISING = 0.9  # of all pairs of samples: noise rises in half of them, a few large allocations in two thirds
# Growth that fades is a warm-up; but the last windows carry half the load, so a leak may slow down to that.
_LATE_SHARE = 0.4
_SHORTEST_S = 8.0  # caches and arenas may fill for that long
_FEWEST_SAMPLES = 4
_APART = frozenset({StepKind.WARM_UP, StepKind.CROWD})


@dataclass(frozen=True, kw_only=True)
class MemoryUse:
    """Proportional set size of the whole process tree in MiB; None where it was not measured."""

    idle_mib: float | None = None  # after the first right answer, before any load
    p95_mib: float | None = None  # over the samples at the end of each window
    peak_mib: float | None = None
    slope_mib_s: float | None = None  # over the load after the warm-up; Theil-Sen, so a single jump does not count


@dataclass(frozen=True, kw_only=True)
class _Sample:
    block: int
    at_s: float
    mib: float


@dataclass(frozen=True, kw_only=True)
class _Growth:
    """`slope_mib_s` overall and in each half of the time, over pairs of one block; `rising` is the share that rises."""

    slope_mib_s: float
    early_mib_s: float
    late_mib_s: float
    rising: float
    span_s: float

    @property
    def steady(self) -> bool:
        """Neither noise, nor a few jumps, nor a warm-up."""
        return self.rising >= _RISING and self.late_mib_s >= _LATE_SHARE * self.early_mib_s


def memory_use(windows: Sequence[Window], *, idle_mib: Sequence[float] = ()) -> MemoryUse:
    """What the windows of one stack and workload tell, all blocks and void ones too; `idle_mib` is one per block."""
    samples = _samples(windows)
    growth = _growth(samples)
    sizes = [sample.mib for sample in samples]
    return MemoryUse(
        idle_mib=float(np.median(idle_mib)) if len(idle_mib) else None,
        p95_mib=float(np.percentile(sizes, 95, method="inverted_cdf")) if sizes else None,
        peak_mib=max((window.resources.memory_mib or 0.0 for window in windows), default=0.0) or None,
        slope_mib_s=None if growth is None else growth.slope_mib_s,
    )


def leak_reasons(windows: Sequence[Window]) -> list[str]:
    """Why a stack whose memory grows steadily under load gets no cost: any machine would run out of it."""
    growth = _growth(_samples(windows))
    if growth is None or not growth.steady or growth.slope_mib_s < LEAK_MIB_S:
        return []
    return [
        f"its memory grew steadily under load, by {growth.slope_mib_s:.2f} MiB/s over {growth.span_s:.0f} s"
        f" (limit {LEAK_MIB_S:g} MiB/s): it leaks; find what each request leaves behind, or bound the cache"
    ]


def growth_labels(windows: Sequence[Window]) -> list[str]:
    """Growth that is no reason to refuse, but worth knowing."""
    growth = _growth(_samples(windows))
    if growth is None or not growth.steady or not GROWTH_MIB_S <= growth.slope_mib_s < LEAK_MIB_S:
        return []
    return [f"memory still grew by {growth.slope_mib_s:.2f} MiB/s under load (refused from {LEAK_MIB_S:g} MiB/s)"]


def _samples(windows: Iterable[Window]) -> list[_Sample]:
    """One per window after the warm-up. What disturbed a window did not change how much memory was held.

    Hundreds of connections hold memory of their own, and come last: that step up is no growth.
    """
    return [
        _Sample(block=window.block, at_s=use.memory_at_s or 0.0, mib=use.memory_mib)
        for window in windows
        if window.kind not in _APART and (use := window.resources).memory_mib is not None
    ]


def _growth(samples: Sequence[_Sample]) -> _Growth | None:
    """None where too little was seen to tell. Each block is a fresh process: only its own samples are compared."""
    blocks = [[one for one in samples if one.block == block] for block in sorted({one.block for one in samples})]
    long = [block for block in blocks if len(block) >= _FEWEST_SAMPLES and _span_s(block) >= _SHORTEST_S]
    slopes, early, late = ([slope for block in long for slope in part(block)] for part in (_slopes, _early, _late))
    if not slopes:
        return None
    return _Growth(
        slope_mib_s=float(np.median(slopes)),
        early_mib_s=float(np.median(early)) if early else 0.0,
        late_mib_s=float(np.median(late)) if late else 0.0,
        rising=float(np.mean(np.array(slopes) > 0)),
        span_s=max(map(_span_s, long)),
    )


def _span_s(block: Sequence[_Sample]) -> float:
    return max(one.at_s for one in block) - min(one.at_s for one in block)


def _slopes(block: Iterable[_Sample]) -> list[float]:
    """MiB/s between all pairs; their median is the estimator of Theil and Sen."""
    pairs = combinations(sorted(block, key=lambda one: one.at_s), 2)
    return [(last.mib - first.mib) / (last.at_s - first.at_s) for first, last in pairs if last.at_s > first.at_s]


def _early(block: Sequence[_Sample]) -> list[float]:
    middle_s = _middle_s(block)
    return _slopes(one for one in block if one.at_s <= middle_s)


def _late(block: Sequence[_Sample]) -> list[float]:
    middle_s = _middle_s(block)
    return _slopes(one for one in block if one.at_s >= middle_s)


def _middle_s(block: Sequence[_Sample]) -> float:
    """The median moment, so that both halves have samples to compare."""
    return float(np.median([one.at_s for one in block]))
