"""What an import would change: the differences a person looks at before they are written, and what is refused."""

from collections import Counter
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any

from estimator.services.errors import Refused


class Kind(StrEnum):
    """What becomes of one row."""

    NEW = "new"
    CHANGED = "changed"
    CONFIRMED = "confirmed"  # the same price, said again on a later day
    UNCHANGED = "unchanged"
    KEPT = "kept"  # a person entered what stands there, and a provider's list does not overrule people


_WRITTEN = (Kind.NEW, Kind.CHANGED, Kind.CONFIRMED)


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field's value before and after."""

    name: str
    old: object
    new: object

    def __str__(self) -> str:
        return f"{self.name} {shown(self.old)} → {shown(self.new)}{self._share()}"

    def _share(self) -> str:
        if not isinstance(self.old, Decimal) or not isinstance(self.new, Decimal) or not self.old:
            return ""
        return f" ({100 * (self.new / self.old - 1):+.1f} %)"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One row against what is stored. `row` counts from the file's first line, which is the heading."""

    row: int
    kind: Kind
    label: str
    changes: tuple[FieldChange, ...] = ()
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why one row cannot be imported: the fact and the remedy. `field` is empty where the whole row is meant."""

    row: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"row {self.row}, {self.field}" if self.field else f"row {self.row}"
        return f"{place}: {self.message}"


@dataclass(frozen=True, kw_only=True)
class Differences:
    """All rows of one import. Nothing is written while there is a single refusal."""

    rows: tuple[Difference, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def of(self, kind: Kind) -> list[Difference]:
        """The rows of one kind, in the file's order."""
        return [row for row in self.rows if row.kind == kind]

    @property
    def counts(self) -> dict[Kind, int]:
        """How many rows there are of each kind, zeros included."""
        found = Counter(row.kind for row in self.rows)
        return {kind: found[kind] for kind in Kind}

    @property
    def writes(self) -> int:
        """How many rows would be written."""
        return sum(row.kind in _WRITTEN for row in self.rows)

    @property
    def fingerprint(self) -> str:
        """The same as long as the import would change the same: what was looked at is what is written."""
        return sha256(repr((self.rows, self.refusals)).encode()).hexdigest()

    def __str__(self) -> str:
        return ", ".join(f"{count} {kind}" for kind, count in self.counts.items() if count) or "no rows"


class ImportRefused(Refused):
    """An import that changed nothing; `differences` has each refusal."""

    def __init__(self, message: str, *, differences: Differences) -> None:
        super().__init__(message)
        self.differences = differences


def refuse_unless_clean(differences: Differences, *, expected: str | None) -> None:
    """Raises ImportRefused where a row is refused, or where `expected` (a fingerprint) is not what was looked at."""
    if differences.refusals:
        raise ImportRefused(
            f"{len(differences.refusals)} refused, so nothing was imported. First: {differences.refusals[0]}",
            differences=differences,
        )
    if expected is not None and differences.fingerprint != expected:
        raise ImportRefused(
            "The stored rows changed after the preview, so nothing was imported; upload the file again and look anew.",
            differences=differences,
        )


def shown(value: object) -> str:
    """A value as people write it: no trailing zeros, no Python words."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def facts_of(offer: Any, *, without: tuple[str, ...]) -> dict[str, Any]:
    """The fields of an offer (a dataclass) that are columns of its row."""
    return {field.name: getattr(offer, field.name) for field in fields(offer) if field.name not in without}


def changes_between(stored: Any, facts: dict[str, Any]) -> tuple[FieldChange, ...]:
    """The facts that differ from the stored row's."""
    return tuple(
        FieldChange(name=name, old=getattr(stored, name), new=value)
        for name, value in facts.items()
        if getattr(stored, name) != value
    )
