"""The what-if form: a stored target asked again with other figures. Nothing of it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from estimator.domain.cost.exchange import NoExchangeRate
from estimator.domain.cost.lines import Line
from estimator.domain.cost.pricing import Term
from estimator.domain.cost.shape import TrafficShape
from estimator.domain.cost.traffic import (
    FleetPolicy,
    Redundancy,
    TrafficError,
    TrafficTarget,
    format_growth,
    format_traffic,
    parse_growth,
    parse_traffic,
)
from estimator.domain.reporting.alternatives import LinesAsked
from estimator.queries.exchange import told_target

_POLICIES = {
    "three-zones": ("3 zones, one may be lost", Redundancy()),
    "two-zones": ("2 zones, one may be lost", Redundancy(zones=2, minimum_instances=2)),
    "pair": ("2 instances at least, no zone loss", Redundancy(survive_zone_loss=False, minimum_instances=2)),
    "single": ("1 instance at least, no zone loss", Redundancy(survive_zone_loss=False, minimum_instances=1)),
}
_TERMS = [
    (Term.ON_DEMAND, "on demand"),
    (Term.RESERVED_1Y, "1-year commitment"),
    (Term.RESERVED_3Y, "3-year commitment"),
    (Term.SPOT, "spot"),
]
_FLEETS = [
    (FleetPolicy.FIXED, "fixed at the peak"),
    (FleetPolicy.AUTOSCALED, "autoscaled"),
    (FleetPolicy.COMMITTED, "committed base"),
]
_BESIDE: Mapping[str, tuple[str, frozenset[Line]]] = {
    "": ("nothing", frozenset()),
    "database": ("the database", frozenset({Line.DATABASE})),
    "all": ("database, load balancer, egress, disk", frozenset(Line)),
}
# Asked most: always in sight. What is named nowhere here stands under "more".
_MAIN = ("workload", "traffic", "slo_p99_ms", "headroom", "budget", "term", "region", "redundancy")
_BURSTABLE = "burstable"
_TYPES = [("", "sustained only"), (_BURSTABLE, "burstable too")]
_CHANGED = " (what if)"  # said wherever the target's name is
_NO_CURRENCY = "No price can be told in %(value)s: enter an exchange rate to it in the admin, or choose another."
_LONGEST_NAME = 100  # of a target in an estimate
_OWN = "target"  # the target's own redundancy
_FIELD_OF_ERROR = {
    "traffic": "traffic",
    "growth_per_month": "growth",
    "slo_p99_ms": "slo_p99_ms",
    "headroom": "headroom",
    "zones": "redundancy",
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """A target with everything that was changed, the term to price it in, and the workload that it consists of."""

    target: TrafficTarget
    term: str
    workload: str
    changed: bool
    lines: LinesAsked = field(default_factory=LinesAsked)
    allow_burstable: bool = False


class WhatIfForm(forms.Form):
    """Each field starts as the target has it."""

    workload = forms.ChoiceField()
    traffic = forms.CharField(max_length=40, help_text="10M/day, 300M/month or 250rps")
    growth = forms.CharField(label="Growth a month", max_length=40, help_text="5%, or P10/P50/P90: 2%/5%/9%")
    slo_p99_ms = forms.FloatField(label="p99 objective, ms", min_value=0.1, max_value=600_000)
    headroom = forms.FloatField(label="Headroom, %", min_value=0, max_value=500)
    term = forms.ChoiceField(choices=_TERMS)
    region = forms.ChoiceField(required=False)
    types = forms.ChoiceField(
        label="Machine types", required=False, choices=_TYPES, help_text="burstable within what they sustain"
    )
    currency = forms.ChoiceField(required=False, error_messages={"invalid_choice": _NO_CURRENCY})
    redundancy = forms.ChoiceField()
    shape = forms.ChoiceField(label="Shape of the week", required=False)
    fleet_policy = forms.ChoiceField(label="Fleet by the hour", choices=_FLEETS, help_text="with a shape")
    boot_s = forms.FloatField(label="Boot, s", min_value=0, max_value=86_400)
    beside = forms.ChoiceField(
        label="Beside compute", required=False, choices=[(name, title) for name, (title, _) in _BESIDE.items()]
    )
    budget = forms.DecimalField(
        label="Budget a month", required=False, min_value=Decimal("0.01"), max_digits=18, decimal_places=2
    )
    payload_bytes = forms.IntegerField(label="Response, bytes", min_value=0, max_value=10**9, help_text="for egress")

    def __init__(
        self,
        data: QueryDict | None,
        *,
        target: TrafficTarget,
        regions: list[str],
        workloads: Mapping[str, str],
        shapes: Mapping[str, TrafficShape] | None = None,
        currencies: Sequence[str] = (),
    ) -> None:
        """`regions` are those with prices, `currencies` those that prices can be told in.

        `workloads` are those that were measured: slug -> title, the first in the lead. `data` holds what the
        reader changed, or None.
        """
        self.target = target
        self.first_workload = next(iter(workloads), "")
        initial = {**initial_of(target), "workload": self.first_workload}
        super().__init__(_completed(data, initial) if data else None, initial=initial)
        asked: Any = self.fields["workload"]
        asked.choices = list(workloads.items())
        choice: Any = self.fields["region"]
        choice.choices = [("", "reference regions"), *((region, region) for region in regions)]
        told: Any = self.fields["currency"]
        told.choices = [(code, code) for code in sorted({*currencies, target.currency})]
        self.fields["budget"].label = f"Budget a month, {target.currency}"
        policy: Any = self.fields["redundancy"]
        policy.choices = _policy_choices(target)
        self.shapes = {**(shapes or {}), **({target.shape.name: target.shape} if target.shape else {})}
        week: Any = self.fields["shape"]
        week.choices = [("", "none: the peak/mean ratio"), *((name, name) for name in self.shapes)]
        self.fields["traffic"].widget.attrs |= {"autocomplete": "off", "inputmode": "text"}

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """What is asked most."""
        return [self[name] for name in _MAIN]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """The others."""
        return [self[name] for name in self.fields if name not in _MAIN]

    @property
    def more_open(self) -> bool:
        """Whether one of the others was changed or refused: then it must be seen."""
        return self.is_bound and any(field.errors or field.name in self.changed_data for field in self.more_fields)

    def question(self) -> Question:
        """What to project. The target itself as long as the form is empty or wrong."""
        if not self.is_bound or not self.is_valid():
            return Question(target=self.target, term=Term.ON_DEMAND, workload=self.first_workload, changed=False)
        target, term = self.cleaned_data["target"], self.cleaned_data["term"]
        burstable = self.cleaned_data["types"] == _BURSTABLE
        return Question(
            target=target,
            term=term,
            workload=self.cleaned_data["workload"],
            changed=target != self.target or term != Term.ON_DEMAND or burstable,
            lines=LinesAsked(lines=_BESIDE[self.cleaned_data["beside"]][1]),
            allow_burstable=burstable,
        )

    def clean(self) -> dict[str, Any]:
        """The changed target as a whole: the domain refuses what no fleet can meet, naming the field."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                cleaned["target"] = self._changed_target(cleaned)
            except TrafficError as refusal:
                field, _, message = str(refusal).partition(": ")
                self.add_error(_FIELD_OF_ERROR.get(field), message or field)
            except NoExchangeRate as lacking:
                self.add_error("currency", f"The budget cannot be told in it: {lacking}.")
        return cleaned

    def _changed_target(self, cleaned: dict[str, Any]) -> TrafficTarget:
        changes: dict[str, Any] = {
            "objective_ms": cleaned["slo_p99_ms"],
            "headroom": cleaned["headroom"] / 100,
            "regions": (cleaned["region"],) if cleaned["region"] else (),
            "shape": self.shapes.get(cleaned["shape"]),
            "policy": FleetPolicy(cleaned["fleet_policy"]),
            "boot_s": cleaned["boot_s"],
            "payload_bytes": cleaned["payload_bytes"],
            "monthly_budget": cleaned["budget"],
        }
        if "traffic" in self.changed_data:  # else the target's exact figure stands, not the rounded text
            changes["requests_per_day"] = parse_traffic(cleaned["traffic"])
        if "growth" in self.changed_data:
            changes["growth_per_month"] = parse_growth(cleaned["growth"])
        if cleaned["redundancy"] != _OWN:
            changes["redundancy"] = _POLICIES[cleaned["redundancy"]][1]
        changed = told_target(replace(self.target, **changes), cleaned["currency"] or self.target.currency)
        name = f"{self.target.name[: _LONGEST_NAME - len(_CHANGED)]}{_CHANGED}"
        return changed if changed == self.target else replace(changed, name=name)


