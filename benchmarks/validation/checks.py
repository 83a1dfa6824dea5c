"""All checks of `manage.py validate`, one after the other; what the machine disturbed is measured again."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.errors import BenchmarkError
from benchmarks.validation import blocks, burn, cost_beside_app, coverage, doubling, generator, stall, workers
from benchmarks.validation.ground import Ground
from benchmarks.validation.pages import Circumstances, watched
from benchmarks.validation.rows import Check, Outcome, Row
from estimator.domain.performance.capacity import ObjectiveTooStrict

REFUSAL = "A benchmark runs on this host and would be disturbed; wait for its end or cancel it, then try again."
REPEATS = 2


@dataclass(frozen=True, kw_only=True)
class Part:
    """Rows that are measured together. `takes` is for the reader."""

    name: str
    takes: str
    checks: tuple[Check, ...]
    measure: Callable[[Ground], list[Row]]


PARTS = (
    Part(name="stall", takes="10 s", checks=(stall.CHECK,), measure=lambda ground: [stall.check_stall(ground)]),
    Part(name="burn", takes="30 s", checks=(burn.DEMAND, burn.CAPACITY), measure=burn.check_burn),
    Part(
        name="doubling",
        takes="90 s",
        checks=(doubling.DEMAND, doubling.CAPACITY),
        measure=doubling.check_doubling,
    ),
    Part(
        name="intervals",
        takes="80 s",
        checks=coverage.CHECKS,
        measure=lambda _: coverage.check_intervals(),
    ),
    Part(
        name="generator",
        takes="100 s",
        checks=(generator.NULL_WRK, generator.NULL_LOCUST, generator.RAW),
        measure=generator.check_null,
    ),
    Part(name="saturation", takes="90 s", checks=(generator.SATURATION,), measure=generator.check_saturation),
    Part(
        name="cost",
        takes="100 s",
        checks=(cost_beside_app.CHECK, cost_beside_app.BESIDE),
        measure=cost_beside_app.check_cost,
    ),
    Part(
        name="blocks",
        takes="4 min",
        checks=(blocks.SAME_STACK, blocks.BLOCK, blocks.RHO, blocks.P99),
        measure=blocks.check_blocks,
    ),
    Part(name="workers", takes="100 s", checks=(workers.CHECK,), measure=workers.check_workers),
)
NAMES = tuple(part.name for part in PARTS)


def all_checks(ground: Ground, *, only: Collection[str] = NAMES, whole: Circumstances | None = None) -> Iterator[Row]:
    """Each row as it is measured; all parts take about 12 minutes on a quiet machine.

    `whole` learns how fast the machine was between the parts.
    """
    for part in PARTS:
        if part.name in only:
            ground.tell(f"{part.name}, about {part.takes} ...")
            yield from settled(part, ground, whole or Circumstances())


def settled(part: Part, ground: Ground, whole: Circumstances) -> list[Row]:
    """The rows of a part; measured again, and said so, where one falls short while the host was disturbed."""
    for repeat in range(REPEATS + 1):
        with watched() as circumstances:
            rows = attempted(part.checks, lambda: part.measure(ground))
        whole.speeds += circumstances.speeds
        fallen = any(row.outcome is Outcome.FALLS_SHORT for row in rows)
        if not (fallen and circumstances.disturbed) or repeat == REPEATS:
            break
        ground.tell(f"  again: {circumstances.sentence}")
    return [replace(row, measured=row.measured + note(repeat, circumstances)) for row in rows]


def note(repeats: int, circumstances: Circumstances) -> str:
    """What must be known beside a figure; nothing where it was measured once on a quiet host."""
    said = [f"measured again {'once' if repeats == 1 else f'{repeats} times'}, the host was disturbed"] * bool(repeats)
    said += [f"disturbed: {circumstances.disturbances}"] * circumstances.disturbed
    return f" [{'; '.join(said)}]" if said else ""


def attempted(checks: Sequence[Check], measure: Callable[[], list[Row]]) -> list[Row]:
    """The rows; or why there are none, as rows that fall short."""
    try:
        return measure()
    except (BenchmarkError, ObjectiveTooStrict) as error:
        return [check.judged(f"could not be measured: {error}", holds=False) for check in checks]
