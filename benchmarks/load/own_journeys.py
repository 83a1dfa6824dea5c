"""Journeys of the user's own: folders that hold a journey.toml and the locustfile whose users drive it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.manifest_table import ManifestError, Table, read_document
from estimator.domain.measuring.journeys import MOST_USERS

MANIFEST = "journey.toml"
_HEAVIEST = 1000
_PAUSES_S = (0.5, 1.5)  # as of a journey entered in the admin


@dataclass(frozen=True, kw_only=True)
class OwnJourney:
    """What a folder says. `mix` (workload -> weight) is what the capacity is measured with. `users` drive the
    locustfile; None: as many as the planned rate needs at pauses of `think_s`.
    """

    slug: str
    title: str
    source: Path
    locustfile: Path
    mix: Mapping[str, int]
    think_s: tuple[float, float] = _PAUSES_S
    users: int | None = None


def read_journeys(root: Path | None) -> tuple[OwnJourney, ...]:
    """The journeys in the folders directly below `root`, by slug; none without a root. Raises ManifestError."""
    if root is None:
        return ()
    if not root.is_dir():
        raise ManifestError(f"{root} is no folder; name the one that holds your journeys in JOURNEYS_DIR, or none.")
    sources = sorted(root.resolve().glob(f"*/{MANIFEST}"))
    if not sources:
        raise ManifestError(f"no folder in {root} holds a {MANIFEST}; write one, or leave JOURNEYS_DIR empty.")
    journeys = [_read(source) for source in sources]
    _refuse_duplicates(journeys)
    return tuple(sorted(journeys, key=lambda journey: journey.slug))


def _read(source: Path) -> OwnJourney:
    document = read_document(source)
    document.refuse_keys_beyond("journey", "workloads")
    journey = document.table("journey")
    journey.refuse_keys_beyond("slug", "title", "locustfile", "think_s", "users")
    return OwnJourney(
        slug=journey.slug("slug"),
        title=journey.text("title"),
        source=source,
        locustfile=_locustfile(journey),
        mix=_mix(document.table("workloads")),
        think_s=journey.range_s("think_s") if "think_s" in journey.values else _PAUSES_S,
        users=_between(journey, "users", MOST_USERS) if "users" in journey.values else None,
    )


def _locustfile(journey: Table) -> Path:
    """Read, not imported: what is wrong inside it shows when Locust runs it."""
    path = journey.source.parent / journey.text("locustfile")
    if path.suffix != ".py" or not path.is_file():
        raise journey.error("locustfile", f"must name a file ending in .py beside it, and {path} is none")
    if "," in str(path):
        raise journey.error("locustfile", f"has a comma in its path, {path}, where Locust splits; rename it")
    return path


def _mix(table: Table) -> Mapping[str, int]:
    if not table.values:
        raise ManifestError(f"{table.source}: no workload is named; add one below [workloads], such as json = 1.")
    return {slug: _between(table, slug, _HEAVIEST) for slug in map(table.slug_key, table.values)}


def _between(table: Table, key: str, most: int) -> int:
    value = table.whole(key)
    if not 1 <= value <= most:
        raise table.error(key, f"must be 1 to {most}, not {value}")
    return value


def _refuse_duplicates(journeys: Iterable[OwnJourney]) -> None:
    first: dict[str, Path] = {}
    for journey in journeys:
        other = first.setdefault(journey.slug, journey.source)
        if other != journey.source:
            raise ManifestError(
                f"{journey.source}: journey.slug {journey.slug!r} is taken by {other}; choose another slug."
            )
