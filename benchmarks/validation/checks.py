"""All checks of `manage.py validate`, and all figures of `manage.py bench`, one after the other."""

from collections.abc import Callable, Iterator

from benchmarks.errors import BenchmarkError
from benchmarks.validation import burn, coverage, stall, wrk
from benchmarks.validation.ground import Ground
from benchmarks.validation.peers import Figure, generator_figures, projection_figure
from benchmarks.validation.rows import Check, Row

REFUSAL = "A benchmark runs on this host and would be disturbed; wait for its end or cancel it, then try again."


def all_checks(ground: Ground) -> Iterator[Row]:
    """Each row as it is measured, in about 80 s. A check that cannot be carried out falls short with its reason."""
    yield from attempted((stall.CHECK,), lambda: [stall.check_stall(ground)])
    yield from attempted((burn.DEMAND, burn.CAPACITY), lambda: burn.check_burn(ground))
    yield from attempted((coverage.COVERAGE, coverage.SAME_TWICE), coverage.check_intervals)
    yield from attempted((wrk.CHECK,), lambda: [wrk.check_wrk(ground)])


def attempted(checks: tuple[Check, ...], measure: Callable[[], list[Row]]) -> list[Row]:
    """The rows; or why there are none, as rows that fall short."""
    try:
        return measure()
    except BenchmarkError as error:
        return [check.judged(f"could not be measured: {error}", holds=False) for check in checks]


def all_figures(ground: Ground) -> Iterator[Figure]:
    """Each figure as it is measured, in about 40 s. Raises BenchmarkError when a generator cannot be run."""
    yield projection_figure(core=ground.cores.app[0])
    yield from generator_figures(ground)
