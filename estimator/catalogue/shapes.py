"""Reads the shipped traffic profiles from two files. Knows no database."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from estimator.catalogue.reader import DATA, CatalogueError
from estimator.domain.cost.shape import ShapeError, parse_requests

PROFILES_FILE = "traffic_profiles.csv"
HOURS_FILE = "traffic_hours.csv"


@dataclass(frozen=True, kw_only=True)
class ProfileRow:
    """One week with its source; `assumed` ones were constructed, not measured."""

    name: str
    assumed: bool
    source: str
    source_version: str
    as_of: date
    licence: str
    hourly: tuple[float, ...]


def read_profiles(directory: Path = DATA) -> tuple[ProfileRow, ...]:
    """Raises CatalogueError that names file and remedy."""
    hours = _rows(directory / HOURS_FILE)
    return tuple(_profile(row, hours) for row in _rows(directory / PROFILES_FILE))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines, strict=True))


def _profile(row: dict[str, str], hours: list[dict[str, str]]) -> ProfileRow:
    try:
        return ProfileRow(
            name=row["name"],
            assumed={"true": True, "false": False}[row["assumed"]],
            source=row["source"],
            source_version=row["source_version"],
            as_of=date.fromisoformat(row["as_of"]),
            licence=row["licence"],
            hourly=parse_requests(f"{one['hour']},{one[row['column']]}" for one in hours),
        )
    except (KeyError, ValueError, ShapeError) as problem:
        raise CatalogueError(
            f"{PROFILES_FILE}, {row.get('name')!r}: {problem}; correct it there or in {HOURS_FILE}."
        ) from None
