"""Projections, computed on reading: newest measurements x a traffic target x the price list."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from estimator.domain.cost.costing import CostRow
from estimator.domain.cost.exchange import ExchangeRate
from estimator.domain.cost.hourly import HourlyFleet
from estimator.domain.cost.options import PricedFleet
from estimator.domain.cost.pricing import Term
from estimator.domain.cost.traffic import FleetPolicy, Redundancy, TrafficTarget
from estimator.domain.performance.capacity import Capacity, RefusedStack
from estimator.domain.reporting.alternatives import Alternatives, LinesAsked, price_alternatives
from estimator.domain.reporting.alternatives_json import alternatives_json
from estimator.domain.reporting.answer_rendering import migration_json
from estimator.domain.reporting.hourly_json import fleets_json, shape_json
from estimator.domain.reporting.migration import Payback, Unanswered
from estimator.domain.reporting.projection import Projection, project
from estimator.domain.reporting.rendering import parts_json, rate_json, row_json, steps_json, to_json
from estimator.domain.reporting.trace import explain
from estimator.domain.statistics import Interval
from estimator.models import HardwareProfile as HardwareRow
from estimator.models import TrafficTarget as TargetRow
from estimator.queries.capacity_json import capacity_json
from estimator.queries.hourly import hourly_fleets
from estimator.queries.measurements import HEADLINE_WORKLOAD, MeasuredStack, newest_measurements
from estimator.queries.migrations import migration_cases
from estimator.queries.prices import price_candidates
from estimator.queries.residuals import speed_sigmas
from estimator.queries.tariffs import newest_tariffs

# AWS us-east-1 and the nearest region of each other provider, for targets that name none.
REFERENCE_REGIONS = ("us-east-1", "us-east1", "eastus", "us-ashburn-1")


class NotMeasured(LookupError):
    """Nothing was measured yet; the message says which command makes some."""


@dataclass(frozen=True, kw_only=True)
class CostReport:
    """A projection with what it rests on. `references` are the labels of the types that stand for their provider."""

    projection: Projection
    measured: tuple[MeasuredStack, ...]
    workload: str
    references: frozenset[str]
    asked: LinesAsked = field(default_factory=LinesAsked)

    @cached_property
    def alternatives(self) -> Alternatives:
        """Containers and functions at their newest prices, and the lines asked for beside the rows shown."""
        target = self.projection.target
        tariffs = newest_tariffs(regions=target.regions, currency=target.currency)
        return price_alternatives(
            self.projection, capacities=self.capacities, tariffs=tariffs, shown=self.rows, asked=self.asked
        )

    @cached_property
    def fleets(self) -> tuple[HourlyFleet, ...]:
        """By the hour; none for a target without a shape."""
        return hourly_fleets(self.projection)

    @property
    def capacities(self) -> list[Capacity]:
        """The stacks that can be costed."""
        return [one.outcome for one in self.measured if isinstance(one.outcome, Capacity)]

    @property
    def rows(self) -> list[CostRow]:
        """What is shown: each stack on the reference type of each provider, and on its cheapest fitting type."""
        shown: list[CostRow] = []
        for capacity in self.capacities:
            named = [row for row in self._rows_of(capacity.stack) if row.hardware.label in self.references]
            cheapest = [row for row in self.projection.cheapest if row.stack == capacity.stack and row not in named]
            shown += [*named, *cheapest]
        return shown

    def _rows_of(self, stack: str) -> list[CostRow]:
        return self.projection.rows_of(stack, self.projection.term)

    @property
    def exchange_rates(self) -> tuple[ExchangeRate, ...]:
        """What prices were converted at; none where all are listed in the currency that was asked for."""
        beside = self.alternatives
        used = [row.price.rate for row in self.projection.rows]
        used += [row.tariff.origin.rate for row in beside.containers]
        used += [choice.row.tariff.origin.rate for choice in beside.functions]
        used += [line.tariff.origin.rate for fleet in beside.lined for line in fleet.lines]
        return tuple(dict.fromkeys(rate for rate in used if rate))

    def is_reference(self, row: CostRow) -> bool:
        """Whether the row's type stands for its provider; else it is the cheapest that fits."""
        return row.hardware.label in self.references


def cost_report(
    *,
    target: TrafficTarget,
    workload: str = HEADLINE_WORKLOAD,
    term: str = Term.ON_DEMAND,
    allow_burstable: bool = False,
    smoke: bool = False,
    asked: LinesAsked | None = None,
) -> CostReport:
    """Price the target on the newest measurements. Raises NotMeasured when there are none."""
    measured = tuple(newest_measurements(workload=workload, smoke=smoke))
    if not measured:
        raise NotMeasured(f"No stack was measured under {workload!r} yet: run `make demo` or `manage.py benchmark`.")
    return report_of(
        measured=measured, target=target, workload=workload, term=term, allow_burstable=allow_burstable, asked=asked
    )


