"""All of it: capacities, a traffic target and candidates -> monthly cost with interval, verdict and arithmetic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from estimator.domain.capacity import Capacity, ObjectiveTooStrict, RefusedStack
from estimator.domain.costing import DRAWS, CostRow, Fleet, SharedDraws, StackLoad, size_fleet
from estimator.domain.fleet import FleetRule
from estimator.domain.hardware import HardwareProfile
from estimator.domain.options import PricedFleet, StackOptions
from estimator.domain.pricing import Candidate, Price, Term
from estimator.domain.sizing import Carrying, DoesNotFit, Packing, carry, pack
from estimator.domain.sweep import sweep_traffic
from estimator.domain.traffic import TrafficTarget
from estimator.domain.verdict import Verdict, judge_costs

SEED = 20_261
NOT_COUNTED = (
    "load balancers",
    "egress and traffic between zones",
    "disks and snapshots",
    "databases, caches and queues",
    "monitoring and logs",
    "support, taxes and people's time",
)


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """Candidates that were left out, and why; `stack` is empty where the reason holds for all stacks."""

    reason: str
    hardware: tuple[str, ...]
    stack: str = ""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Computed now, never stored. Rows are in the order of stacks, then of candidates."""

    target: TrafficTarget
    term: str  # the term of verdict and sweep; rows hold all terms
    seed: int
    draws: int
    rows: tuple[CostRow, ...]
    refused: tuple[RefusedStack, ...]
    excluded: tuple[Exclusion, ...]
    cheapest: tuple[CostRow, ...]  # per stack, in the verdict's term; cheapest first
    verdict: Verdict
    options: tuple[StackOptions, ...]
    not_counted: tuple[str, ...] = NOT_COUNTED

    @cached_property
    def sweep(self) -> dict[str, tuple[PricedFleet, ...]]:
        """By stack: the cheapest fleet from 100k to 1B requests a day."""
        return sweep_traffic(self.options)

    def rows_of(self, stack: str, term: str | None = None) -> list[CostRow]:
        """A stack's rows, cheapest first."""
        rows = (row for row in self.rows if row.stack == stack and term in (None, row.price.term))
        return sorted(rows, key=lambda row: row.sort_key)

    def find(self, *, stack: str, hardware: str, region: str, term: str) -> CostRow | None:
        """One row by the names a person would give; hardware as its label."""
        wanted = (stack, hardware, region, term)
        return next(
            (row for row in self.rows if (row.stack, row.hardware.label, row.price.region, row.price.term) == wanted),
            None,
        )


def project(
    *,
    target: TrafficTarget,
    capacities: Sequence[Capacity | RefusedStack],
    candidates: Iterable[Candidate],
    term: str = Term.ON_DEMAND,
    allow_burstable: bool = False,
    seed: int = SEED,
    draws: int = DRAWS,
) -> Projection:
    """Cost every stack on every candidate; the same arguments give the same projection bit for bit."""
    machines, excluded = _sort_out(candidates, target, allow_burstable=allow_burstable)
    shared = SharedDraws.of(target, count=draws, seed=seed)
    rule = FleetRule.of(target.redundancy)
    refused = [capacity for capacity in capacities if isinstance(capacity, RefusedStack)]
    rows: list[CostRow] = []
    loads: dict[str, StackLoad] = {}
    for capacity in capacities:
        if isinstance(capacity, RefusedStack):
            continue
        loads[capacity.stack] = StackLoad(capacity, target, shared, seed=seed)
        own, misfits = _cost_stack(loads[capacity.stack], rule, machines)
        rows += own
        excluded += misfits
        if not own:
            refused.append(_refusal(capacity, misfits))
    options = _options(rows, term)
    verdict = judge_costs(options, loads, target)
    return Projection(
        target=target,
        term=term,
        seed=seed,
        draws=draws,
        rows=tuple(rows),
        refused=tuple(refused),
        excluded=tuple(excluded),
        cheapest=tuple(fleet.row for fleet in verdict.costs),
        verdict=verdict,
        options=tuple(options),
    )


