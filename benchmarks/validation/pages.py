"""The pages docs/validation.md and docs/benchmarks.md, with the date and machine that their figures belong to."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from benchmarks.resources import core_times
from benchmarks.validation.peers import Figure
from benchmarks.validation.rows import Row, shortfalls, table, validation_table

NOT_MEASURED = (
    "`X_sat` against wrk on one app in 15 pairs; the generator's CPU per request against the fastest stack's; "
    "the prediction interval of a held-out block; a held-out rate; two workers predicted from one"
)
_BUSY_CORES, _STEAL = 0.25, 0.10  # as for a window: beyond these the host is called disturbed
_LOOK_S = 1.0


@dataclass(kw_only=True)
class Circumstances:
    """What else ran on the host: cores busy just before and after, and the share stolen meanwhile."""

    busy_cores: list[float] = field(default_factory=list)
    steal: float = 0.0

    @property
    def disturbed(self) -> bool:
        """Whether the figures deserve less trust for it."""
        return max(self.busy_cores, default=0.0) > _BUSY_CORES or self.steal > _STEAL

    @property
    def sentence(self) -> str:
        """In words, with the figures."""
        word = "was disturbed" if self.disturbed else "was quiet"
        busy = " and ".join(f"{cores:.2f}" for cores in self.busy_cores)
        return (
            f"The host {word}: {busy} cores were busy with other work just before and just after,"
            f" and {self.steal:.1%} of its time was stolen by the hypervisor meanwhile."
        )


@contextmanager
def watched() -> Iterator[Circumstances]:
    """Look at the host for a second before and after the block, and at steal over all of it."""
    seen = Circumstances()
    before = core_times()
    seen.busy_cores.append(_busy_cores())
    try:
        yield seen
    finally:
        seen.busy_cores.append(_busy_cores())
        spent = [times.since(before[core]) for core, times in core_times().items() if core in before]
        seen.steal = sum(times.steal_s for times in spent) / max(1e-9, sum(times.total_s for times in spent))


def _busy_cores() -> float:
    before, started_s = core_times(), time.monotonic()
    time.sleep(_LOOK_S)
    seconds = time.monotonic() - started_s
    return sum(times.since(before[core]).busy_s for core, times in core_times().items() if core in before) / seconds


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
    fallen = shortfalls(rows)
    short = ["## Falls short", *(f"- {line}." for line in fallen), ""] if fallen else []
    lines = [
        "# Is the measurement right?",
        "",
        "Written by `make validate`: programs and queues whose truth is known, measured like any app.",
        f"{host} {circumstances.sentence}",
        "",
        *validation_table(rows),
        "",
        *short,
        f"Not measured by this command: {NOT_MEASURED}.",
    ]
    return "\n".join(lines) + "\n"


def benchmarks_page(figures: Sequence[Figure], *, host: str, circumstances: Circumstances) -> str:
    """The whole page as Markdown."""
    lines = [(figure.what, figure.measured, figure.spread) for figure in figures]
    page = [
        "# How fast are we ourselves?",
        "",
        "Written by `make bench`: medians. Absolute figures belong to this machine; ratios come from one sitting.",
        f"{host} {circumstances.sentence}",
        "",
        *table(("what", "measured", "spread"), lines),
        "",
        "The null server is our own (`benchmarks/validation/server.py`); it may be the limit of the faster generator.",
    ]
    return "\n".join(page) + "\n"
