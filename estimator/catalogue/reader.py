"""Reads catalogue files into frozen rows, and refuses a bad row in one sentence. Knows no database."""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
HARDWARE_FILE = "hardware.csv"
PRICES_FILE = "prices.csv"

ARCHITECTURES = ("x86_64", "arm64")
VCPU_KINDS = ("core", "hyperthread", "hidden")
TERMS = ("on_demand", "reserved_1y", "reserved_3y", "spot")
CROSS_CHECKS = ("ok", "single_source", "disagrees")

Parser = Callable[[str], object]


class CatalogueError(ValueError):
    """A catalogue file or source cannot be used; the message names the place and the remedy."""


@dataclass(frozen=True, kw_only=True)
class HardwareRow:
    """One machine type. `single_thread_score` is instructions per cycle x GHz, Skylake's IPC = 1; None is unknown."""

    provider: str
    name: str
    family: str
    architecture: str
    vcpus: int
    memory_mib: int
    vcpu_kind: str
    cpu_vendor: str
    cpu_model: str
    clock_ghz: float | None
    single_thread_score: float | None
    burstable: bool
    network_mbps: int | None
    reference: bool
    source: str
    source_version: str
    as_of: date
    licence: str


@dataclass(frozen=True, kw_only=True)
class PriceRow:
    """One price of one machine type per instance and hour; `upfront` is paid once at the start of the term."""

    provider: str
    name: str
    region: str
    term: str
    upfront: Decimal
    hourly: Decimal
    currency: str
    source: str
    source_version: str
    as_of: date
    licence: str
    cross_check: str
    cross_check_note: str


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Machine types and their prices; every price's machine type is there, and no key occurs twice."""

    hardware: tuple[HardwareRow, ...]
    prices: tuple[PriceRow, ...]


def _text(value: str) -> str:
    if not value:
        raise ValueError("is empty; enter it")
    return value


def _optional_text(value: str) -> str:
    return value


def _one_of(allowed: tuple[str, ...]) -> Parser:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"is none of {', '.join(allowed)}; use one of them")
        return value

    return parse


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) == 0:
        raise ValueError("is not a whole number above 0; correct it")
    return int(value)


