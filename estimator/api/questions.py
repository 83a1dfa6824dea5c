"""What a projection is asked for: a stored target or traffic in words, and what to change about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rest_framework.exceptions import ValidationError

from estimator.domain.cost.exchange import NoExchangeRate
from estimator.domain.cost.lines import DISK_GB, Line
from estimator.domain.cost.traffic import (
    FleetPolicy,
    Redundancy,
    TrafficError,
    TrafficTarget,
    format_traffic,
    parse_traffic,
)
from estimator.domain.reporting.alternatives import LinesAsked
from estimator.domain.statistics import Interval
from estimator.queries.exchange import problem_with, told_target
from estimator.queries.projections import CostReport, NotMeasured, cost_report, target_value
from estimator.services.errors import Refused

_REDUNDANCY = ("minimum_instances", "zones", "survive_zone_loss", "spares")
_RENAMED = {"slo_p99_ms": "objective_ms"}
_PLAIN = (
    "slo_p99_ms",
    "headroom",
    "monthly_budget",
    "budget_thresholds",
    "payload_bytes",
    "burst",
    "boot_s",
    "allow_spot",
)
_PEAKS = {"low": "peak_to_mean_low", "mid": "peak_to_mean", "high": "peak_to_mean_high"}
_GROWTHS = {"low": "growth_per_month_low", "mid": "growth_per_month", "high": "growth_per_month_high"}


@dataclass(frozen=True, kw_only=True)
class Question:
    """The arguments of `cost_report`."""

    target: TrafficTarget
    workload: str
    term: str
    allow_burstable: bool
    asked: LinesAsked = field(default_factory=LinesAsked)

    def answer(self) -> CostReport:
        """The projection on the newest measurements. Raises Refused while there are none."""
        try:
            return cost_report(
                target=self.target,
                workload=self.workload,
                term=self.term,
                allow_burstable=self.allow_burstable,
                asked=self.asked,
            )
        except NotMeasured as nothing:
            raise Refused(str(nothing)) from None


def question_of(asked: Mapping[str, Any]) -> Question:
    """The question in validated parameters. Raises ValidationError that names the parameter."""
    return Question(
        target=_target(asked),
        workload=asked["workload"].slug,
        term=asked["term"],
        allow_burstable=asked["allow_burstable"],
        asked=LinesAsked(lines=frozenset(map(Line, asked.get("lines", ()))), disk_gb=asked.get("disk_gb", DISK_GB)),
    )


def _target(asked: Mapping[str, Any]) -> TrafficTarget:
    if ("target" in asked) == ("traffic" in asked):
        raise ValidationError({"target": ["Give either a target's id or traffic, such as 10M/day."]})
    try:
        base = _base(asked)
        target = _changed(told_target(base, asked.get("currency", base.currency)), asked)
    except TrafficError as error:
        field, _, message = str(error).partition(": ")
        raise ValidationError({field: [message]}) from None
    except NoExchangeRate as lacking:
        raise ValidationError({"currency": [f"The budget cannot be told in it: {lacking}."]}) from None
    if problem := problem_with(target.currency):
        raise ValidationError({"currency": [problem]})
    return target


def _base(asked: Mapping[str, Any]) -> TrafficTarget:
    if "target" in asked:
        return target_value(asked["target"])
    per_day = parse_traffic(asked["traffic"])
    return TrafficTarget(name=format_traffic(per_day), requests_per_day=per_day)


def _changed(base: TrafficTarget, asked: Mapping[str, Any]) -> TrafficTarget:
    changes = {_RENAMED.get(name, name): asked[name] for name in _PLAIN if name in asked}
    if "shape" in asked:
        changes["shape"] = asked["shape"] and asked["shape"].to_shape()
    if "fleet_policy" in asked:
        changes["policy"] = FleetPolicy(asked["fleet_policy"])
    if "region" in asked:
        changes["regions"] = (asked["region"],)
    return replace(
        base,
        peak_to_mean=_spread(base.peak_to_mean, _PEAKS, asked),
        growth_per_month=_growth(base, asked),
        redundancy=_redundancy(base, asked),
        **changes,
    )


def _growth(base: TrafficTarget, asked: Mapping[str, Any]) -> Interval:
    """A growth given without its ends is known."""
    middle = asked.get("growth_per_month")
    return _spread(base.growth_per_month if middle is None else Interval.exact(middle), _GROWTHS, asked)


def _spread(now: Interval, names: Mapping[str, str], asked: Mapping[str, Any]) -> Interval:
    values = {part: asked.get(name, getattr(now, part)) for part, name in names.items()}
    if not values["low"] <= values["mid"] <= values["high"]:
        text = ", ".join(f"{names[part]}={value:g}" for part, value in values.items())
        raise ValidationError({names["mid"]: [f"Give the three in rising order; they would be {text}."]})
    return Interval(**values)


def _redundancy(base: TrafficTarget, asked: Mapping[str, Any]) -> Redundancy:
    return replace(base.redundancy, **{name: asked[name] for name in _REDUNDANCY if name in asked})
