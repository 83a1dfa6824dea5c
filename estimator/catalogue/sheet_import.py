"""Hardware profiles and prices from an uploaded sheet: each cell is read, each bad one is named."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import User

from estimator.catalogue.currencies import currency
from estimator.catalogue.reader import HARDWARE_COLUMNS, PRICE_COLUMNS, Parser
from estimator.catalogue.sheets import Sheet
from estimator.services import hardware_import, price_import
from estimator.services.differences import Differences, Refusal, refuse_unless_clean

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ALWAYS_FORMULA = ("=", "@")
_TEXT_FORMULA = (*_ALWAYS_FORMULA, "+", "-")  # of a number these are its sign
_NUMBERS = frozenset({"vcpus", "memory_mib", "clock_ghz", "single_thread_score", "network_mbps", "hourly", "upfront"})
_LONGEST_SHOWN = 40


def _any_text(value: str) -> str:
    return value


@dataclass(frozen=True, kw_only=True)
class Noun:
    """What a sheet holds: how each column is read, what stands for a column or cell that may be missing."""

    columns: Mapping[str, Parser]
    offer: Callable[..., Any]
    compare: Callable[..., Differences]
    write: Callable[..., Differences]
    note: str  # what a person who fills the columns must know
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """The first row of a file."""
        return ",".join(self.columns)


def _compare_prices(offers: list[Any], *, today: date) -> Differences:
    return price_import.price_differences(offers, entered=True, today=today)


def _import_prices(offers: list[Any], **options: Any) -> Differences:
    return price_import.import_prices(offers, entered=True, **options)


_PRICE_ORDER = ("provider", "name", "region", "term", "hourly", "currency", "as_of", "source")
PRICES = Noun(
    columns={
        **{name: PRICE_COLUMNS[name] for name in _PRICE_ORDER},
        "currency": currency,
        "upfront": PRICE_COLUMNS["upfront"],
        "source_version": _any_text,
        "licence": _any_text,
    },
    defaults={"upfront": "0", "source_version": "", "licence": ""},
    offer=price_import.PriceOffer,
    compare=_compare_prices,
    write=_import_prices,
    note="The term is on_demand, reserved_1y, reserved_3y or spot; hourly is per instance, upfront is paid once at the "
    "start. upfront, source_version and licence may be left out. A type that is not listed has no row, never a price "
    "of 0. A price of a later day stands beside the older ones, and the newest counts.",
)
# Each column must be there, so that a file without one does not wipe what is known; a cell may be empty.
PROFILES = Noun(
    columns={**HARDWARE_COLUMNS, "family": _any_text, "source_version": _any_text, "licence": _any_text},
    offer=hardware_import.HardwareOffer,
    compare=hardware_import.profile_differences,
    write=hardware_import.import_profiles,
    note="Every column must be there; a cell may be empty where the figure is unknown. The architecture is x86_64 or "
    "arm64, vcpu_kind core, hyperthread or hidden; burstable and reference are true or false. Name a source of your "
    "own: rows that cite a source of the shipped catalogue are refreshed with it.",
)


def compare_sheet(sheet: Sheet, *, noun: Noun, today: date) -> Differences:
    """What `import_sheet` would do; reads only. Every bad cell is a refusal of its own."""
    offers, refusals = _read(sheet, noun=noun)
    if refusals and not offers:
        return Differences(refusals=tuple(refusals))
    found = noun.compare(offers, today=today)
    both = sorted((*refusals, *found.refusals), key=lambda refusal: refusal.row)
    return Differences(rows=found.rows, refusals=tuple(both))


def import_sheet(
    sheet: Sheet, *, noun: Noun, today: date, by: User | None, file_name: str, expected: str | None
) -> Differences:
    """Write every row or none. Raises ImportRefused; `expected` is the fingerprint of what was looked at."""
    offers, refusals = _read(sheet, noun=noun)
    refuse_unless_clean(Differences(refusals=tuple(refusals)), expected=None)
    reason = f"import: {file_name[:60]} (sha256 {sheet.digest[:12]})"
    return noun.write(offers, by=by, reason=reason, today=today, expected=expected)


def _read(sheet: Sheet, *, noun: Noun) -> tuple[list[Any], list[Refusal]]:
    heading = [name.strip() for name in sheet.heading]
    refusals = list(_heading_problems(heading, noun=noun))
    if refusals:
        return [], refusals
    offers = []
    for row, cells in enumerate(sheet.rows, start=2):
        if any(cell.strip() for cell in cells):
            values, problems = _row(dict(zip(heading, cells, strict=True)), row=row, noun=noun)
            refusals += problems
            if not problems:
                offers.append(noun.offer(row=row, **values))
    return offers, refusals


def _heading_problems(heading: list[str], *, noun: Noun) -> Iterator[Refusal]:
    for name in dict.fromkeys(heading):
        if name not in noun.columns:
            message = f"{_quoted(name)} is no column of this file; delete it or correct its name."
            yield Refusal(row=1, field="", message=message)
        elif heading.count(name) > 1:
            yield Refusal(row=1, field=name, message="stands in the heading more than once; have it once.")
    for name in noun.columns:
        if name not in heading and name not in noun.defaults:
            yield Refusal(row=1, field=name, message="is missing in the heading; add the column.")


def _row(cells: Mapping[str, str], *, row: int, noun: Noun) -> tuple[dict[str, object], list[Refusal]]:
    values: dict[str, object] = {}
    problems = []
    for name, parser in noun.columns.items():
        text = cells.get(name, "").strip(" ") or noun.defaults.get(name, "")
        try:
            _refuse_active(text, column=name)
            values[name] = parser(text)
        except ValueError as error:
            problems.append(Refusal(row=row, field=name, message=f"{_quoted(text)} {error}."))
    return values, problems


def _refuse_active(text: str, *, column: str) -> None:
    """A cell that a spreadsheet would run, here or in any export of ours."""
    if text.startswith(_ALWAYS_FORMULA if column in _NUMBERS else _TEXT_FORMULA):
        raise ValueError("begins like a formula; enter the value itself")
    if _CONTROL.search(text):
        raise ValueError("has a line break or control character; delete it")


def _quoted(text: str) -> str:
    if not text:
        return "the cell"
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
    return repr(shown)
