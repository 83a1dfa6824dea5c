"""The validity gate: which windows are void, which stacks get no cost, and which keep it with a label.

The environment is judged, never the result. The thresholds are those of the measurement protocol (step 9 to 11).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from estimator.domain.measuring.measurement import Histogram, ResourceUse, Window
from estimator.domain.measuring.workload import StepKind

# Step 9, window void and repeated. A gate at 2 % steal would void every run on a shared machine.
STEAL_ON_APP = 0.10
STEAL_ON_LOAD = 0.25
FOREIGN_CORES = 0.25
CANARY_SLOW = 0.80  # of its calm speed; an app beside it then needs about half as much CPU time again
CORE_IN_USE = 0.65  # below, a core that idled just before is slow to start again, whoever the neighbours are
# Step 9, no cost.
ERROR_SHARE = 0.001
GENERATOR_BUSY = 0.70
LATENESS_FLOOR_MS = 1.0
LATENESS_OF_OBJECTIVE = 0.10
# A keep-alive of 75 s outlasts a window: whoever closes more often makes requests pay for new connections.
CLOSED_SHARE = 0.01
# Step 10.
CPU_BOUND = 0.90
# Step 11.
RATE_AGREEMENT = 0.05
CPU_AGREEMENT = 0.15
# Between D under open load and D at saturation; no figure of the protocol, a cross-check of ours.
DEMAND_AGREEMENT = 0.25

DECIDING = frozenset({StepKind.OPEN_LOOP})
_OPEN = frozenset({StepKind.OPEN_LOOP, StepKind.HALF_CAPACITY})


@dataclass(frozen=True, kw_only=True)
class Validity:
    """`reasons` refuse a cost; `warnings` stand beside it on every surface."""

    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge_window(use: ResourceUse) -> tuple[str, ...]:
    """Why a window must be repeated: only what the machine did."""
    reasons = []
    if use.app_steal > STEAL_ON_APP:
        reasons.append(f"steal of {use.app_steal:.0%} on the app's core (limit {STEAL_ON_APP:.0%})")
    if use.load_steal > STEAL_ON_LOAD:
        reasons.append(f"steal of {use.load_steal:.0%} on the load's core (limit {STEAL_ON_LOAD:.0%})")
    if use.foreign_cpu > FOREIGN_CORES:
        reasons.append(f"foreign processes used {use.foreign_cpu:.2f} cores (limit {FOREIGN_CORES})")
    if is_too_slow(use):
        reasons.append(f"the canary ran at {use.canary_speed:.2f} of its calm speed (limit {CANARY_SLOW:g})")
    return tuple(reasons)


def is_too_slow(use: ResourceUse) -> bool:
    """Whether the canary lost too much speed on a core that was in use; on an idle one it tells nothing."""
    in_use = (use.app_core_busy or 0.0) >= CORE_IN_USE
    return in_use and use.canary_speed is not None and use.canary_speed < CANARY_SLOW


def may_repeat(*, repeat: int, most: int, took_s: float, left_s: float) -> bool:
    """Whether a void window is measured again: at most so many times, and only inside the time left for repeats."""
    return repeat < most and took_s <= left_s


def valid_windows(windows: Iterable[Window], kinds: frozenset[StepKind]) -> list[Window]:
    """The windows of these kinds that are not void and saw traffic."""
    return [window for window in windows if window.kind in kinds and not window.void and window.completed]


def judge_stack(
    windows: Sequence[Window],
    *,
    objective_ms: float,
    undisturbed: Sequence[Window] | None = None,
    recorded: Sequence[Window] | None = None,
) -> Validity:
    """All checks of one stack and workload, over as many blocks as there are.

    The generator answers only for `undisturbed` windows (default: all): late on a machine that others kept busy is
    the machine's doing, which labels the result and widens its interval already. Bodies are judged in everything
    `recorded` (default: the same windows), void or not: no machine makes an answer wrong.
    """
    generator = _generator(windows if undisturbed is None else undisturbed, objective_ms)
    wrong = _wrong_answers(windows if recorded is None else recorded)
    reasons = (*wrong, *_errors_at_half(windows), *generator)
    locust_reasons, locust_warnings = _second_engine(windows)
    return Validity(
        reasons=(*reasons, *locust_reasons), warnings=(*locust_warnings, *_cpu_bound(windows), *_closed(windows))
    )


def lateness_limit_ms(objective_ms: float) -> float:
    """How late the generator's p99 may send: max(1 ms, 10 % of the objective)."""
    return max(LATENESS_FLOOR_MS, LATENESS_OF_OBJECTIVE * objective_ms)


