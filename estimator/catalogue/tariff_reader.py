"""Reads the files of containers, functions and lines into frozen rows, with the rules of the other catalogue files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from estimator.catalogue.reader import DATA, HARDWARE_COLUMNS, PRICE_COLUMNS, Parser, parse_rows
from estimator.domain.cost.tariffs import GridError, container_sizes, function_sizes

_ORIGIN = ("source", "source_version", "as_of", "licence", "cross_check", "cross_check_note")
_KEY = ("provider", "name", "region", "currency", "as_of")
_PRICE, _MAYBE_FREE = PRICE_COLUMNS["hourly"], PRICE_COLUMNS["upfront"]
_COUNT, _MAYBE_COUNT = HARDWARE_COLUMNS["vcpus"], HARDWARE_COLUMNS["network_mbps"]
_TEXT, _MAYBE_TEXT = PRICE_COLUMNS["region"], PRICE_COLUMNS["cross_check_note"]
_LINES = ("database", "load_balancer", "egress", "disk")

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class TariffRows:
    """The rows of the three files, as the models name their fields. No key occurs twice."""

    containers: tuple[Row, ...] = ()
    functions: tuple[Row, ...] = ()
    lines: tuple[Row, ...] = ()


def _grid(read: Any) -> Parser:
    def parse(value: str) -> str:
        try:
            read(value)
        except GridError as error:
            raise ValueError(str(error).rstrip(".")) from None
        return value

    return parse


def _whole(value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise ValueError("is not a whole number from 0 on; correct it")
    return int(value)


def _line(value: str) -> str:
    if value not in _LINES:
        raise ValueError(f"is none of {', '.join(_LINES)}; use one of them")
    return value


_PLACE: dict[str, Parser] = {name: PRICE_COLUMNS[name] for name in ("provider", "name", "region", "currency")}
_SOURCE: dict[str, Parser] = {name: PRICE_COLUMNS[name] for name in _ORIGIN}

CONTAINER_COLUMNS: Mapping[str, Parser] = {
    **_PLACE,
    "vcpu_hour": _PRICE,
    "gib_hour": _PRICE,
    "per_million_requests": _MAYBE_FREE,
    "sizes": _grid(container_sizes),
    "free_tier": _MAYBE_TEXT,
    **_SOURCE,
}
FUNCTION_COLUMNS: Mapping[str, Parser] = {
    **_PLACE,
    "per_million_requests": _PRICE,
    "gib_second": _PRICE,
    "vcpu_second": _MAYBE_FREE,
    "granularity_ms": _COUNT,
    "minimum_ms": _whole,
    "concurrency": _MAYBE_COUNT,
    "sizes": _grid(function_sizes),
    "free_tier": _MAYBE_TEXT,
    **_SOURCE,
}
LINE_COLUMNS: Mapping[str, Parser] = {
    **_PLACE,
    "line": _line,
    "unit": _TEXT,
    "above": _MAYBE_FREE,
    "unit_price": _PRICE,
    "servers": _MAYBE_TEXT,
    **_SOURCE,
}
_FILES = {
    "containers": ("containers.csv", CONTAINER_COLUMNS, _KEY),
    "functions": ("functions.csv", FUNCTION_COLUMNS, _KEY),
    "lines": ("lines.csv", LINE_COLUMNS, (*_KEY, "above")),
}


def read_tariffs(directory: Path = DATA) -> TariffRows:
    """The three files of a directory; one that is not there has no rows. Raises CatalogueError for a bad row."""
    return TariffRows(**{name: _read(directory / file, columns, key) for name, (file, columns, key) in _FILES.items()})


def _read(path: Path, columns: Mapping[str, Parser], key: tuple[str, ...]) -> tuple[Row, ...]:
    if not path.exists():
        return ()
    with path.open(newline="", encoding="utf-8") as lines:
        return tuple(parse_rows(lines, columns=columns, key=key, file_name=path.name))
