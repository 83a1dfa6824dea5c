"""The overview: every stack under every workload, measured or with the reason why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estimator.domain.performance.capacity import Capacity
from estimator.domain.statistics import Interval
from estimator.models import Stack, Workload
from estimator.queries.measurements import MeasuredStack, newest_of_all

TOO_STRICT = "no measured utilisation met the objective; measure lower rates or ask for a higher objective"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One pair. `state` is measured, refused, unsupported, not served or waiting; `reason` says why there is no figure.

    `share` is the capacity over the best of its workload, from 0 to 1."""

    workload: Workload
    state: str
    run: int | None = None
    capacity_rps: Interval | None = None
    service_demand_ms: float | None = None
    share: float | None = None
    labelled: bool = False  # disturbed, or too few blocks to tell the spread
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class MatrixRow:
    """One stack under all workloads, in their order."""

    stack: Stack
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """All of it; `measured` of `pairs` have a capacity."""

    workloads: tuple[Workload, ...]
    rows: tuple[MatrixRow, ...]
    pairs: int
    measured: int


def capacity_matrix(measured: Sequence[MeasuredStack] | None = None) -> Matrix:
    """Active stacks x workloads that one of them knows, each pair as its newest succeeded run saw it."""
    found = {(one.stack.slug, one.workload): one for one in (newest_of_all() if measured is None else measured)}
    stacks = list(Stack.objects.filter(active=True).prefetch_related("workloads"))
    known = {workload.slug for stack in stacks for workload in stack.workloads.all()}
    known |= {slug for stack in stacks for slug in stack.unsupported} | {slug for _, slug in found}
    workloads = tuple(Workload.objects.filter(slug__in=known))
    best = _best(found)
    rows = tuple(
        MatrixRow(stack=stack, cells=tuple(_cell(stack, workload, found, best) for workload in workloads))
        for stack in stacks
    )
    cells = [cell for row in rows for cell in row.cells]
    return Matrix(
        workloads=workloads, rows=rows, pairs=len(cells), measured=sum(cell.state == "measured" for cell in cells)
    )


def _best(found: Mapping[tuple[str, str], MeasuredStack]) -> dict[str, float]:
    best: dict[str, float] = {}
    for (_, workload), one in found.items():
        rate = one.fit.capacity_rps.mid if one.fit.capacity_rps else 0.0
        best[workload] = max(best.get(workload, 0.0), rate)
    return best


def _cell(
    stack: Stack, workload: Workload, found: Mapping[tuple[str, str], MeasuredStack], best: Mapping[str, float]
) -> Cell:
    one = found.get((stack.slug, workload.slug))
    if workload.slug in stack.unsupported:
        return Cell(workload=workload, state="unsupported", reason=stack.unsupported[workload.slug])
    if one is None:
        return _unmeasured(stack, workload)
    if not isinstance(one.outcome, Capacity):
        return Cell(workload=workload, state="refused", run=one.run, reason="; ".join(one.outcome.reasons))
    capacity = one.fit.capacity_rps
    if capacity is None:
        return Cell(workload=workload, state="refused", run=one.run, reason=TOO_STRICT)
    return Cell(
        workload=workload,
        state="measured",
        run=one.run,
        capacity_rps=capacity,
        service_demand_ms=one.outcome.service_demand_s * 1000,
        share=capacity.mid / best[workload.slug],
        labelled=one.outcome.disturbed or one.outcome.is_prior,
    )


def _unmeasured(stack: Stack, workload: Workload) -> Cell:
    if workload in stack.workloads.all():
        return Cell(workload=workload, state="waiting", reason="not measured yet; run a plan that holds both")
    return Cell(workload=workload, state="not served", reason="the stack's manifest does not name this workload")


@dataclass(frozen=True, kw_only=True)
class Unmeasured:
    """A stack without a measurement of a workload, and why."""

    stack: Stack
    reason: str


def unmeasured(*, workload: Workload, measured: Sequence[MeasuredStack]) -> tuple[Unmeasured, ...]:
    """Active stacks that no succeeded run tried under the workload, in display order."""
    tried = {one.stack.slug for one in measured}
    stacks = Stack.objects.filter(active=True).exclude(slug__in=tried).prefetch_related("workloads")
    cells = [(stack, _cell(stack, workload, {}, {})) for stack in stacks]
    return tuple(Unmeasured(stack=stack, reason=cell.reason) for stack, cell in cells)