def report_of(
    *,
    measured: tuple[MeasuredStack, ...],
    target: TrafficTarget,
    workload: str = HEADLINE_WORKLOAD,
    term: str = Term.ON_DEMAND,
    allow_burstable: bool = False,
    asked: LinesAsked | None = None,
) -> CostReport:
    """Price the target on given measurements."""
    regional = target if target.regions else replace(target, regions=REFERENCE_REGIONS)
    outcomes: list[Capacity | RefusedStack] = [one.outcome for one in measured]
    projection = project(
        target=regional,
        capacities=outcomes,
        candidates=price_candidates(regions=regional.regions, terms=(term,), currency=regional.currency),
        term=term,
        allow_burstable=allow_burstable,
        sigmas=speed_sigmas(),
    )
    references = HardwareRow.objects.filter(reference=True)
    labels = frozenset(f"{row.provider} {row.name}" for row in references.only("provider", "name"))
    return CostReport(
        projection=projection, measured=measured, workload=workload, references=labels, asked=asked or LinesAsked()
    )


def target_value(row: TargetRow) -> TrafficTarget:
    """A traffic target as the domain sees it."""
    return TrafficTarget(
        name=row.name,
        requests_per_day=row.requests_per_day,
        peak_to_mean=Interval(low=row.peak_to_mean_low, mid=row.peak_to_mean, high=row.peak_to_mean_high),
        growth_per_month=_growth(row),
        objective_ms=row.slo_p99_ms,
        error_rate=row.error_rate,
        headroom=row.headroom,
        redundancy=Redundancy(
            zones=row.zones,
            survive_zone_loss=row.survive_zone_loss,
            minimum_instances=row.minimum_instances,
            spares=row.spares,
        ),
        regions=(row.region,) if row.region else (),
        currency=row.currency,
        cost_centre=row.cost_centre,
        monthly_budget=row.monthly_budget,
        budget_thresholds=tuple(row.budget_thresholds),
        payload_bytes=row.payload_bytes,
        database_connections=row.database_connections,
        database_connections_reserved=row.database_connections_reserved,
        database_rtt_ms=row.database_rtt_ms,
        shape=row.shape.to_shape() if row.shape else None,
        burst=row.burst,
        policy=FleetPolicy(row.fleet_policy),
        boot_s=row.boot_s,
        allow_spot=row.allow_spot,
    )


def _growth(row: TargetRow) -> Interval:
    """Ends that nobody entered are the middle."""
    low, middle, high = row.growth_per_month_low, row.growth_per_month, row.growth_per_month_high
    return Interval(low=middle if low is None else low, mid=middle, high=middle if high is None else high)


def standing_target() -> TargetRow | None:
    """The example that stands above the figures; None before the first start has shipped it."""
    return TargetRow.objects.filter(standing=True).first()


def at_decades(report: CostReport, requests_per_day: Sequence[Decimal]) -> dict[str, list[PricedFleet]]:
    """Each stack's cheapest fleet at each of the given traffics: stack slug -> fleets."""
    return {
        options.stack: [options.cheapest(requests) for requests in requests_per_day]
        for options in report.projection.options
    }


def report_json(report: CostReport) -> dict[str, Any]:
    """The report as plain data: what the API serves, the command line prints and an estimate freezes."""
    data = to_json(report.projection)
    data["workload"] = report.workload
    data["rows"] = [{**row_json(row), "reference_type": report.is_reference(row)} for row in report.rows]
    data["traffic"] |= shape_json(report.projection.target)
    data |= fleets_json(report.fleets)
    data["capacities"] = [capacity_json(one) for one in report.measured]
    data |= alternatives_json(report.alternatives)
    cases = migration_cases(currency=report.projection.target.currency)
    data["migrations"] = [_migration(one) for one in report.projection.migrations(cases)]
    data["exchange_rates"] = [rate_json(rate) for rate in report.exchange_rates]
    return data


def _migration(one: Payback | Unanswered) -> dict[str, Any]:
    """With its arithmetic, as far as there is any."""
    steps = one.steps if isinstance(one, Payback) else ()
    return {**migration_json(one), "arithmetic": steps_json(steps)}


def frozen_json(report: CostReport) -> dict[str, Any]:
    """`report_json` with months and arithmetic of every row: an estimate needs nothing else to be understood."""
    data = report_json(report)
    for shown, row in zip(data["rows"], report.rows, strict=True):
        shown |= {**parts_json(row), "arithmetic": steps_json(explain(row))}
    return data | alternatives_json(report.alternatives, arithmetic=True)