def _decimal(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("is not a decimal number; write it like 0.0956") from None
    if not number.is_finite():
        raise ValueError("is not a finite number; write it like 0.0956")
    return number


def _price(value: str) -> Decimal:
    number = _decimal(value) if value else Decimal(0)
    if number <= 0:
        raise ValueError("is not a price above 0; a type that is not listed has no row, so delete the row")
    return number


def _upfront(value: str) -> Decimal:
    number = _decimal(value)
    if number < 0:
        raise ValueError("is below 0; enter 0 where nothing is paid at the start")
    return number


def _speed(value: str) -> float | None:
    if not value:
        return None
    number = _decimal(value)
    if number <= 0:
        raise ValueError("is not above 0; leave it empty where it is unknown")
    return float(number)


def _optional_count(value: str) -> int | None:
    return _count(value) if value else None


def _flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError("is neither true nor false; use one of them")
    return value == "true"


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a date; write it like 2026-09-06") from None


def _currency(value: str) -> str:
    if len(value) != 3 or not value.isascii() or not value.isupper():
        raise ValueError("is not an ISO 4217 code; write it like USD")
    return value


_ORIGIN: dict[str, Parser] = {"source": _text, "source_version": _text, "as_of": _date, "licence": _text}

HARDWARE_COLUMNS: Mapping[str, Parser] = {
    "provider": _text,
    "name": _text,
    "family": _text,
    "architecture": _one_of(ARCHITECTURES),
    "vcpus": _count,
    "memory_mib": _count,
    "vcpu_kind": _one_of(VCPU_KINDS),
    "cpu_vendor": _optional_text,
    "cpu_model": _optional_text,
    "clock_ghz": _speed,
    "single_thread_score": _speed,
    "burstable": _flag,
    "network_mbps": _optional_count,
    "reference": _flag,
    **_ORIGIN,
}
PRICE_COLUMNS: Mapping[str, Parser] = {
    "provider": _text,
    "name": _text,
    "region": _text,
    "term": _one_of(TERMS),
    "upfront": _upfront,
    "hourly": _price,
    "currency": _currency,
    **_ORIGIN,
    "cross_check": _one_of(CROSS_CHECKS),
    "cross_check_note": _optional_text,
}


def read_catalogue(directory: Path = DATA) -> Catalogue:
    """Both files of a directory; raises CatalogueError for a bad row, a repeated key, or a price without its type."""
    with (directory / HARDWARE_FILE).open(newline="", encoding="utf-8") as lines:
        hardware = parse_hardware(lines, file_name=HARDWARE_FILE)
    with (directory / PRICES_FILE).open(newline="", encoding="utf-8") as lines:
        prices = parse_prices(lines, file_name=PRICES_FILE)
    _refuse_orphans(hardware=hardware, prices=prices)
    return Catalogue(hardware=hardware, prices=prices)


def parse_hardware(lines: Iterable[str], *, file_name: str) -> tuple[HardwareRow, ...]:
    """Machine types from CSV lines with a heading; raises CatalogueError naming file, line, column and remedy."""
    rows = parse_rows(lines, columns=HARDWARE_COLUMNS, key=("provider", "name"), file_name=file_name)
    return tuple(HardwareRow(**row) for row in rows)


def parse_prices(lines: Iterable[str], *, file_name: str) -> tuple[PriceRow, ...]:
    """Prices from CSV lines with a heading; raises CatalogueError naming file, line, column and remedy."""
    key = ("provider", "name", "region", "term", "currency", "as_of")
    rows = parse_rows(lines, columns=PRICE_COLUMNS, key=key, file_name=file_name)
    return tuple(PriceRow(**row) for row in rows)


def parse_rows(
    lines: Iterable[str], *, columns: Mapping[str, Parser], key: tuple[str, ...], file_name: str
) -> list[dict[str, Any]]:
    """Rows of CSV lines with a heading, parsed column by column; raises CatalogueError with the place and remedy."""
    reader = csv.DictReader(lines, strict=True)
    _check_heading(reader.fieldnames or (), columns=columns, file_name=file_name)
    rows: list[dict[str, Any]] = []
    first_line: dict[tuple[object, ...], int] = {}
    for cells in reader:
        place = f"{file_name} line {reader.line_num}"
        row = _parse_row(cells, columns=columns, place=place)
        earlier = first_line.setdefault(tuple(row[column] for column in key), reader.line_num)
        if earlier != reader.line_num:
            raise CatalogueError(f"{place} repeats {', '.join(key)} of line {earlier}; delete one of the two.")
        rows.append(row)
    return rows


def _check_heading(heading: Iterable[str], *, columns: Mapping[str, Parser], file_name: str) -> None:
    found = list(heading)
    for column in found:
        if column not in columns:
            raise CatalogueError(f"{file_name} line 1 has an unknown column {column!r}; delete it or correct its name.")
    for column in columns:
        if found.count(column) != 1:
            raise CatalogueError(f"{file_name} line 1 has column {column} {found.count(column)} times; have it once.")


def _parse_row(cells: Mapping[str | None, Any], *, columns: Mapping[str, Parser], place: str) -> dict[str, Any]:
    if None in cells or None in cells.values():
        raise CatalogueError(f"{place} has not one cell per column; quote cells that hold a comma.")
    return {
        column: _cell(parser, cells[column], place=f"{place} column {column}") for column, parser in columns.items()
    }


def _cell(parser: Parser, value: str, *, place: str) -> object:
    try:
        return parser(value.strip())
    except ValueError as error:
        raise CatalogueError(f"{place}: {value!r} {error}.") from None


def _refuse_orphans(*, hardware: Iterable[HardwareRow], prices: Iterable[PriceRow]) -> None:
    known = {(row.provider, row.name) for row in hardware}
    for line, price in enumerate(prices, start=2):
        if (price.provider, price.name) not in known:
            raise CatalogueError(
                f"{PRICES_FILE} row {line} prices {price.provider} {price.name}, which {HARDWARE_FILE} does not have; "
                f"add the type there or delete the price."
            )
