"""Which windows count on a machine that is not ours alone: void ones leave, and what had to stay is labelled."""

from collections.abc import Sequence
from dataclasses import replace

from estimator.domain.measuring.measurement import Window
from estimator.domain.measuring.validity import DECIDING, valid_windows
from estimator.domain.performance.capacity import DISTURBED_WIDENING
from estimator.domain.performance.knee import fit_knee

_ENOUGH = 2  # rates of a block: with fewer, nothing tells how latency rises


def settle(windows: Sequence[Window], *, objective_ms: float) -> tuple[list[Window], list[str]]:
    """The windows of one stack and workload that count, and the label of a disturbed host, if it is one.

    Of a step whose repeats all stayed void the least disturbed is kept, without its void, but only where it is needed:
    where the sound windows of each block are too few, or none of them met the objective.
    The label, and with it the wider interval, is for windows that decide on the cost: a saturation that stayed void
    is only a cross-check.
    """
    kept: list[Window] = []
    spoilt: list[list[Window]] = []
    for repeats in steps(windows):
        valid = [window for window in repeats if not window.void]
        kept += valid
        if not valid:
            spoilt.append(repeats)
    rates = [repeats for repeats in spoilt if repeats[0].kind in DECIDING]
    blocks = {window.block for window in windows}
    spared = bool(rates) and _suffices(kept, blocks=blocks, objective_ms=objective_ms)
    needed = [repeats for repeats in spoilt if not (spared and repeats[0].kind in DECIDING)]
    return [*kept, *map(_least_disturbed, needed)], _label(windows, rates)


def steps(windows: Sequence[Window]) -> list[list[Window]]:
    """Windows by the step they repeat: a repeat follows the window it repeats."""
    found: list[list[Window]] = []
    for window in sorted(windows, key=lambda window: (window.block, window.sequence, window.repeat)):
        if window.repeat and found and found[-1][0].kind is window.kind:
            found[-1].append(window)
        else:
            found.append([window])
    return found


def _suffices(sound: Sequence[Window], *, blocks: set[int], objective_ms: float) -> bool:
    """Whether sound windows alone tell the knee; an objective that none of them met may hold at a spoilt rate."""
    deciding = [window for window in valid_windows(sound, DECIDING) if window.resources.app_cpu_s > 0]
    counts = [sum(window.block == block for window in deciding) for block in blocks]
    return min(counts, default=0) >= _ENOUGH and fit_knee(deciding).at(objective_ms) is not None


def _least_disturbed(repeats: Sequence[Window]) -> Window:
    """By the environment, never by the result; the last of equals."""
    best = max(reversed(repeats), key=lambda window: (-len(window.void), window.resources.canary_speed or 0.0))
    return replace(best, void=(), notes=(*best.notes, *best.void))


def _label(windows: Sequence[Window], rates: Sequence[Sequence[Window]]) -> list[str]:
    if not rates:
        return []
    deciding = sum(repeats[0].kind in DECIDING for repeats in steps(windows))
    count, why = f"{len(rates)} of {deciding} open-loop windows", rates[-1][-1].void[0]
    return [f"disturbed host, interval widened by {DISTURBED_WIDENING}: {count} stayed void, e.g. {why}"]
