"""Claims beside the newest valid measurements, each with its run."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from estimator.domain.claims.rules import check_claims
from estimator.domain.claims.values import (
    Bill,
    Check,
    Claim,
    ClaimCheck,
    ClaimVerdict,
    Evidence,
    Finding,
    Observed,
    Place,
    Quantity,
    SameCost,
)
from estimator.domain.cost.options import PricedFleet
from estimator.domain.cost.traffic import Redundancy, TrafficTarget
from estimator.domain.measuring.workload import PROFILES, SMOKE, StepKind
from estimator.domain.performance.capacity import Capacity
from estimator.domain.reporting.verdict import indifference
from estimator.domain.statistics import Interval
from estimator.models import BenchmarkPlan, ClaimSet, Stack
from estimator.models import Claim as ClaimRow
from estimator.queries.measurements import HEADLINE_WORKLOAD, MeasuredStack, counted_trials, newest_of_all
from estimator.queries.projections import CostReport, report_of, standing_target, target_value

CURRENCY = "USD"  # what claims about money are compared in
_ONE_MACHINE = Redundancy(zones=1, survive_zone_loss=False, minimum_instances=1)
_LITTLE_TRAFFIC = Decimal(1000)  # requests per day: any machine carries them
_OF_MONEY = (Check.MONTHLY_COST, Check.SAME_COST_BELOW, Check.ENTRY_PRICE)

Seen = dict[tuple[Quantity, str, str], Observed]


@dataclass(frozen=True, kw_only=True)
class CheckedSet:
    """A claim set with a verdict on each of its claims, in their order."""

    claim_set: ClaimSet
    rows: tuple[tuple[ClaimRow, ClaimCheck], ...]

    @property
    def counts(self) -> dict[ClaimVerdict, int]:
        """How many claims got each verdict; all four are there."""
        return {verdict: sum(check.verdict is verdict for _, check in self.rows) for verdict in ClaimVerdict}


def checked_sets(*, name: str = "") -> tuple[CheckedSet, ...]:
    """All claim sets, or the one of that name, beside what is measured now."""
    sets = ClaimSet.objects.filter(name=name) if name else ClaimSet.objects.all()
    return tuple(
        CheckedSet(claim_set=one, rows=tuple(_checked(list(one.claims.all()))))
        for one in sets.prefetch_related("claims")
    )


def checks_of(rows: Iterable[ClaimRow]) -> list[ClaimCheck]:
    """A verdict on each of these claims in their order; each is judged among all of its set."""
    asked = list(rows)
    whole = list(ClaimRow.objects.filter(claim_set__in={row.claim_set_id for row in asked}))
    sets: dict[int, list[ClaimRow]] = {}
    for row in whole:
        sets.setdefault(row.claim_set_id, []).append(row)
    found = {row.pk: check for own in sets.values() for row, check in _checked(own)}
    return [found[row.pk] for row in asked]


def check_json(row: ClaimRow, check: ClaimCheck) -> dict[str, Any]:
    """A claim and its verdict as plain data; no findings where nothing was measured."""
    claimed = check.claim.claimed
    return {
        "id": row.pk,
        "claim_set": row.claim_set_id,
        "claim_id": row.claim_id,
        "topic": row.topic,
        "subject": row.subject,
        "metric": row.metric,
        "claimed_low": claimed.low if claimed else None,
        "claimed_high": claimed.high if claimed else None,
        "unit": row.unit,
        "conditions": row.conditions,
        "contradiction": row.contradiction,
        "check": row.check_by,
        "stack": row.stack,
        "workload": row.workload,
        "verdict": str(check.verdict),
        "ours": check.ours,
        "findings": [_finding_json(found) for found in (check.finding, check.absolute) if found and _is_finite(found)],
        "why": check.why,
        "holds_if": check.holds_if,
        "runs": list(check.runs),
    }


def _is_finite(found: Finding) -> bool:
    """Bills that differ at no traffic have no figure that JSON could carry."""
    return math.isfinite(found.ours.mid)


def _finding_json(found: Finding) -> dict[str, Any]:
    return {
        "unit": found.unit,
        "against": found.against,
        "claimed": _interval_json(found.claimed),
        "ours": _interval_json(found.ours),
    }


def _interval_json(interval: Interval) -> dict[str, float]:
    return {"low": interval.low, "mid": interval.mid, "high": interval.high}


def _checked(rows: Sequence[ClaimRow]) -> Iterator[tuple[ClaimRow, ClaimCheck]]:
    claims = [row.to_domain() for row in rows]
    return zip(rows, check_claims(claims, claim_evidence(claims)), strict=True)


def claim_evidence(claims: Sequence[Claim]) -> Evidence:
    """What claims of one set are held against: the newest valid measurement of each stack and workload."""
    measured = newest_of_all()
    target = _target()
    headline = tuple(one for one in measured if one.workload == HEADLINE_WORKLOAD)
    of_money = any(claim.check in _OF_MONEY for claim in claims) and headline
    plans, crowd_plans = _plans(crowd=False), _plans(crowd=True)
    return Evidence(
        observed=_observed(measured),
        bills=_bills(claims, headline, target) if of_money else {},
        entries=_entries(headline, target) if of_money else {},
        same_cost=_same_cost(claims, headline, target) if of_money else None,
        target=target,
        titles=dict(Stack.objects.values_list("slug", "title")),
        plans=plans,
        crowd_plans=crowd_plans,
    )


def _target() -> TrafficTarget:
    """The standing example, in the currency of the claims and at the prices of its reference regions."""
    row = standing_target()
    return replace(target_value(row), currency=CURRENCY, regions=()) if row else TrafficTarget()


def _observed(measured: Sequence[MeasuredStack]) -> Seen:
    found: Seen = {}
    for one in measured:
        if isinstance(one.outcome, Capacity):
            found |= {(quantity, one.stack.slug, one.workload): seen for quantity, seen in _of_windows(one)}
    return found | _of_starts(measured)


def _of_windows(one: MeasuredStack) -> Iterator[tuple[Quantity, Observed]]:
    kept = [window for window in one.windows if not window.void and window.completed]
    rates = {window.block: window.achieved_rate for window in kept if window.kind is StepKind.SATURATION}
    if rates:
        yield Quantity.THROUGHPUT, _seen(one, rates)
    crowd = [window for window in kept if window.kind is StepKind.CROWD]
    p99s = {window.block: p99 for window in crowd if (p99 := window.latency.percentile_ms(99))}
    if p99s:
        yield Quantity.CROWD_P99, _seen(one, p99s)


def _seen(one: MeasuredStack, blocks: dict[int, float]) -> Observed:
    assert isinstance(one.outcome, Capacity)  # noqa: S101 - only such get here
    return Observed(run=str(one.run), blocks=blocks, cores=one.outcome.cores, disturbed=one.outcome.disturbed)


def _of_starts(measured: Sequence[MeasuredStack]) -> Seen:
    """Memory and cold start of each stack: under the headline workload where it was measured, else the first one."""
    chosen: dict[str, MeasuredStack] = {}
    for one in sorted(measured, key=lambda one: one.workload != HEADLINE_WORKLOAD):
        if isinstance(one.outcome, Capacity):
            chosen.setdefault(one.stack.slug, one)
    found: Seen = {}
    for slug, one in chosen.items():
        trials = counted_trials(one.run).filter(stack=one.stack, workload__slug=one.workload)
        for quantity, column in ((Quantity.COLD_START, "cold_start_s"), (Quantity.MEMORY, "idle_memory_mib")):
            blocks = {block: value for block, value in trials.values_list("block", column) if value}
            if blocks:
                found[quantity, slug, ""] = _seen(one, blocks)
    return found


def _bills(
    claims: Sequence[Claim], headline: tuple[MeasuredStack, ...], target: TrafficTarget
) -> dict[tuple[str, Decimal], Bill]:
    asked = {claim.requests_per_day for claim in claims if claim.check is Check.MONTHLY_COST}
    found: dict[tuple[str, Decimal], Bill] = {}
    for requests in asked - {None}:
        assert requests is not None  # noqa: S101 - taken out above
        report = report_of(measured=headline, target=replace(target, requests_per_day=requests))
        found |= {(fleet.row.stack, requests): _bill(report, fleet) for fleet in report.projection.verdict.costs}
    return found


def _bill(report: CostReport, fleet: PricedFleet) -> Bill:
    row = fleet.row
    shown = [one.monthly_cost for one in report.rows if one.stack == row.stack] or [row.monthly_cost]
    return Bill(
        stack=row.stack,
        run=row.run,
        cheapest=row.monthly_cost.p50,
        low=min(cost.p10 for cost in shown),
        high=max(cost.p90 for cost in shown),
        fleet=f"{row.instances.p50:,} x {row.hardware.label}, {row.price.region}, priced as of {row.price.as_of}",
        constraint=row.binding_constraint,
    )


def _entries(headline: tuple[MeasuredStack, ...], target: TrafficTarget) -> dict[str, Bill]:
    """One machine of the least price into which a stack fits, burstable ones included."""
    little = replace(target, requests_per_day=_LITTLE_TRAFFIC, redundancy=_ONE_MACHINE)
    report = report_of(measured=headline, target=little, allow_burstable=True)
    costs = report.projection.verdict.costs
    bills = {fleet.row.stack: _bill(report, fleet) for fleet in costs}
    return {stack: replace(bill, low=bill.cheapest, high=bill.cheapest) for stack, bill in bills.items()}


def _same_cost(claims: Sequence[Claim], headline: tuple[MeasuredStack, ...], target: TrafficTarget) -> SameCost | None:
    """Of the set's own stacks; None with fewer than two."""
    named = {claim.stack for claim in claims if claim.stack}
    report = report_of(measured=headline, target=target)
    options = [one for one in report.projection.options if one.stack in named]
    if len(options) < 2:
        return None
    runs = tuple(dict.fromkeys(one.rows[0].run for one in options))
    return SameCost(per_day=indifference(options)[0], stacks=tuple(one.stack for one in options), runs=runs)


def _plans(*, crowd: bool) -> dict[Place, str]:
    """The first plan by name that measures each stack and workload; an empty workload stands for any of its own."""
    found: dict[Place, str] = {}
    for plan in BenchmarkPlan.objects.prefetch_related("stacks", "workloads"):
        profile = PROFILES.get(plan.profile, SMOKE)
        if profile is SMOKE or plan.tries or (crowd and not profile.crowd_connections):
            continue
        for stack in plan.stacks.all():
            for workload in ("", *(one.slug for one in plan.workloads.all())):
                found.setdefault((stack.slug, workload), plan.name)
    return found