def _sort_out(
    candidates: Iterable[Candidate], target: TrafficTarget, *, allow_burstable: bool
) -> tuple[dict[HardwareProfile, list[Price]], list[Exclusion]]:
    """Machines with their prices, and what was left out by reason. Other regions were not asked for: no word."""
    machines: dict[HardwareProfile, list[Price]] = {}
    left_out: dict[str, list[str]] = {}
    for candidate in candidates:
        hardware, price = candidate.hardware, candidate.price
        if target.regions and price.region not in target.regions:
            continue
        if price.currency != target.currency:
            left_out.setdefault(f"priced in {price.currency}, not {target.currency}", []).append(hardware.label)
        elif hardware.burstable and not allow_burstable:
            reason = "burstable: it cannot sustain a benchmarked CPU"
            left_out.setdefault(reason, []).append(hardware.label)
        else:
            machines.setdefault(hardware, []).append(price)
    excluded = [Exclusion(reason=why, hardware=tuple(dict.fromkeys(names))) for why, names in left_out.items()]
    return machines, excluded


def _cost_stack(
    stack: StackLoad, rule: FleetRule, machines: dict[HardwareProfile, list[Price]]
) -> tuple[list[CostRow], list[Exclusion]]:
    rows: list[CostRow] = []
    misfits: dict[str, list[str]] = {}
    fleets: dict[tuple[Carrying, Packing], Fleet | str] = {}
    for hardware, prices in machines.items():
        fleet = _fleet_on(stack, rule, hardware, fleets)
        if isinstance(fleet, str):
            misfits.setdefault(fleet, []).append(hardware.label)
        else:
            rows += [CostRow(fleet=fleet, hardware=hardware, price=price) for price in prices]
    name = stack.capacity.stack
    return rows, [Exclusion(stack=name, reason=why, hardware=tuple(names)) for why, names in misfits.items()]


def _fleet_on(
    stack: StackLoad, rule: FleetRule, hardware: HardwareProfile, fleets: dict[tuple[Carrying, Packing], Fleet | str]
) -> Fleet | str:
    """The fleet for a machine, sized once per kind of machine; or in one sentence why there is none."""
    try:
        packing = pack(stack.capacity, hardware, stack.target.payload_bytes)
    except DoesNotFit as misfit:
        return str(misfit)
    kind = carry(stack.capacity.host, hardware.speed), packing
    if kind not in fleets:
        try:
            fleets[kind] = size_fleet(stack, rule, *kind)
        except ObjectiveTooStrict as refusal:
            fleets[kind] = str(refusal)
    return fleets[kind]


def _refusal(capacity: Capacity, misfits: Sequence[Exclusion]) -> RefusedStack:
    reasons = tuple(misfit.reason for misfit in misfits) or ("no candidate has a price in this currency and region",)
    return RefusedStack(
        stack=capacity.stack,
        workload=capacity.workload,
        run=capacity.run,
        title=capacity.title,
        reasons=reasons,
        warnings=capacity.warnings,
    )


def _options(rows: Sequence[CostRow], term: str) -> list[StackOptions]:
    """Each stack's rows in one term; a disputed price never decides."""
    by_stack: dict[str, list[CostRow]] = {}
    for row in rows:
        if row.price.term == term and not row.price.disputed:
            by_stack.setdefault(row.stack, []).append(row)
    return [StackOptions(own) for own in by_stack.values()]


def instance_odds(projection: Projection, row: CostRow) -> tuple[tuple[int, float], ...]:
    """P(n <= k) of a row for each count k that was drawn (at most 20 counts, evenly spread)."""
    shared = SharedDraws.of(projection.target, count=projection.draws, seed=projection.seed)
    stack = StackLoad(row.fleet.capacity, projection.target, shared, seed=projection.seed)
    loads = stack.loads(row.fleet.carrying, row.fleet.packing) * projection.target.mean_rate
    counts, times = np.unique(row.fleet.rule.instances_of(loads), return_counts=True)
    shares = np.cumsum(times) / projection.draws
    shown = np.unique(np.linspace(0, counts.size - 1, min(20, counts.size)).round().astype(int))
    return tuple((int(counts[index]), float(shares[index])) for index in shown)
