"""What we saw: exact latency histograms, windows, resource use, and what makes a measurement invalid."""

from collections.abc import ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from estimator.domain.measuring.workload import StepKind

_SUB_BUCKET_BITS = 11  # 2,048 exact microseconds, then 1,024 buckets per doubling: 3 significant digits


def bucket_index(value_us: int) -> int:
    """The log-linear bucket of a latency in whole microseconds (the layout of HdrHistogram)."""
    shift = max(0, value_us.bit_length() - _SUB_BUCKET_BITS)
    return (shift << (_SUB_BUCKET_BITS - 1)) + (value_us >> shift)


def bucket_upper_us(index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The highest whole microsecond that falls into each bucket."""
    half = 1 << (_SUB_BUCKET_BITS - 1)
    shift = np.maximum(0, index // half - 1)
    upper: npt.NDArray[np.int64] = ((index - shift * half + 1) << shift) - 1
    return upper


class PackedCounts(Mapping[int, int]):
    """Counts by bucket in two arrays, ascending: a tenth of a dictionary's memory, and nothing to sort on reading."""

    __slots__ = ("buckets", "numbers")

    def __init__(self, counts: Mapping[Any, int]) -> None:
        """Keys may be text, as JSON has them."""
        buckets = np.fromiter(map(int, counts), dtype=np.int32, count=len(counts))
        order = np.argsort(buckets)
        self.buckets: npt.NDArray[np.int32] = buckets[order]
        self.numbers = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))[order]

    def __getitem__(self, bucket: int) -> int:
        at = int(np.searchsorted(self.buckets, bucket))
        if at == len(self) or self.buckets[at] != bucket:
            raise KeyError(bucket)
        return int(self.numbers[at])

    def __iter__(self) -> Iterator[int]:
        return iter(self.buckets.tolist())

    def __len__(self) -> int:
        return self.buckets.size

    def items(self) -> ItemsView[int, int]:
        """All at once: one by one each bucket would be searched for."""
        return dict(zip(self.buckets.tolist(), self.numbers.tolist(), strict=True)).items()


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Exact counts of latencies in log-linear buckets of microseconds; percentiles are derived on reading."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, values_us: Iterable[int]) -> "Histogram":
        """The histogram of whole microseconds."""
        counts: dict[int, int] = {}
        for value_us in values_us:
            index = bucket_index(max(0, value_us))
            counts[index] = counts.get(index, 0) + 1
        return cls(counts=counts)

    @classmethod
    def merged(cls, histograms: Iterable["Histogram"]) -> "Histogram":
        """All counts together. Percentiles are never averaged: histograms are merged instead."""
        counts: dict[int, int] = {}
        for histogram in histograms:
            for index, count in histogram.counts.items():
                counts[index] = counts.get(index, 0) + count
        return cls(counts=counts)

    @property
    def total(self) -> int:
        """How many latencies were recorded."""
        return int(self.counts.numbers.sum()) if isinstance(self.counts, PackedCounts) else sum(self.counts.values())

    def _sorted(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        packed = self.counts if isinstance(self.counts, PackedCounts) else PackedCounts(self.counts)
        return bucket_upper_us(packed.buckets.astype(np.int64)), packed.numbers

    def percentile_ms(self, percent: float) -> float | None:
        """The latency in ms that `percent` of the requests did not exceed; None when nothing was recorded."""
        if not self.counts:
            return None
        upper_us, counts = self._sorted()
        rank = max(1, int(np.ceil(percent / 100 * counts.sum())))
        return float(upper_us[int(np.searchsorted(np.cumsum(counts), rank))]) / 1000

    def mean_ms(self) -> float | None:
        """The mean latency in ms (bucket tops, so at most 0.1 % high); None when nothing was recorded."""
        if not self.counts:
            return None
        upper_us, counts = self._sorted()
        return float((upper_us * counts).sum() / counts.sum()) / 1000

    def share_above(self, limit_ms: float) -> float:
        """The share of requests slower than `limit_ms`; 0 when nothing was recorded."""
        if not self.counts:
            return 0.0
        return int(self.count_above(np.array([limit_ms]))[0]) / self.total

    def count_above(self, limits_ms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """How many requests were slower than each limit."""
        upper_us, counts = self._sorted()
        not_above = np.concatenate(([0], np.cumsum(counts)))
        limits_us = limits_ms * 1000 + 1e-4  # 33554.431 ms x 1000 falls short of 33,554,431 by a rounding error
        return self.total - not_above[np.searchsorted(upper_us, limits_us, side="right")]

    def to_json(self) -> dict[str, int]:
        """Sparse counts with text keys, ready for a JSON column."""
        return {str(index): count for index, count in sorted(self.counts.items())}

    @classmethod
    def from_json(cls, data: Mapping[str, int]) -> "Histogram":
        """The reverse of `to_json`."""
        return cls(counts=PackedCounts(data))


@dataclass(frozen=True, kw_only=True)
class ResourceUse:
    """What a window cost. CPU in CPU-seconds over the window; memory is the app's whole process tree."""

    app_cpu_s: float = 0.0
    database_cpu_s: float = 0.0
    generator_cpu_s: float = 0.0
    app_cores: int = 1
    app_core_busy: float | None = None  # non-idle share of the app's cores, steal included
    app_steal: float = 0.0  # share of the app's cores taken by the hypervisor
    load_steal: float = 0.0  # the same on the cores of the generator and database
    foreign_cpu: float = 0.0  # cores kept busy by processes that are not ours
    memory_mib: float | None = None  # proportional set size at the end of the window
    memory_basis: str = "pss"  # pss, or rss where the kernel does not tell the proportional share
    memory_at_s: float | None = None  # of that reading, on a clock that all windows of a run share
    cpu_basis: str = "proc"  # cgroup v2, cgroup v1, or proc: the processes' own clocks
    canary_speed: float | None = None  # of fixed work on the app's cores during the window, as a share of calm
    canary_slowest: float | None = None  # the same in the slowest half second of the window
    cpu_pressure: float | None = None  # share of the window in which some task of the host waited for a core


@dataclass(frozen=True, kw_only=True)
class Sender:
    """One of Locust's workers on another host, in one window: what it sent, and how much of a core that took."""

    host: str
    requests: int
    core_share: float


@dataclass(frozen=True, kw_only=True)
class Window:
    """One stretch of constant offered rate against one stack. Rates in requests/s, times in seconds."""

    stack: str
    workload: str
    block: int
    sequence: int
    kind: StepKind
    offered_rate: float | None
    duration_s: float
    scheduled: int  # arrivals that fell due
    sent: int
    completed: int  # right answers
    errors: int = 0  # no answer, or a status that is not the expected one
    wrong: int = 0  # answered with a body that is not the expected one
    unsent: int = 0  # fell due, but no connection ever took them
    answered: int | None = None  # answers that arrived inside the window, whenever they fell due
    latency: Histogram = field(default_factory=Histogram)  # from the intended start
    lateness: Histogram = field(default_factory=Histogram)  # intended start to send while a connection was idle
    reconnects: int = 0  # connections that the server closed, and the generator opened again
    busy_pool: int = 0  # arrivals that found no idle connection: the server's doing, not the generator's
    resources: ResourceUse = field(default_factory=ResourceUse)
    generator_share: float = 0.0  # own work of the generator, as a share of its core
    part: str = ""  # of a journey: the workload that these requests belong to
    senders: tuple[Sender, ...] = ()  # of Locust's users, where other hosts drive them
    repeat: int = 0
    void: tuple[str, ...] = ()  # environment reasons; a void window decides nothing
    notes: tuple[str, ...] = ()

    @property
    def achieved_rate(self) -> float:
        """Right answers per second."""
        return self.completed / self.duration_s if self.duration_s > 0 else 0.0

    @property
    def error_share(self) -> float:
        """Failed or wrong answers, and arrivals never sent, as a share of what fell due."""
        failed = self.errors + self.wrong + self.unsent
        return failed / max(1, self.completed + failed)

    @property
    def utilisation(self) -> float:
        """Rho: (app CPU-seconds + steal on its cores) / (seconds x cores)."""
        use = self.resources
        return use.app_cpu_s / (self.duration_s * use.app_cores) + use.app_steal if self.duration_s > 0 else 0.0

    @property
    def app_cpu_per_request_s(self) -> float | None:
        """App CPU-seconds per request; None when nothing was answered.

        The CPU is that of the window, so it is shared among the answers of the window: above capacity the backlog of
        what fell due is answered later."""
        return self.resources.app_cpu_s / self.served if self.served else None

    @property
    def served(self) -> int:
        """The answers that the window's CPU paid for."""
        return self.completed if self.answered is None else self.answered


@dataclass(frozen=True, kw_only=True)
class StackStarted:
    """A fresh process answered correctly for the first time; `settings` and `versions` are what really ran."""

    stack: str
    workload: str
    block: int
    cold_start_s: float
    idle_memory_mib: float
    versions: Mapping[str, str]
    settings: Mapping[str, str | int | bool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StackFailed:
    """A stack that gets no cost in this run, only the reason."""

    stack: str
    workload: str
    block: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class TrialFinished:
    """A stack went through all steps of a block; `warnings` label its figures on every surface."""

    stack: str
    workload: str
    block: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BlockFinished:
    """Every stack was measured, or failed, in this block."""

    block: int


@dataclass(frozen=True, kw_only=True)
class MeasuredEnough:
    """No further block is measured, and why."""

    blocks: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """The machine and kernel a run was measured on, as facts with short snake_case names."""

    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run stands; `remaining_s` is an expectation, not a promise."""

    message: str
    share: float
    remaining_s: float


Measurement = (
    Window | StackStarted | StackFailed | TrialFinished | BlockFinished | MeasuredEnough | HostFacts | Progress
)
