"""The overview: every stack under every workload."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from estimator.models import Stack, Workload
from estimator.queries.matrix import Matrix, capacity_matrix
from estimator.queries.measurements import newest_of_all
from estimator.queries.orm_cost import orm_costs
from estimator.queries.projections import standing_target
from estimator.reports.sections import orm_section

_EXPECTED = ("waiting", "not served")  # said in the cell; they need no footnote


@dataclass(frozen=True, kw_only=True)
class Note:
    """Why one pair has no figure."""

    number: int
    stack: Stack
    workload: Workload
    reason: str
    run: int | None


@require_safe
def capacities(request: HttpRequest) -> HttpResponse:
    """All measured capacities, each from the newest run of its pair, or why there is none."""
    measured = newest_of_all()
    matrix = capacity_matrix(measured)
    notes, costs = _notes(matrix), orm_costs(measured)
    numbers = {(note.stack.pk, note.workload.pk): note.number for note in notes}
    context = {
        "matrix": matrix,
        "rows": [
            (row.stack, [(cell, numbers.get((row.stack.pk, cell.workload.pk))) for cell in row.cells])
            for row in matrix.rows
        ],
        "notes": notes,
        "orm_costs": costs,
        "sections": orm_section(costs),
        "target": standing_target(),
    }
    return render(request, "capacities.html", context)


def _notes(matrix: Matrix) -> list[Note]:
    told = [
        (row.stack, cell)
        for row in matrix.rows
        for cell in row.cells
        if cell.state != "measured" and cell.state not in _EXPECTED
    ]
    return [
        Note(number=number, stack=stack, workload=cell.workload, reason=cell.reason, run=cell.run)
        for number, (stack, cell) in enumerate(told, 1)
    ]
