"""A cost report for a terminal: measured capacity, monthly cost, verdict, assumptions, what is not counted."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from estimator.domain.cost.options import PricedFleet
from estimator.domain.cost.pricing import MoneyQuantiles
from estimator.domain.cost.traffic import TrafficTarget, format_growth, format_traffic
from estimator.domain.measuring.measurement import Window
from estimator.domain.measuring.workload import StepKind
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict
from estimator.domain.reporting.hourly_verdict import judge_hours
from estimator.domain.statistics import Interval
from estimator.queries.measurements import MeasuredStack
from estimator.queries.projections import CostReport, at_decades

DECADES = (Decimal(100_000), Decimal(10_000_000), Decimal(100_000_000), Decimal(1_000_000_000))
_GAP = "  "


def report_lines(report: CostReport, *, decades: Sequence[Decimal] = ()) -> Iterator[str]:
    """The whole report, line by line."""
    target = report.projection.target
    yield _target_line(target, report.projection.term)
    yield ""
    yield f"Measured, workload {report.workload}"
    yield from _table(_MEASURED_HEAD, [_measured_row(one) for one in report.measured])
    yield from _bullets(f"{one.stack.title}: {label}" for one in report.measured for label in one.outcome.warnings)
    if report.rows:
        yield from _costs(report, decades)
    yield ""
    yield f"Verdict: {report.projection.verdict.sentence}"
    yield from (verdict.sentence for verdict in judge_hours(report.fleets))
    yield from _notes(report)


def _costs(report: CostReport, decades: Sequence[Decimal]) -> Iterator[str]:
    target = report.projection.target
    yield ""
    yield f"Monthly compute cost at {format_traffic(target.requests_per_day)}, {target.currency}"
    yield from _table(_COST_HEAD, [_cost_row(report, index) for index in range(len(report.rows))])
    if decades:
        yield ""
        yield f"The cheapest fitting type at other traffic, {target.currency} per month"
        yield from _table(_DECADE_HEAD, _decade_rows(report, decades))


def _target_line(target: TrafficTarget, term: str) -> str:
    policy, peak, growth = target.redundancy, target.peak_to_mean, target.growth_per_month
    promises = [
        f"{target.name}: {target.mean_rate:,.1f} requests/s on average",
        f"peak/mean {peak.low:g}/{peak.mid:g}/{peak.high:g}",
        f"p99 <= {target.objective_ms:g} ms",
        f"{policy.zones} zones" + (" of which one may be lost" if policy.survive_zone_loss else ""),
        f"at least {policy.minimum_instances} instances",
        f"headroom {target.headroom:.0%}",
        *([f"growth {format_growth(growth)} a month"] if growth != Interval.exact(0.0) else []),
        term.replace("_", " "),
        target.currency,
        "compute only",
    ]
    return ", ".join(promises)


_MEASURED_HEAD = (
    "stack",
    "capacity req/s",
    "P10-P90",
    "CPU/request",
    "database",
    "Locust at half",
    "cold start",
    "memory",
    "validity",
)


def _measured_row(one: MeasuredStack) -> list[str]:
    outcome = one.outcome
    if not isinstance(outcome, Capacity):
        return [one.stack.title, "none", "", "", "", "", "", "", "no cost"]
    memory = "" if outcome.memory_p95_mib is None else f"{outcome.memory_p95_mib:,.0f} MiB"
    cold = "" if outcome.cold_start_s is None else f"{outcome.cold_start_s:.2f} s"
    return [
        one.stack.title,
        *_rates(outcome),
        f"{outcome.service_demand_s * 1000:.2f} ms",
        f"{outcome.database_demand_s * 1e6:,.0f} us",
        _locust(one.windows),
        cold,
        memory,
        ("disturbed" if outcome.disturbed else "valid") + (", indicative" if outcome.is_prior else ""),
    ]


def _rates(capacity: Capacity) -> tuple[str, str]:
    try:
        rate, (low, high) = capacity.rate(capacity.objective_ms), capacity.interval(capacity.objective_ms)
    except ObjectiveTooStrict:
        return "none", f"within {capacity.objective_ms:g} ms"
    return f"{rate:,.0f}", f"{low:,.0f}-{high:,.0f}"


def _locust(windows: Sequence[Window]) -> str:
    """The last of Locust's windows that is not void; the last of all where each repeat was."""
    own = [window for window in windows if window.kind is StepKind.LOCUST]
    if not own:
        return "not run"
    window = next((one for one in reversed(own) if not one.void), own[-1])
    errors = window.errors + window.wrong
    return f"{window.achieved_rate:,.0f} of {window.offered_rate or 0:,.0f} req/s, {errors} errors"


_COST_HEAD = (
    "stack",
    "type",
    "region",
    "instances",
    "P10",
    "P50",
    "P90",
    "per million",
    "binding constraint",
    "priced as of",
)


def _cost_row(report: CostReport, index: int) -> list[str]:
    row = report.rows[index]
    million = f"{row.cost_per_million_requests.amount:.3f}"
    name = row.hardware.label if report.is_reference(row) else f"{row.hardware.label} (cheapest)"
    place = [row.label, name, row.price.region, f"{row.instances.p50:,}"]
    return [*place, *_quantiles(row.monthly_cost), million, row.binding_constraint, row.price.as_of.isoformat()]


_DECADE_HEAD = ("requests", "stack", "instances", "type", "P10", "P50", "P90", "priced as of")


def _decade_rows(report: CostReport, decades: Sequence[Decimal]) -> list[list[str]]:
    fleets = at_decades(report, decades)
    return [_decade_row(own[index]) for index in range(len(decades)) for own in fleets.values()]


def _decade_row(fleet: PricedFleet) -> list[str]:
    place = [format_traffic(fleet.requests_per_day), fleet.row.label, f"{fleet.instances.p50:,}"]
    return [*place, fleet.row.hardware.label, *_quantiles(fleet.monthly_cost), fleet.row.price.as_of.isoformat()]


def _quantiles(cost: MoneyQuantiles) -> list[str]:
    return [f"{money.rounded():,f}" for money in (cost.p10, cost.p50, cost.p90)]


def _notes(report: CostReport) -> Iterator[str]:
    projection = report.projection
    if projection.target.monthly_budget is not None:
        for answers in projection.answers[:1]:
            if answers.budget:
                yield f"Budget: {answers.budget.use_sentence} {answers.budget.sentence}"
    for refused in projection.refused:
        yield f"No cost for {refused.label}: {'; '.join(refused.reasons)}"
    assumptions = dict.fromkeys(text for row in report.rows for text in row.assumptions)
    if assumptions:
        yield "Assumed, not measured:"
        yield from _bullets(assumptions)
    yield from (f"Converted: {rate.sentence}." for rate in report.exchange_rates)
    yield f"Not counted: {', '.join(projection.not_counted)}."


def _bullets(texts: Iterable[str]) -> Iterator[str]:
    return (f"  - {text}" for text in texts)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell; numbers to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for cells in (head, *rows):
        yield (_GAP + _GAP.join(map(_aligned, cells, widths))).rstrip()


def _aligned(cell: str, width: int) -> str:
    return cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