def is_cpu_bound(windows: Iterable[Window]) -> bool:
    """Whether the app's cores were at least 90 % non-idle at saturation, on average over its windows (steal counts)."""
    busy = _busy_at_saturation(windows)
    return busy is not None and busy >= CPU_BOUND


def _busy_at_saturation(windows: Iterable[Window]) -> float | None:
    shares = [
        window.utilisation if window.resources.app_core_busy is None else window.resources.app_core_busy
        for window in windows
        if window.kind is StepKind.SATURATION and not window.void
    ]
    return sum(shares) / len(shares) if shares else None


def _wrong_answers(windows: Sequence[Window]) -> list[str]:
    wrong = sum(window.wrong for window in windows)
    if not wrong:
        return []
    first = next((f", e.g. {window.notes[0]}" for window in windows if window.wrong and window.notes), "")
    return [f"{wrong} answers had the wrong body{first}; open the run's log and correct the app"]


def _errors_at_half(windows: Sequence[Window]) -> list[str]:
    """Where no half-capacity step was run, the slowest open-loop rate stands in for it."""
    half = [window for window in windows if window.kind is StepKind.HALF_CAPACITY and not window.void]
    slow = half or sorted(valid_windows(windows, DECIDING), key=lambda window: window.offered_rate or 0)[:1]
    failed = sum(window.errors + window.wrong + window.unsent for window in slow)
    due = sum(window.completed for window in slow) + failed
    if not due or failed / due <= ERROR_SHARE:
        return []
    return [f"{failed / due:.2%} of the requests failed at half capacity (limit {ERROR_SHARE:.1%})"]


def _generator(windows: Sequence[Window], objective_ms: float) -> list[str]:
    deciding = valid_windows(windows, _OPEN)
    reasons = []
    busiest = max((window.generator_share for window in deciding), default=0.0)
    if busiest > GENERATOR_BUSY:
        reasons.append(f"the load generator was saturated: {busiest:.0%} of its core (limit {GENERATOR_BUSY:.0%})")
    late_ms = Histogram.merged(window.lateness for window in deciding).percentile_ms(99) or 0.0
    if late_ms > lateness_limit_ms(objective_ms):
        limit_ms = lateness_limit_ms(objective_ms)
        reasons.append(
            f"the load generator was late: p99 {late_ms:.1f} ms with an idle connection (limit {limit_ms:g} ms)"
        )
    return reasons


def _second_engine(windows: Sequence[Window]) -> tuple[list[str], list[str]]:
    reasons: list[str] = []
    warnings: list[str] = []
    half = [window for window in windows if window.kind is StepKind.HALF_CAPACITY and not window.void]
    for window in windows:
        if window.kind is not StepKind.LOCUST or window.void:
            continue
        if window.error_share > ERROR_SHARE:
            reasons.append(f"{window.error_share:.2%} of Locust's requests failed (limit {ERROR_SHARE:.1%})")
        warnings += _disagreements(window, half)
    return reasons, warnings


def _disagreements(locust: Window, half: Sequence[Window]) -> list[str]:
    warnings = []
    if locust.offered_rate and abs(locust.achieved_rate / locust.offered_rate - 1) > RATE_AGREEMENT:
        achieved = f"{locust.achieved_rate:,.0f} of {locust.offered_rate:,.0f} req/s"
        warnings.append(f"Locust achieved {achieved} (agreement within {RATE_AGREEMENT:.0%})")
    ours = sum(window.served for window in half), sum(window.resources.app_cpu_s for window in half)
    theirs = locust.app_cpu_per_request_s
    if theirs and all(ours) and abs(theirs / (ours[1] / ours[0]) - 1) > CPU_AGREEMENT:
        ratio = theirs / (ours[1] / ours[0])
        warnings.append(
            f"app CPU per request under Locust is {ratio:.3f} of ours (agreement within {CPU_AGREEMENT:.0%})"
        )
    return warnings


def _closed(windows: Sequence[Window]) -> list[str]:
    answers, closed = (sum(getattr(window, name) for window in windows) for name in ("served", "reconnects"))
    if closed <= CLOSED_SHARE * answers:
        return []
    return [
        f"the server closed its connection after {min(1.0, closed / max(1, answers)):.0%} of the answers,"
        " so requests pay for new ones: check its keep-alive"
    ]


def _cpu_bound(windows: Sequence[Window]) -> list[str]:
    busy = _busy_at_saturation(windows)
    if busy is None or busy >= CPU_BOUND:
        return []
    return [f"not CPU-bound: the app's cores were {busy:.0%} busy at saturation, so waiting limits it too"]
