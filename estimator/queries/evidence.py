"""What a report's figures rest on: hosts, set-ups side by side, and raw windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from estimator.domain.capacity import RefusedStack
from estimator.models import Run
from estimator.queries.measurements import MeasuredStack
from estimator.queries.window_rows import WindowRow


@dataclass(frozen=True, kw_only=True)
class RunEvidence:
    """The run that measured, and the machine it ran on."""

    id: int
    plan: str
    profile: str
    finished_at: datetime | None
    host: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class StackEvidence:
    """One stack's windows as they were recorded. `void` of them were repeated and decide nothing."""

    title: str
    run: int
    valid: bool
    warnings: tuple[str, ...]
    versions: Mapping[str, str]
    windows: tuple[WindowRow, ...]
    void: int


@dataclass(frozen=True, kw_only=True)
class SettingRow:
    """One setting across the stacks, in their order; `equal` when all have the same."""

    name: str
    values: tuple[str, ...]
    equal: bool


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All of it."""

    runs: tuple[RunEvidence, ...]
    stacks: tuple[StackEvidence, ...]
    settings: tuple[SettingRow, ...]
    different: int  # how many settings are not the same for all stacks


def evidence_of(measured: Sequence[MeasuredStack]) -> Evidence:
    """The evidence behind measurements, in their order."""
    rows = Run.objects.select_related("plan", "host").in_bulk({one.run for one in measured})
    settings = _matrix([one.stack.settings for one in measured])
    return Evidence(
        runs=tuple(_run(rows[run]) for run in sorted(rows)),
        stacks=tuple(_stack(one) for one in measured),
        settings=settings,
        different=sum(not row.equal for row in settings),
    )


def _run(run: Run) -> RunEvidence:
    return RunEvidence(
        id=run.pk,
        plan=run.plan.name,
        profile=run.spec["profile"],
        finished_at=run.finished_at,
        host=run.host.name if run.host else "",
        facts={name: value for name, value in run.host_facts.items() if value is not None},
    )


def _stack(one: MeasuredStack) -> StackEvidence:
    return StackEvidence(
        title=one.stack.title,
        run=one.run,
        valid=not isinstance(one.outcome, RefusedStack),
        warnings=one.outcome.warnings,
        versions=one.versions,
        windows=one.fit.rows,
        void=sum(bool(window.void) for window in one.windows),
    )


def _matrix(settings: Sequence[Mapping[str, Any]]) -> tuple[SettingRow, ...]:
    """Settings that differ come first: the others are the proof that the rest is equal."""
    names = dict.fromkeys(name for one in settings for name in one)
    rows = [_setting(name, [one.get(name) for one in settings]) for name in names]
    return tuple(sorted(rows, key=lambda row: row.equal))


def _setting(name: str, values: Sequence[Any]) -> SettingRow:
    shown = tuple(_shown(value) for value in values)
    return SettingRow(name=name.replace("_", " "), values=shown, equal=len(set(shown)) == 1)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "–" if value is None else str(value)  # noqa: RUF001 - an en dash stands for a setting the stack lacks
