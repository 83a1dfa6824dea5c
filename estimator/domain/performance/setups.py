"""Server set-ups of one stack: which to try, and which is best by capacity per core and by memory."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict, RefusedStack
from estimator.domain.performance.comparison import CapacityComparison

SEARCHABLE = ("workers", "threads", "pool_size")
MOST_SETUPS = 24  # a quick trial takes half a minute
MOST_CONNECTIONS = 128  # to the benchmark database, all workers together
_SHORT = {"workers": "w", "threads": "t", "pool_size": "p"}
_WORDS = {"workers": "worker", "threads": "thread", "pool_size": "connection"}

Values = Mapping[str, int]


class NotSearchable(ValueError):
    """A search that cannot be made. The message holds the remedy; `setting` is the one to mend, where it is one."""

    def __init__(self, message: str, *, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One way to start a stack. `values` are the settings that the search varies, in the order of SEARCHABLE."""

    values: tuple[tuple[str, int], ...]
    default: bool = False

    @property
    def suffix(self) -> str:
        """What the stack's slug is followed by."""
        return "-".join(f"{_SHORT[name]}{value}" for name, value in self.values)

    @property
    def label(self) -> str:
        """In words."""
        words = (f"{value} {_WORDS[name]}{'' if value == 1 else 's'}" for name, value in self.values)
        return " x ".join(words) + (" (as shipped)" if self.default else "")


def setups_to_try(*, shipped: Values, tries: Mapping[str, Sequence[int]]) -> tuple[Setup, ...]:
    """Every combination of the values to try, the shipped one always among them and first.

    `shipped` are the stack's own whole-number settings. Raises NotSearchable.
    """
    names = [name for name in SEARCHABLE if tries.get(name)]
    for name in names:
        if name not in shipped:
            problem = f"{name} cannot be varied: the stack's command does not use it; leave it empty."
            raise NotSearchable(problem, setting=name)
    own = tuple(shipped[name] for name in names)
    grid = dict.fromkeys([own, *itertools.product(*(tries[name] for name in names))])
    if len(grid) > MOST_SETUPS:
        raise NotSearchable(f"{len(grid)} set-ups are too many at once (at most {MOST_SETUPS}); try fewer values.")
    _refuse_too_many_connections([{**shipped, **dict(zip(names, values, strict=True))} for values in grid])
    return tuple(Setup(values=tuple(zip(names, values, strict=True)), default=values == own) for values in grid)


def _refuse_too_many_connections(settings: Sequence[Values]) -> None:
    most = max(one.get("workers", 1) * one.get("pool_size", 0) for one in settings)
    if most > MOST_CONNECTIONS:
        raise NotSearchable(
            f"{most} database connections are too many for the benchmark database (at most {MOST_CONNECTIONS});"
            " try fewer workers or smaller pools."
        )


@dataclass(frozen=True, kw_only=True)
class SetupResult:
    """What one set-up came to. Rates in requests/s within the objective; None where it cannot be told."""

    setup: Setup
    outcome: Capacity | RefusedStack
    rate_per_core: float | None
    memory_mib: float | None  # all workers, under load
    on_front: bool = False  # no other set-up is better by one measure and as good by the other

    @property
    def rate_per_gib(self) -> float | None:
        """Requests/s for each GiB of memory and core."""
        return self.rate_per_core / self.memory_mib * 1024 if self.rate_per_core and self.memory_mib else None


def setup_results(
    outcomes: Sequence[tuple[Setup, Capacity | RefusedStack]], *, objective_ms: float
) -> tuple[SetupResult, ...]:
    """The set-ups with the best capacity per core first; those without any last. The front is marked."""
    plain = [_result(setup, outcome, objective_ms) for setup, outcome in outcomes]
    marked = [_marked(one, plain) for one in plain]
    return tuple(sorted(marked, key=lambda one: (-(one.rate_per_core or 0.0), one.memory_mib or math.inf)))


def _result(setup: Setup, outcome: Capacity | RefusedStack, objective_ms: float) -> SetupResult:
    if isinstance(outcome, RefusedStack):
        return SetupResult(setup=setup, outcome=outcome, rate_per_core=None, memory_mib=None)
    try:
        rate = outcome.rate(objective_ms) / outcome.cores
    except ObjectiveTooStrict:
        rate = None
    return SetupResult(setup=setup, outcome=outcome, rate_per_core=rate, memory_mib=outcome.memory_p95_mib)


def _marked(one: SetupResult, others: Sequence[SetupResult]) -> SetupResult:
    on_front = one.rate_per_core is not None and not any(_dominates(other, one) for other in others)
    return SetupResult(
        setup=one.setup,
        outcome=one.outcome,
        rate_per_core=one.rate_per_core,
        memory_mib=one.memory_mib,
        on_front=on_front,
    )


def _dominates(first: SetupResult, second: SetupResult) -> bool:
    ours, theirs = _merits(first), _merits(second)
    return ours != theirs and all(mine >= yours for mine, yours in zip(ours, theirs, strict=True))


def _merits(one: SetupResult) -> tuple[float, float]:
    """The more the better."""
    return one.rate_per_core or 0.0, -(math.inf if one.memory_mib is None else one.memory_mib)


def best_by_capacity(results: Sequence[SetupResult]) -> SetupResult | None:
    """The most requests/s per core; of equal ones the least memory. None where none has a capacity."""
    return max((one for one in results if one.rate_per_core), key=_merits, default=None)


def best_by_memory(results: Sequence[SetupResult]) -> SetupResult | None:
    """The most requests/s per core and GiB. None where none has a capacity and a memory."""
    return max((one for one in results if one.rate_per_gib), key=lambda one: one.rate_per_gib or 0.0, default=None)


def tuning_sentence(*, best: SetupResult, shipped: SetupResult, comparison: CapacityComparison | None) -> str:
    """What the search found, in one sentence. `comparison` is that of the best with the shipped set-up."""
    if shipped.rate_per_core is None:
        return f"The shipped set-up has no capacity here; it carries most with {best.setup.label}."
    if best.setup.default or comparison is None:
        return "The shipped set-up carries most per core: tuning gains nothing."
    interval = f"95 % interval {comparison.low:.2f} to {comparison.high:.2f}"
    found = f"{comparison.ratio:.2f} times the shipped one ({interval})"
    if not comparison.differs:
        return f"Too close to call: it carried most with {best.setup.label}, {found}."
    return f"With {best.setup.label} it carries {found}."
