"""Files of estimates in LibreOffice: it calculates every bill as we do, also after an assumption was changed."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from django.db import transaction
from openpyxl import load_workbook
from pytest_django.plugin import DjangoDbBlocker

from estimator.domain.cost.pricing import HOURS_PER_MONTH
from estimator.domain.cost.traffic import TrafficTarget as Traffic
from estimator.domain.statistics import Interval
from estimator.exports.csv_text import csv_lines
from estimator.exports.estimate_lines import Line, estimate_lines
from estimator.exports.estimate_rows import COLUMNS, HEADER, estimate_rows
from estimator.exports.estimate_workbook import all_estimates_workbook, estimate_workbook
from estimator.models import Estimate
from estimator.queries.projections import cost_report, frozen_json
from estimator.runtime.environment import PROJECT
from estimator.services.estimates import freeze_estimate
from tests.api.conftest import machine, priced
from tests.exports.libreoffice import saved_by_libreoffice, soffice
from tests.reports import measured_run

_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
AS_THE_RECIPE_SAYS = re.findall(r'--infilter="(.+?)"', (PROJECT / "docs" / "recipes.md").read_text())[0]
LEAP_MONTH = Decimal(696)  # hours of February in a leap year
MAY_BE_EMPTY = ("monthly_budget", "listed_hourly_price", "exchange_rate")  # no budget, nothing to convert
# What a user changes on the sheet Assumptions: hours of a month, a price and a number of instances of the first fleet.
CHANGES = {"B2": LEAP_MONTH, "G6": Decimal("0.5"), "F7": Decimal(11)}

pytestmark = pytest.mark.django_db  # the database of the tests is made for tests that say so


@dataclass(frozen=True, kw_only=True)
class Books:
    """An estimate, and its files as LibreOffice saved them."""

    estimate: Estimate
    folder: Path

    def sheet(self, book: str, name: str) -> list[tuple[Any, ...]]:
        """Values of all rows."""
        sheet = load_workbook(self.folder / f"{book}.xlsx", data_only=True)[name]
        return [tuple(row) for row in sheet.iter_rows(values_only=True)]

    def fleets(self) -> Iterator[list[Line]]:
        """The months of each stack on each machine, in the order of the workbook."""
        lines = [line for line in estimate_lines(self.estimate) if line.month]
        for start in range(0, len(lines), 12):
            yield lines[start : start + 12]


@pytest.fixture(scope="module")
def books(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Books:
    """A growing estimate with an upfront payment; LibreOffice starts once for all files."""
    soffice()
    files, folder = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    with django_db_blocker.unblock(), transaction.atomic():
        estimate = _growing()
        workbook = b"".join(estimate_workbook(estimate))
        (files / "ours.xlsx").write_bytes(workbook)
        (files / "changed.xlsx").write_bytes(edited(workbook, CHANGES))
        (files / "all.xlsx").write_bytes(b"".join(all_estimates_workbook([estimate])))
        text = "".join(csv_lines(HEADER, estimate_rows(estimate)))
        (files / "table.csv").write_text(text, encoding="utf-8", newline="")
        transaction.set_rollback(True)
    saved_by_libreoffice(sorted(files.glob("*.xlsx")), to=folder)
    saved_by_libreoffice([files / "table.csv"], to=folder, read_as=AS_THE_RECIPE_SAYS)
    return Books(estimate=estimate, folder=folder)


def _growing() -> Estimate:
    for rented in (machine(), machine("m7g.large")):
        priced(rented)
        priced(rented, "0.0333", term="reserved_1y", upfront=Decimal(100))
    measured_run.measure()
    target = Traffic(name="Growing", requests_per_day=Decimal(400_000_000), growth_per_month=Interval.exact(0.07))
    content = frozen_json(cost_report(target=target, term="reserved_1y"))
    return freeze_estimate(title="=1+1", target_name=target.name, content=content, created_by=None)


def edited(workbook: bytes, changes: Mapping[str, Decimal]) -> bytes:
    """The workbook with other values in cells of its last sheet. What its formulas gave before still stands in it."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as before, ZipFile(made, "w") as after:
        last = max(name for name in before.namelist() if "worksheets" in name)
        for name in before.namelist():
            data = before.read(name)
            after.writestr(name, _with_values(data, changes) if name == last else data)
    return made.getvalue()


