"""All of it: capacities, a traffic target and candidates -> monthly cost with interval, verdict and arithmetic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from estimator.domain.cost.costing import DRAWS, CostRow, Fleet, size_fleet
from estimator.domain.cost.exchange import NoExchangeRate
from estimator.domain.cost.fleet import FleetRule
from estimator.domain.cost.loads import SharedDraws, StackLoad
from estimator.domain.cost.options import PricedFleet, StackOptions
from estimator.domain.cost.pricing import Candidate, Term
from estimator.domain.cost.sizing import NO_RESIDUALS, Carrying, DoesNotFit, OwnSigmas, Packing, pack
from estimator.domain.cost.traffic import TrafficTarget
from estimator.domain.hardware import HardwareProfile, MachineKind
from estimator.domain.performance.capacity import Capacity, ObjectiveTooStrict, RefusedStack
from estimator.domain.reporting.answers import RowAnswers, answers_of
from estimator.domain.reporting.migration import MigrationCase, Payback, Unanswered, payback_of
from estimator.domain.reporting.sweep import sweep_traffic
from estimator.domain.reporting.verdict import Verdict, judge_costs

SEED = 20_261
_NOT_TOLD = "burstable, and nobody tells which share of its vCPUs it sustains; enter one to have it priced"
Offers = dict[MachineKind, list[Candidate]]
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
    """Computed now, never stored. Rows stand by stack, then by kind of machine."""

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
    sigmas: OwnSigmas = field(default_factory=dict)  # of speed, from our own hosts
    not_counted: tuple[str, ...] = NOT_COUNTED

    @cached_property
    def sweep(self) -> dict[str, tuple[PricedFleet, ...]]:
        """By stack: the cheapest fleet from 100k to 1B requests a day."""
        return sweep_traffic(self.options)

    @cached_property
    def answers(self) -> tuple[RowAnswers, ...]:
        """Of each stack's cheapest row, cheapest first."""
        return tuple(map(self.answers_of, self.cheapest))

    def answers_of(self, row: CostRow) -> RowAnswers:
        """Odds, bill by month, budget and sensitivity of a row, from the same draws as its cost."""
        return answers_of(row, self.load_of(row))

    def migrations(self, cases: Sequence[MigrationCase]) -> tuple[Payback | Unanswered, ...]:
        """When each migration pays back, between the stacks' cheapest rows."""
        rows = {row.stack: row for row in self.cheapest}
        return tuple(payback_of(case, rows=rows, load_of=self.load_of, seed=self.seed) for case in cases)

    def load_of(self, row: CostRow) -> StackLoad:
        """The draws that a row's cost came from."""
        return row.fleet.stack

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
    sigmas: OwnSigmas = NO_RESIDUALS,
) -> Projection:
    """Cost every stack on every candidate; the same arguments give the same projection bit for bit."""
    offers, excluded = _sort_out(candidates, target, allow_burstable=allow_burstable)
    costed = _distinct([capacity for capacity in capacities if isinstance(capacity, Capacity)])
    refused = [capacity for capacity in capacities if isinstance(capacity, RefusedStack)]
    shared = SharedDraws.of(target, count=draws, seed=seed)
    loads = {capacity.stack: StackLoad(capacity, target, shared, seed=seed, own=sigmas) for capacity in costed}
    rows: list[CostRow] = []
    options: list[StackOptions] = []
    for capacity in costed:
        own, misfits = _cost_stack(loads[capacity.stack], offers)
        deciding = [row for row in own if row.price.term == term and not row.price.disputed]
        rows += own
        excluded += misfits
        if deciding:
            options.append(StackOptions(deciding))
        else:
            refused.append(_refusal(capacity, misfits, term, target))
    verdict = judge_costs(options, loads, target)
    for load in loads.values():
        load.forget()  # kept for the whole catalogue, it would outweigh all else
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
        sigmas=sigmas,
    )


def _distinct(capacities: Sequence[Capacity]) -> Sequence[Capacity]:
    """A projection compares stacks under one workload; two capacities of one name could not be told apart."""
    names = [capacity.stack for capacity in capacities]
    if len(set(names)) < len(names):
        raise ValueError(f"A stack was given twice ({', '.join(names)}); project one workload at a time.")
    return capacities


def _sort_out(
    candidates: Iterable[Candidate], target: TrafficTarget, *, allow_burstable: bool
) -> tuple[Offers, list[Exclusion]]:
    """Candidates by kind of machine, and what was left out by reason. Other regions were not asked for: no word."""
    offers: Offers = {}
    left_out: dict[str, dict[str, None]] = {}
    for candidate in candidates:
        hardware, price = candidate.hardware, candidate.price
        if target.regions and price.region not in target.regions:
            continue
        if price.currency != target.currency:
            why = f"priced in {price.currency}: {NoExchangeRate(price.currency, target.currency)}"
            left_out.setdefault(why, {})[hardware.label] = None
        elif hardware.burstable and not allow_burstable:
            left_out.setdefault("burstable: it cannot sustain a benchmarked CPU", {})[hardware.label] = None
        elif hardware.burstable and hardware.sustained_share is None:
            left_out.setdefault(_NOT_TOLD, {})[hardware.label] = None
        else:
            offers.setdefault(hardware.kind, []).append(candidate)
    return offers, [Exclusion(reason=why, hardware=tuple(names)) for why, names in left_out.items()]


def _cost_stack(stack: StackLoad, offers: Offers) -> tuple[list[CostRow], list[Exclusion]]:
    rows: list[CostRow] = []
    misfits: dict[str, dict[str, None]] = {}
    fleets: dict[tuple[Carrying, Packing], Fleet | str] = {}
    rule = FleetRule.of(stack.target.redundancy)
    for candidates in offers.values():
        fleet = _fleet_on(stack, rule, candidates[0].hardware, fleets)
        if isinstance(fleet, str):
            misfits.setdefault(fleet, {}).update((candidate.hardware.label, None) for candidate in candidates)
        else:
            rows += [CostRow(fleet, offer.hardware, offer.price) for offer in candidates]
    name = stack.capacity.stack
    return rows, [Exclusion(stack=name, reason=why, hardware=tuple(names)) for why, names in misfits.items()]


def _fleet_on(
    stack: StackLoad, rule: FleetRule, hardware: HardwareProfile, fleets: dict[tuple[Carrying, Packing], Fleet | str]
) -> Fleet | str:
    """The fleet on a machine, sized once for all that are alike to this stack; or in one sentence why there is none."""
    try:
        packing = pack(stack.capacity, hardware, stack.target.payload_bytes)
    except DoesNotFit as misfit:
        return str(misfit)
    alike = stack.carrying(hardware), packing
    fleet = fleets.get(alike)
    if fleet is None:
        try:
            fleet = size_fleet(stack, rule, *alike)
        except ObjectiveTooStrict as refusal:
            fleet = str(refusal)
        fleets[alike] = fleet
    return fleet


def _refusal(capacity: Capacity, misfits: Sequence[Exclusion], term: str, target: TrafficTarget) -> RefusedStack:
    """Why a stack has no part in the verdict, although it was measured."""
    reasons = tuple(misfit.reason.removeprefix(f"{capacity.label}: ") for misfit in misfits)
    if not reasons:
        where = f" in {' or '.join(target.regions)}" if target.regions else ""
        price = f"no undisputed price in {target.currency} for the term {term} was found{where}"
        reasons = (f"{price}; choose another term, region or currency",)
    return RefusedStack(
        stack=capacity.stack,
        workload=capacity.workload,
        run=capacity.run,
        title=capacity.title,
        reasons=reasons,
        warnings=capacity.warnings,
    )
