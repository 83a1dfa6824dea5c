"""Turns the raw times of a step into counts, once the step is over."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_SUB_BUCKET_BITS = 11  # the layout of estimator.domain.measuring.measurement.Histogram; a test compares the two
_BIN_NS = 100_000_000

Times = npt.NDArray[np.int64]


def times(values: "array[int]") -> Times:
    """A view of raw nanoseconds."""
    return np.frombuffer(values, dtype=np.int64) if values else np.zeros(0, dtype=np.int64)


def histogram(values_ns: Times) -> dict[str, int]:
    """Counts by log-linear bucket of whole microseconds."""
    values_us = np.maximum(values_ns, 0) // 1000
    bits = np.frexp(values_us.astype(np.float64))[1].astype(np.int64)  # the bit length, exact below 2**53
    shift = np.maximum(0, bits - _SUB_BUCKET_BITS)
    buckets, counts = np.unique((shift << (_SUB_BUCKET_BITS - 1)) + (values_us >> shift), return_counts=True)
    return dict(zip(map(str, buckets.tolist()), counts.tolist(), strict=True))


def bins(done_ns: Times, open_ns: int, close_ns: int) -> list[int]:
    """Answers per full 100 ms of the window."""
    count = (close_ns - open_ns) // _BIN_NS
    edges = open_ns + _BIN_NS * np.arange(count + 1)
    per_bin: list[int] = np.histogram(done_ns, edges)[0].tolist() if count else []
    return per_bin


class Outcome:
    """Requests that ended in one way: intended starts and ends, in ns."""

    __slots__ = ("done", "due")

    def __init__(self) -> None:
        self.due, self.done = array("q"), array("q")

    def add(self, due_ns: int, done_ns: int) -> None:
        """One more."""
        self.due.append(due_ns)
        self.done.append(done_ns)

    def inside(self, by: str, open_ns: int, close_ns: int) -> npt.NDArray[np.bool_]:
        """Which of them belong to a window, by their "due" or "done" time."""
        moments = times(getattr(self, by))
        return (moments >= open_ns) & (moments < close_ns)

    def count(self, by: str, open_ns: int, close_ns: int) -> int:
        """How many belong to a window."""
        return int(self.inside(by, open_ns, close_ns).sum())


class Notes:
    """What a sender writes down of each request: plain numbers, cheap enough for the hot path."""

    def __init__(self) -> None:
        self.right, self.error, self.wrong = Outcome(), Outcome(), Outcome()
        self.lost = Outcome()  # no answer at all
        self.sent = Outcome()  # due and lateness, of arrivals that found an idle connection
        self.no_idle = Outcome()
        self.first_error = ""

    def bad(self, outcome: Outcome, due_ns: int, done_ns: int, reason: str) -> None:
        """Anything but a right answer."""
        outcome.add(due_ns, done_ns)
        self.first_error = self.first_error or reason

    def counts(self, open_ns: int, close_ns: int, by: str, unsent_due: Sequence[int]) -> dict[str, Any]:
        """Counts of the requests that belong to the window by their "due" or "done" time."""
        kept = self.right.inside(by, open_ns, close_ns)
        errors, lost, wrong = (one.count(by, open_ns, close_ns) for one in (self.error, self.lost, self.wrong))
        unsent = sum(open_ns <= due_ns < close_ns for due_ns in unsent_due)
        sent = int(kept.sum()) + errors + lost + wrong
        return {
            "scheduled": sent + unsent,
            "sent": sent,
            "completed": int(kept.sum()),
            "errors": errors + lost,
            "wrong": wrong,
            "unsent": unsent,
            "latency": histogram((times(self.right.done) - times(self.right.due))[kept]),
            "lateness": histogram(times(self.sent.done)[self.sent.inside("due", open_ns, close_ns)]),
            "busy_pool": self.no_idle.count("due", open_ns, close_ns),
            "first_error": self.first_error,
        }

    def answered(self, open_ns: int, close_ns: int) -> int:
        """Answers that arrived between two moments, whenever they were due."""
        return sum(outcome.count("done", open_ns, close_ns) for outcome in (self.right, self.error, self.wrong))

    def bins(self, open_ns: int, close_ns: int) -> list[int]:
        """Answers per full 100 ms between two moments."""
        return bins(
            np.concatenate([times(one.done) for one in (self.right, self.error, self.wrong)]), open_ns, close_ns
        )
