"""The sections below a page's first screen: their names, and a line each that tells the result before it is opened."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from estimator.queries.evidence import Evidence
from estimator.queries.orm_cost import OrmCost
from estimator.reports.latency_panels import Panels
from estimator.reports.sheet import Sheet, sheet_of
from estimator.reports.told import (
    told_alternatives,
    told_answers,
    told_arithmetic,
    told_comparisons,
    told_decades,
    told_evidence,
    told_hourly,
    told_latency,
    told_limits,
    told_machines,
    told_measured,
    told_migrations,
    told_orm,
)

# In the order in which they are read: the label in the list of contents, and the heading.
_TITLES: Mapping[str, tuple[str, str]] = {
    "chart-cost": ("Chart", "Cost against traffic"),
    "machines": ("Machines", "Every machine"),
    "hourly": ("By the hour", "The same fleet by the hour"),
    "decades": ("Other traffic", "The same at other traffic"),
    "alternatives": ("Pricing models", "Instances, containers, functions"),
    "answers": ("Certainty", "How sure is it, and what moves the bill?"),
    "migrations": ("Migration", "Does a migration pay back?"),
    "measured": ("Measured", "What was measured"),
    "comparisons": ("Pairs", "Stacks compared pair by pair"),
    "orm": ("ORM", "What the ORM costs"),
    "latency": ("Latency", "Latency against rate"),
    "evidence": ("Method", "How it was measured"),
    "arithmetic": ("Arithmetic", "The arithmetic of each figure"),
    "limits": ("Limits", "What to keep in mind"),
}


@dataclass(frozen=True, kw_only=True)
class Section:
    """One section. Its name is its anchor, and the stem of its heading's id."""

    name: str
    label: str
    title: str
    told: str
    open: bool


Sections = Mapping[str, Section]


def all_open(request: HttpRequest) -> bool:
    """Whether the address asks for every section unfolded: for print, and for reading without a click."""
    return request.GET.get("all") == "1"


def report_sections(
    sheet: Sheet,
    *,
    everything: bool,
    orm_costs: Sequence[OrmCost] = (),
    latency: Panels | None = None,
    evidence: Evidence | None = None,
) -> Sections:
    """What a report, or an estimate frozen from one, has to show. `everything` unfolds all of it."""
    told = {
        "chart-cost": sheet.cost_chart.summary if sheet.cost_chart else "",
        "machines": told_machines(sheet),
        "hourly": told_hourly(sheet),
        "decades": told_decades(sheet),
        "alternatives": told_alternatives(sheet),
        "answers": told_answers(sheet),
        "migrations": told_migrations(sheet),
        "measured": told_measured(sheet.data["capacities"]),
        "comparisons": told_comparisons(sheet),
        "orm": told_orm(orm_costs),
        "latency": told_latency(latency),
        "evidence": told_evidence(evidence),
        "arithmetic": told_arithmetic(sheet),
        "limits": told_limits(sheet),
    }
    return _sections(told, everything=everything)


def frozen_context(content: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
    """What a page of an estimate shows: what was frozen, and nothing that can change."""
    sheet = sheet_of(content)
    sections = report_sections(sheet, everything=all_open(request))
    return {"sheet": sheet, "capacities": sheet.data["capacities"], "sections": sections}


def run_sections(
    *,
    title: str,
    everything: bool,
    capacities: Sequence[Mapping[str, Any]],
    orm_costs: Sequence[OrmCost],
    latency: Panels | None,
    evidence: Evidence,
) -> Sections:
    """What a run that ended has to show of one workload, whose title stands above the figures."""
    told = {
        "measured": told_measured(capacities),
        "latency": told_latency(latency),
        "orm": told_orm(orm_costs),
        "evidence": told_evidence(evidence),
    }
    return _sections(told, everything=everything, opened=("measured", "latency"), titles={"measured": title})


def orm_section(orm_costs: Sequence[OrmCost]) -> Sections:
    """The one section of the overview, open."""
    return _sections({"orm": told_orm(orm_costs)}, everything=True)


def _sections(
    told: Mapping[str, str],
    *,
    everything: bool,
    opened: Collection[str] = (),
    titles: Mapping[str, str] | None = None,
) -> Sections:
    """Those that have something to tell."""
    return {
        name: Section(
            name=name,
            label=label,
            title=(titles or {}).get(name, title),
            told=told[name],
            open=everything or name in opened,
        )
        for name, (label, title) in _TITLES.items()
        if told.get(name)
    }
