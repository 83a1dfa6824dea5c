"""Each section's result in one line of text, empty where there is nothing to show."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from estimator.domain.cost.pricing import Money
from estimator.domain.cost.traffic import format_traffic
from estimator.queries.evidence import Evidence
from estimator.queries.orm_cost import OrmCost
from estimator.reports.latency_panels import Panels
from estimator.reports.sheet import Sheet

Row = Mapping[str, Any]


def told_machines(sheet: Sheet) -> str:
    """How many fleets, and between which bills they lie."""
    rows = sheet.data["rows"]
    if not rows:
        return ""
    bills = _span([_bill(row) for row in rows])
    return f"{_counted(len(rows), 'fleet')} of {_counted(len(sheet.stacks), 'stack')}: {bills} a month"


def told_hourly(sheet: Sheet) -> str:
    """What the cheapest policy saves against the fixed fleet over a year, for the stack that leads."""
    if not sheet.hourly:
        return ""
    fleet = next((one for one in sheet.hourly if one.data["stack"] == _leader(sheet)), sheet.hourly[0])
    best = next(row for row in fleet.rows if row.cheapest)
    fixed = next(row for row in fleet.rows if row.cost["policy"] == "fixed")
    if best is fixed:
        return f"No policy costs less than the fleet fixed at the peak ({fleet.data['title']})"
    share = 1 - Decimal(best.cost["expected_year_cost"]) / Decimal(fixed.cost["expected_year_cost"])
    return f"{best.title} saves {_percent(share)} against the fixed fleet ({fleet.data['title']})"


def told_decades(sheet: Sheet) -> str:
    """The least bill at both ends of the table."""
    rows = [row.fleets for row in sheet.decade_rows if row.fleets]
    if not rows:
        return ""
    ends = [min((fleets[end] for fleets in rows), key=lambda fleet: _bill(fleet).amount) for end in (0, -1)]
    least, most = (f"{_bill(fleet)} a month at {format_traffic(Decimal(fleet['requests_per_day']))}" for fleet in ends)
    return f"From {least} to {most}"


def told_alternatives(sheet: Sheet) -> str:
    """Which pricing model costs least for the stack that leads, and below which traffic functions do."""
    if sheet.alternatives is None:
        return ""
    leader = next((one for one in sheet.alternatives.stacks if one.slug == _leader(sheet)), None)
    if leader is None:
        return ""
    best = leader.rows[0]
    parts = [f"{best.model.capitalize()} cost least, {_bill(best.row)} a month"]
    limits = [Decimal(row.cheaper_from) for row in leader.rows if row.cheaper_from]
    if limits and max(limits) > 0:
        parts.append(f"functions cost less than instances below {format_traffic(max(limits))}")
    return "; ".join(parts)


def told_answers(sheet: Sheet) -> str:
    """Whether a budget lasts, how often all bills are the same, and the input that moves the bill most."""
    if sheet.answers is None:
        return ""
    lead, same = sheet.answers.lead, sheet.answers.same_bill
    parts = [lead["budget"]["sentence"].rstrip(".")] if lead.get("budget") else []
    if same is not None:
        parts.append(f"the same bill in {_percent(same)} of draws")
    swing = next(iter(lead["sensitivity"]["swings"]), None)
    if swing is not None and Decimal(swing["swing"]) > 0:
        by = Money(amount=Decimal(swing["swing"]), currency=lead["currency"])
        parts.append(f"moved most by {swing['input']}: {by}")
    return _sentence(parts or ["no input alone moves the bill"])


def told_migrations(sheet: Sheet) -> str:
    """Whether any pays back, and when."""
    cases = sheet.data.get("migrations") or ()
    if not cases:
        return ""
    paid = [one for one in cases if (one.get("payback_month") or {}).get("p50") is not None]
    if not paid:
        which = f"None of {len(cases)} pays" if len(cases) > 1 else "It does not pay"
        return f"{which} back within {cases[0]['horizon_months']} months"
    first = min(paid, key=lambda one: int(one["payback_month"]["p50"]))
    return f"{first['name']}: in month {first['payback_month']['p50']}"


def told_measured(capacities: Sequence[Row]) -> str:
    """Between which rates the capacities lie, and of how many stacks there is none."""
    rates = sorted(one["capacity_rps"]["p50"] for one in capacities if one["valid"] and one["capacity_rps"])
    without = len(capacities) - len(rates)
    if not rates:
        return "No stack has a capacity"
    least, most = f"{rates[0]:,.0f}", f"{rates[-1]:,.0f}"
    parts = [f"{least if least == most else f'{least} to {most}'} requests/s within the objective"]
    return "; ".join([*parts, *([f"{without} without a capacity"] if without else [])])


def told_comparisons(sheet: Sheet) -> str:
    """How many pairs differ, and the largest difference."""
    rows = sheet.comparisons
    if not rows:
        return ""
    apart = f"{sheet.told_apart} of {len(rows)} told apart"
    first = rows[0]
    return (
        f"{apart}; {first.first} carries {first.ratio:.2f} times as much as {first.second}" if first.decided else apart
    )


def told_orm(costs: Sequence[OrmCost]) -> str:
    """The ORM's part of a request's CPU time."""
    if not costs:
        return ""
    shares = sorted(one.orm_share for one in costs)
    least, most = f"{shares[0] * 100:.0f}", _percent(shares[-1])
    return f"{most if most == f'{least} %' else f'{least} to {most}'} of a request's CPU time"


def told_latency(panels: Panels | None) -> str:
    """How many pictures, and what they are held against."""
    if panels is None:
        return ""
    return f"p50 and p99 of {_counted(len(panels.panels), 'stack')} at each rate, beside the objective"


def told_evidence(evidence: Evidence | None) -> str:
    """Whether windows were void, and whether set-ups differ."""
    if evidence is None:
        return ""
    void = f"{evidence.void} of" if evidence.void else "None of"
    differ = f"{_counted(evidence.different, 'setting')} differ{'s' if evidence.different == 1 else ''}"
    return f"{void} {_counted(evidence.windows, 'window')} void; {differ} between the stacks"


def told_arithmetic(sheet: Sheet) -> str:
    """How many bills can be followed."""
    bills = len(sheet.data["rows"])
    return f"{_counted(bills, 'bill')} step by step, each input with its origin" if bills else ""


def told_limits(sheet: Sheet) -> str:
    """How much is assumed, not counted and left out."""
    data = sheet.data
    machines = sum(len(one["hardware"]) for one in data.get("excluded", ()))
    parts = [_counted(len(sheet.assumptions), "assumption"), f"{len(data.get('not_counted', ()))} costs not counted"]
    return ", ".join([*parts, *([f"{_counted(machines, 'machine type')} left out"] if machines else [])])


def _leader(sheet: Sheet) -> str:
    return str(sheet.lead["stack"]) if sheet.lead else ""


def _bill(row: Row) -> Money:
    return Money(amount=Decimal(row["monthly_cost"]["p50"]), currency=row["currency"])


def _span(bills: Sequence[Money]) -> str:
    least, most = min(bills, key=lambda bill: bill.amount), max(bills, key=lambda bill: bill.amount)
    return str(least) if least == most else f"{least} to {most.rounded():,f}"


def _percent(share: Decimal | float) -> str:
    return f"{float(share) * 100:.0f} %"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]
