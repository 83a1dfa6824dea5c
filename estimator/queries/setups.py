"""A set-up search's run: every set-up it measured, the best of them, and what tuning alone saves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from estimator.domain.cost.options import PricedFleet, StackOptions
from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.measuring.measurement import Histogram
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import Capacity
from estimator.domain.performance.comparison import CapacityComparison, compare_capacities
from estimator.domain.performance.setups import (
    Setup,
    SetupResult,
    best_by_capacity,
    best_by_memory,
    setup_results,
    tuning_sentence,
)
from estimator.models import Run, RunState, Stack
from estimator.queries.measurements import MeasuredStack, measured_stacks
from estimator.queries.projections import report_of

FURTHER_TRAFFIC = (Decimal(100_000_000), Decimal(1_000_000_000))  # beside the target's own


@dataclass(frozen=True, kw_only=True)
class Saving:
    """The cheapest fleet of the shipped set-up and that of any, at one traffic."""

    requests_per_day: Decimal
    shipped: PricedFleet
    cheapest: PricedFleet

    @property
    def saved(self) -> Money:
        """A month, P50."""
        return self.shipped.p50 - self.cheapest.p50

    @property
    def reason(self) -> str:
        """Why nothing is saved; empty where something is."""
        if self.saved.amount:
            return ""
        fewest = self.shipped.instances.p50 == self.shipped.row.fleet.target.redundancy.minimum_instances
        return "the redundancy minimum sets the bill" if fewest else "both need the same fleet"


@dataclass(frozen=True, kw_only=True)
class SetupRow:
    """One set-up as the table shows it."""

    result: SetupResult
    measured: MeasuredStack
    half_capacity_p99_ms: float | None
    bests: tuple[str, ...]  # what it is best by

    @property
    def reasons(self) -> Sequence[str]:
        """Why it has no capacity."""
        return getattr(self.result.outcome, "reasons", ())


@dataclass(frozen=True, kw_only=True)
class SetupSearch:
    """All that a search says under one workload."""

    run: int
    stack: Stack
    workload: str
    objective_ms: float
    rows: tuple[SetupRow, ...]
    sentence: str
    comparison: CapacityComparison | None
    savings: tuple[Saving, ...]


def is_search(run: Run) -> bool:
    """Whether the run measured variants of one stack."""
    return any(trial.get("base") for trial in run.spec["trials"])


def setup_search(*, run_id: int, workload: str, target: TrafficTarget | None) -> SetupSearch | None:
    """What the search found; None for another run, and until it has succeeded. Costs: at the target's traffic and more.

    Raises Run.DoesNotExist.
    """
    run = Run.objects.get(pk=run_id)
    if run.state != RunState.SUCCEEDED or not is_search(run):
        return None
    setups = _setups(run, workload)
    measured = {one.stack.slug: one for one in measured_stacks(run_id=run.pk, workload=workload)}
    outcomes = [(setup, measured[slug].outcome) for slug, setup in setups.items() if slug in measured]
    if not outcomes:
        return None
    results = setup_results(outcomes, objective_ms=run.spec["objective_ms"])
    slugs = {setup: slug for slug, setup in setups.items()}
    rows = tuple(_row(result, measured[slugs[result.setup]], results) for result in results)
    objective_ms = run.spec["objective_ms"]
    comparison = _comparison(results, objective_ms)
    return SetupSearch(
        run=run.pk,
        stack=_base(run),
        workload=workload,
        objective_ms=objective_ms,
        rows=rows,
        sentence=_sentence(results, comparison),
        comparison=comparison,
        savings=_savings(rows, replace(target, objective_ms=objective_ms)) if target else (),
    )


def _setups(run: Run, workload: str) -> Mapping[str, Setup]:
    """Slug of each variant -> its set-up. The shipped one is the first that a search tries."""
    trials = [trial for trial in run.spec["trials"] if trial["workload"] == workload]
    return {trial["stack"]: _setup(trial, first=number == 0) for number, trial in enumerate(trials)}


def _setup(trial: Mapping[str, Any], *, first: bool) -> Setup:
    return Setup(values=tuple((name, value) for name, value in trial["settings"]), default=first)


def _base(run: Run) -> Stack:
    return Stack.objects.get(slug=run.spec["trials"][0]["base"])


def _row(result: SetupResult, measured: MeasuredStack, results: Sequence[SetupResult]) -> SetupRow:
    bests = {"capacity": best_by_capacity(results), "memory": best_by_memory(results)}
    half = [window.latency for window in measured.windows if window.kind is StepKind.HALF_CAPACITY and not window.void]
    return SetupRow(
        result=result,
        measured=measured,
        half_capacity_p99_ms=Histogram.merged(half).percentile_ms(99),
        bests=tuple(name for name, best in bests.items() if best is not None and best.setup == result.setup),
    )


def _shipped(results: Sequence[SetupResult]) -> SetupResult | None:
    return next((one for one in results if one.setup.default), None)


def _comparison(results: Sequence[SetupResult], objective_ms: float) -> CapacityComparison | None:
    """The best against the shipped set-up; None where they are the same, or one has no capacity."""
    best, shipped = best_by_capacity(results), _shipped(results)
    if best is None or shipped is None or best is shipped or shipped.rate_per_core is None:
        return None
    ours, theirs = best.outcome, shipped.outcome
    assert isinstance(ours, Capacity) and isinstance(theirs, Capacity), "both have a rate"  # noqa: S101
    return compare_capacities(ours, theirs, objective_ms)


def _sentence(results: Sequence[SetupResult], comparison: CapacityComparison | None) -> str:
    best, shipped = best_by_capacity(results), _shipped(results)
    if best is None or shipped is None:
        return "No set-up has a capacity within the objective; the reasons stand beside each."
    return tuning_sentence(best=best, shipped=shipped, comparison=comparison)


def _savings(rows: Sequence[SetupRow], target: TrafficTarget) -> tuple[Saving, ...]:
    """At the target's traffic and beyond; nothing where the shipped set-up cannot be priced."""
    shipped = next((row.measured.stack.slug for row in rows if row.result.setup.default), None)
    options = {one.stack: one for one in _options(rows, target)}
    if shipped not in options:
        return ()
    traffics = sorted({target.requests_per_day, *(more for more in FURTHER_TRAFFIC if more > target.requests_per_day)})
    return tuple(_saving(requests, options[shipped], list(options.values())) for requests in traffics)


def _options(rows: Sequence[SetupRow], target: TrafficTarget) -> Sequence[StackOptions]:
    return report_of(measured=tuple(row.measured for row in rows), target=target).projection.options


def _saving(requests: Decimal, shipped: StackOptions, options: Sequence[StackOptions]) -> Saving:
    ours = shipped.cheapest(requests)
    others = [one.cheapest(requests) for one in options]
    cheapest = min([ours, *others], key=lambda fleet: fleet.p50.amount)  # the shipped one where they tie
    return Saving(requests_per_day=requests, shipped=ours, cheapest=cheapest)