def initial_of(target: TrafficTarget) -> dict[str, Any]:
    """The form as the target has it."""
    return {
        "traffic": format_traffic(target.requests_per_day),
        "growth": format_growth(target.growth_per_month),
        "slo_p99_ms": f"{target.objective_ms:g}",
        "headroom": f"{target.headroom * 100:g}",
        "term": Term.ON_DEMAND.value,
        "region": target.regions[0] if target.regions else "",
        "types": "",
        "currency": target.currency,
        "redundancy": _name_of(target.redundancy),
        "shape": target.shape.name if target.shape else "",
        "fleet_policy": target.policy.value,
        "boot_s": f"{target.boot_s:g}",
        "beside": "",
        "payload_bytes": str(target.payload_bytes),
        "budget": "" if target.monthly_budget is None else f"{target.monthly_budget:f}",
    }


def _completed(data: QueryDict, initial: dict[str, Any]) -> dict[str, Any]:
    """An address may name some fields only: the others are as the target has them."""
    return {name: data.get(name, value) for name, value in initial.items()}


def _name_of(policy: Redundancy) -> str:
    return next((name for name, (_, known) in _POLICIES.items() if known == policy), _OWN)


def _policy_choices(target: TrafficTarget) -> list[tuple[str, str]]:
    known = [(name, title) for name, (title, _) in _POLICIES.items()]
    own = target.redundancy
    if _name_of(own) != _OWN:
        return known
    loss = f"{own.zones} zones, one may be lost" if own.survive_zone_loss else "no zone loss"
    return [(_OWN, f"as the target: {loss}, {own.minimum_instances} at least"), *known]
