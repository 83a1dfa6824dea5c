"""Two runs compared, for the log of a pipeline: a line for each stack, and the judgement."""

import math
from collections.abc import Iterator

from estimator.domain.cost.traffic import format_traffic
from estimator.domain.performance.comparison import CapacityComparison
from estimator.domain.reporting.gate import StackChange
from estimator.queries.run_comparisons import RunComparison


def comparison_lines(found: RunComparison) -> Iterator[str]:
    """What was asked, each stack, and whether it passed."""
    at = f"{format_traffic(found.target.requests_per_day)}, p99 {found.target.objective_ms:g} ms, {found.term}"
    yield f"Run {found.base} (base) and run {found.head} (head), workload {found.workload}, at {at}, compute only"
    for change in found.changes:
        yield f"  {change.told}{_cost(change)}{_capacity(change.capacity)}"
    for stack in found.apart:
        yield f"  {stack} was measured in one of the runs only"
    yield f"{'Passed' if found.judgement.passed else 'Not passed'}. {found.judgement.reason}"


def _cost(change: StackChange) -> str:
    if change.base is None or change.head is None:
        return f": {'; '.join(change.reasons)}"
    before, after = change.base.cost_per_million_requests, change.head.cost_per_million_requests
    return f": {before.currency} {before.amount:.4f} -> {after.amount:.4f} per million requests"


def _capacity(found: CapacityComparison | None) -> str:
    if found is None:
        return ""
    high = "any" if math.isinf(found.high) else f"{found.high:.2f}"
    return f"; capacity x {found.ratio:.2f} (95 %: {found.low:.2f} to {high}; {found.basis})"
