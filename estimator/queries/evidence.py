"""What a report's figures rest on: hosts, set-ups side by side, and raw windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from estimator.domain.performance.capacity import RefusedStack
from estimator.models import Run
from estimator.queries.measurements import MeasuredStack
from estimator.queries.window_rows import VoidReason, WindowRow, void_reasons

# What is told of a host first, in this order; facts that are not named here follow.
_FACTS = ("cpu_model_name", "cores", "cores_online", "core_split", "memory_mib", "virtualised", "hypervisor", "kernel")


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
    position: int
    run: int
    valid: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    versions: Mapping[str, str]
    windows: tuple[WindowRow, ...]
    void: int
    void_reasons: tuple[VoidReason, ...]


@dataclass(frozen=True, kw_only=True)
class SettingRow:
    """One setting across the stacks, in their order; `equal` when all have the same.

    `odd` marks, for each value, whether it deviates from what most stacks have."""

    name: str
    values: tuple[str, ...]
    odd: tuple[bool, ...]

    @property
    def equal(self) -> bool:
        """Whether no stack deviates."""
        return len(set(self.values)) == 1

    @property
    def cells(self) -> list[tuple[str, bool]]:
        """Each value with whether it deviates."""
        return list(zip(self.values, self.odd, strict=True))


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All of it."""

    runs: tuple[RunEvidence, ...]
    stacks: tuple[StackEvidence, ...]
    settings: tuple[SettingRow, ...]
    different: int  # how many settings are not the same for all stacks
    void: int  # windows of all stacks that were void
    windows: int


def evidence_of(measured: Sequence[MeasuredStack]) -> Evidence:
    """The evidence behind measurements, in their order."""
    rows = Run.objects.select_related("plan", "host").in_bulk({one.run for one in measured})
    settings = _matrix([one.settings for one in measured])
    stacks = tuple(_stack(one) for one in measured)
    return Evidence(
        runs=tuple(_run(rows[run]) for run in sorted(rows)),
        stacks=stacks,
        settings=settings,
        different=sum(not row.equal for row in settings),
        void=sum(stack.void for stack in stacks),
        windows=sum(len(stack.windows) for stack in stacks),
    )


def _run(run: Run) -> RunEvidence:
    return RunEvidence(
        id=run.pk,
        plan=run.plan.name,
        profile=run.spec["profile"],
        finished_at=run.finished_at,
        host=run.host.name if run.host else "",
        facts=host_facts(run.host_facts),
    )


def host_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a host, the most telling first, in words."""
    order = [*(name for name in _FACTS if name in facts), *(name for name in facts if name not in _FACTS)]
    return {name: _fact(facts[name]) for name in order if facts[name] is not None}


def _fact(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else _shown(value)


def _stack(one: MeasuredStack) -> StackEvidence:
    rows = one.fit.rows
    return StackEvidence(
        title=one.stack.title,
        position=one.stack.position,
        run=one.run,
        valid=not isinstance(one.outcome, RefusedStack),
        reasons=one.outcome.reasons if isinstance(one.outcome, RefusedStack) else (),
        warnings=one.outcome.warnings,
        versions=one.versions,
        windows=rows,
        void=sum(bool(row.void) for row in rows),
        void_reasons=void_reasons(rows),
    )


def _matrix(settings: Sequence[Mapping[str, Any]]) -> tuple[SettingRow, ...]:
    """Settings that differ come first: the others are the proof that the rest is equal."""
    names = dict.fromkeys(name for one in settings for name in one)
    rows = [_setting(name, [one.get(name) for one in settings]) for name in names]
    return tuple(sorted(rows, key=lambda row: row.equal))


def _setting(name: str, values: Sequence[Any]) -> SettingRow:
    shown = tuple(_shown(value) for value in values)
    usual = max(dict.fromkeys(shown), key=shown.count)  # the first of several equally frequent ones
    return SettingRow(name=name.replace("_", " "), values=shown, odd=tuple(value != usual for value in shown))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return "–" if value is None else str(value)  # noqa: RUF001 - an en dash stands for a setting the stack lacks
