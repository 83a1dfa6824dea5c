"""The pages docs/validation.md and docs/benchmarks.md, with the date and machine that their figures belong to."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from benchmarks.host import canary
from benchmarks.resources import core_times
from benchmarks.validation.figures import Figure
from benchmarks.validation.rows import Row, shortfalls, table, untested, validation_table

_READING = (
    "Pairs are interleaved, and the first of a pair alternates, so that a drift of the machine falls on both sides."
    " An interval behind a ratio is the two-sided 95 % t interval of the geometric mean.",
    "A row that falls short while others kept the machine busy, or it changed its speed by more than 30 %, is measured"
    " again, at most twice, and says so."
    " `manage.py validate --only blocks workers` (`--help` lists the names) measures single rows and only prints them.",
    "The generator's CPU per request grows where it sleeps in between: in an open loop each arrival and each answer"
    " wakes it by itself.",
    "The null ASGI server is a bare callable on Uvicorn with uvloop and httptools; our own null server answers some"
    " three times as fast and shows the generators' own limits.",
    "At a held-out rate, D lies between those of the neighbouring rates of its block (an idle core pays more wake-ups a"
    " request), and the p99 is read from the product's own curve over utilisation through its block's other rates."
    " All with `user_lookup`: below the knee, the p99 of a tenth of a millisecond of work is the host's own stalls.",
    "Two workers on a machine with fewer than four cores share them with generator and database, hence the sum.",
)
_READING_FIGURES = (
    "The null server is our own (`benchmarks/validation/server.py`); it may be the limit of the faster generators.",
    "While the server stalls, wrk and Locust wait for answers and send less. wrk then adds what it did not send, at its"
    " mean pause, before it states a mean and percentiles; Locust adds nothing.",
    "The quick plans ran on a service of their own (`manage.py up`, then `manage.py benchmark`), with the apps'"
    " environments already made, and nobody looking at its pages.",
)
_FOREIGN_CORES, _STEAL, _SLOW = 0.25, 0.10, 0.30  # as for a window: beyond these the host is called disturbed
_PROBES, _PROBE_S = 10, 0.1
_OUTER_SHARE = 0.1  # of the probes at either end, which a single interrupt may have made


@dataclass(kw_only=True)
class Circumstances:
    """What else happened on the host meanwhile: cores that others kept busy on average, the share stolen, and how fast
    it was before and after, each for a tenth of a second.
    """

    foreign_cores: float = 0.0
    steal: float = 0.0
    speeds: list[float] = field(default_factory=list)

    @property
    def slowest(self) -> float:
        """Its slow moments' speed as a share of its fast ones'; 1 where nobody looked."""
        if not self.speeds:
            return 1.0
        low, high = np.quantile(self.speeds, (_OUTER_SHARE, 1 - _OUTER_SHARE))
        return float(low / high)

    @property
    def disturbed(self) -> bool:
        """Whether the figures deserve less trust for it."""
        return bool(self.disturbances)

    @property
    def disturbances(self) -> str:
        """Those beyond their bounds, with their figures; empty where there was none."""
        found = {
            f"others kept {self.foreign_cores:.2f} cores busy": self.foreign_cores > _FOREIGN_CORES,
            f"{self.steal:.1%} was stolen": self.steal > _STEAL,
            f"slowest moments at {self.slowest:.0%} of its speed": self.slowest < 1 - _SLOW,
        }
        return ", ".join(said for said, beyond in found.items() if beyond)

    @property
    def sentence(self) -> str:
        """In words, with the figures."""
        word = "was disturbed, so repeat this on a quiet one" if self.disturbed else "was quiet"
        return (
            f"The host {word}: meanwhile other processes kept {self.foreign_cores:.2f} cores busy on average,"
            f" the hypervisor stole {self.steal:.1%} of its time, and in its slowest moments it ran at"
            f" {self.slowest:.0%} of its speed."
        )


@contextmanager
def watched() -> Iterator[Circumstances]:
    """Fills in the circumstances when the block ends; the programs that it started must have ended then."""
    seen = Circumstances(speeds=_speeds())
    before, own_s, started_s = core_times(), _own_cpu_s(), time.monotonic()
    try:
        yield seen
    finally:
        seen.speeds += _speeds()
        spent = [times.since(before[core]) for core, times in core_times().items() if core in before]
        foreign_s = sum(times.busy_s for times in spent) - (_own_cpu_s() - own_s)
        seen.foreign_cores = max(0.0, foreign_s / max(1e-9, time.monotonic() - started_s))
        seen.steal = sum(times.steal_s for times in spent) / max(1e-9, sum(times.total_s for times in spent))


def _speeds() -> list[float]:
    """Of this machine while nothing is measured, in units of work per second."""
    return [canary(_PROBE_S) for _ in range(_PROBES)]


def _own_cpu_s() -> float:
    """Ours, and that of all programs that ended: each guard waits for its own, and we for the guards."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def host_sentence(facts: Mapping[str, Any], today: date) -> str:
    """Date and machine in one line; what cannot be read is left out."""
    virtual = f"virtual ({facts.get('hypervisor') or 'unknown hypervisor'})" if facts.get("virtualised") else "physical"
    named = (
        facts.get("cpu_model_name") or facts.get("machine"),
        f"{facts.get('cores')} cores",
        virtual,
        f"kernel {facts.get('kernel')}",
        f"Python {facts.get('python')}",
    )
    return f"Measured on {today.isoformat()}: {', '.join(str(fact) for fact in named if fact)}."


def validation_page(rows: Sequence[Row], *, host: str, circumstances: Circumstances) -> str:
    """The whole page as Markdown."""
    lines = [
        "# Is the measurement right?",
        "",
        "Written by `make validate`: programs and queues whose truth is known, measured like any app, and real apps"
        " measured twice or by two tools.",
        f"{host} {circumstances.sentence}",
        "",
        *validation_table(rows),
        "",
        *_listed("Falls short", shortfalls(rows)),
        *_listed("Not testable here", untested(rows)),
        "## How to read it",
        *(f"- {line}" for line in _READING),
    ]
    return "\n".join(lines) + "\n"


def _listed(heading: str, lines: Sequence[str]) -> list[str]:
    return [f"## {heading}", *(f"- {line}." for line in lines), ""] if lines else []


def benchmarks_page(figures: Sequence[Figure], *, host: str, circumstances: Circumstances) -> str:
    """The whole page as Markdown."""
    lines = [(figure.what, figure.measured, figure.spread) for figure in figures]
    page = [
        "# How fast are we ourselves?",
        "",
        "Written by `make bench`: medians, with the lowest and highest of the repeats. Absolute figures belong to this"
        " machine; ratios come from one sitting.",
        f"{host} {circumstances.sentence}",
        "",
        *table(("what", "measured", "spread"), lines),
        "",
        *(f"- {line}" for line in _READING_FIGURES),
    ]
    return "\n".join(page) + "\n"