def _with_values(xml: bytes, changes: Mapping[str, Decimal]) -> bytes:
    tree = ElementTree.fromstring(xml)  # noqa: S314 - what we wrote ourselves
    for place, number in changes.items():
        cell = tree.find(f".//{{{_SPREADSHEET}}}c[@r='{place}']/{{{_SPREADSHEET}}}v")
        assert cell is not None, place
        cell.text = str(number)
    return ElementTree.tostring(tree)


def totals(books: Books, book: str) -> list[float]:
    """The first month and all months of each fleet, one after the other."""
    return [amount for row in books.sheet(book, "Summary")[9:] for amount in row[3:5]]


def expected(fleets: Iterable[list[Decimal]]) -> Any:
    """The same from bills by month; spreadsheets calculate in binary floating point, so a millionth is let pass."""
    exact = [amount for bills in fleets for amount in (bills[0], sum(bills, Decimal(0)))]
    return pytest.approx([float(amount) for amount in exact], abs=1e-6)


def test_libreoffice_calculates_the_frozen_totals(books: Books) -> None:
    found = totals(books, "ours")

    assert found == expected([line.cost("p50") or Decimal(0) for line in months] for months in books.fleets())
    frozen = [
        Decimal(row[span]["p50"]) for row in books.estimate.content["rows"] for span in ("monthly_cost", "year_cost")
    ]
    assert found == pytest.approx([float(amount) for amount in frozen], abs=0.005001)  # as it is shown, to the cent


def test_libreoffice_calculates_what_we_do_after_assumptions_were_changed(books: Books) -> None:
    found = totals(books, "changed")

    first, *others = books.fleets()
    assert found == expected([_changed_bills(first, CHANGES["G6"], CHANGES["F7"]), *map(_changed_bills, others)])
    assert all(one != before for one, before in zip(found, totals(books, "ours"), strict=True))


def _changed_bills(months: list[Line], price: Decimal | None = None, instances: Decimal | None = None) -> list[Decimal]:
    """By month: all of them shorter, the first at another price, the second with other instances."""
    counts = [Decimal(line.instances() or 0) for line in months]
    prices = [line.hourly_price or Decimal(0) for line in months]
    prices[0], counts[1] = price or prices[0], instances or counts[1]
    shares = [line.upfront_share or Decimal(0) for line in months]
    fleets = zip(counts, prices, shares, strict=True)
    return [count * (LEAP_MONTH * hourly + share) for count, hourly, share in fleets]


def test_libreoffice_finds_no_difference_to_what_was_frozen(books: Books) -> None:
    lines = books.sheet("ours", "Assumptions")[5:]

    assert len(lines) == sum(len(months) for months in books.fleets())
    assert [row[11] for row in lines] == pytest.approx([0] * len(lines), abs=1e-6)
    assert all(row[7] > 8 for row in lines)  # upfront payments are in it


def test_libreoffice_calculates_each_row_of_all_estimates_again(books: Books) -> None:
    header, *rows = books.sheet("all", "Rows")

    cost, again = header.index("monthly_cost_p50"), header.index("recalculated")
    assert len(rows) == sum(len(months) for months in books.fleets())
    assert [row[again] for row in rows] == pytest.approx([row[cost] for row in rows], abs=1e-6)


def test_libreoffice_reads_the_csv_with_the_right_types(books: Books) -> None:
    header, *rows = books.sheet("table", "table")

    assert header == HEADER
    assert len(rows) == sum(len(months) for months in books.fleets())
    for name, column in COLUMNS.items():
        cells = [row[header.index(name)] for row in rows]
        if column.unit != "text" and name not in MAY_BE_EMPTY:
            assert all(isinstance(cell, int | float) for cell in cells), name
    assert {row[header.index("estimate")] for row in rows} == {"'=1+1"}
    assert {row[header.index("hours")] for row in rows} == {float(HOURS_PER_MONTH)}
    costs = [float(line.cost("p50") or 0) for months in books.fleets() for line in months]
    assert [row[header.index("monthly_cost_p50")] for row in rows] == pytest.approx(costs, abs=1e-6)


@pytest.fixture
def _no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("REQUIRE_LIBREOFFICE", raising=False)


@pytest.mark.usefixtures("_no_programs")
def test_missing_libreoffice_skips_with_the_package_s_name() -> None:
    with pytest.raises(pytest.skip.Exception, match="install the package libreoffice-calc-nogui"):
        soffice()


@pytest.mark.usefixtures("_no_programs")
def test_missing_libreoffice_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_LIBREOFFICE", "1")

    with pytest.raises(pytest.fail.Exception, match="install the package libreoffice-calc-nogui"):
        soffice()
