"""Windows as pages show them: percentiles read from the histograms once, doubts in words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from estimator.domain.measuring.measurement import Sender, Window
from estimator.domain.measuring.workload import StepKind

_KINDS = {
    StepKind.WARM_UP: "warm-up",
    StepKind.SATURATION: "saturation",
    StepKind.OPEN_LOOP: "open loop",
    StepKind.HALF_CAPACITY: "half rate",
    StepKind.LOCUST: "Locust",
    StepKind.CROWD: "crowd",
    StepKind.JOURNEY_PART: "Locust,",
    StepKind.CONFIRMATION: "confirmation",
}


@dataclass(frozen=True, kw_only=True)
class WindowRow:
    """One window as it was measured: rates in requests/s, latencies from the intended start."""

    block: int
    sequence: int
    step: StepKind
    kind: str
    repeat: int
    duration_s: float
    offered_rate: float | None
    achieved_rate: float
    completed: int
    p50_ms: float | None
    p99_ms: float | None
    p999_ms: float | None
    utilisation: float
    app_cpu_ms: float | None  # per request
    error_share: float
    failed: int  # no answer, a wrong one, or never sent
    memory_mib: float | None
    app_steal: float
    foreign_cores: float
    canary_speed: float | None
    canary_slowest: float | None  # in the slowest half second
    generator_share: float
    lateness_p99_ms: float | None
    senders: tuple[Sender, ...]
    void: tuple[str, ...]
    notes: tuple[str, ...]


def window_row(window: Window) -> WindowRow:
    """A window as it is shown."""
    use, cpu_s = window.resources, window.app_cpu_per_request_s
    return WindowRow(
        block=window.block,
        sequence=window.sequence,
        step=window.kind,
        kind=f"{_KINDS[window.kind]} {window.part}".strip(),
        repeat=window.repeat,
        duration_s=window.duration_s,
        offered_rate=window.offered_rate,
        achieved_rate=window.achieved_rate,
        completed=window.completed,
        p50_ms=window.latency.percentile_ms(50),
        p99_ms=window.latency.percentile_ms(99),
        p999_ms=window.latency.percentile_ms(99.9),
        utilisation=window.utilisation,
        app_cpu_ms=None if cpu_s is None else cpu_s * 1000,
        error_share=window.error_share,
        failed=window.errors + window.wrong + window.unsent,
        memory_mib=use.memory_mib,
        app_steal=use.app_steal,
        foreign_cores=use.foreign_cpu,
        canary_speed=use.canary_speed,
        canary_slowest=use.canary_slowest,
        generator_share=window.generator_share,
        lateness_p99_ms=window.lateness.percentile_ms(99),
        senders=window.senders,
        void=window.void,
        notes=window.notes,
    )


@dataclass(frozen=True, kw_only=True)
class VoidReason:
    """Why windows were void: how many of them for this reason, and the last one's words."""

    count: int
    example: str


def void_reasons(rows: Iterable[WindowRow]) -> tuple[VoidReason, ...]:
    """Reasons that differ in their figures only are one; the most frequent first."""
    found: dict[str, list[str]] = {}
    for reason in (reason for row in rows for reason in row.void):
        found.setdefault(re.sub(r"\d+(?:\.\d+)?", "#", reason), []).append(reason)
    reasons = (VoidReason(count=len(same), example=same[-1]) for same in found.values())
    return tuple(sorted(reasons, key=lambda one: -one.count))
