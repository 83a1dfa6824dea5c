"""Files of estimates that recalculate, load and add up."""

import csv
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pandas  # type: ignore[import-untyped]
import pytest
from django.test import Client
from focus_data_toolkit import convert_to_focus_1_4
from focus_data_toolkit.model.validator import lint_focus_1_4_structure
from focus_data_toolkit.schema import detect_focus_schema
from focus_data_toolkit.schema.registry import mandatory_columns

from estimator.domain.statistics import Interval
from estimator.exports.csv_text import BYTE_ORDER_MARK
from estimator.exports.estimate_rows import COLUMNS
from estimator.exports.xlsx import ROWS_OF_A_SHEET, Formula, Row, Sheet, column_name, workbook
from estimator.models import Estimate
from estimator.services.estimates import freeze_estimate
from tests.api.conftest import World, frozen

_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Cells = dict[str, Any]


def sheets_of(data: bytes) -> dict[str, Cells]:
    """Sheet name -> cell -> value: text, Decimal, or a Formula."""
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = [one.attrib["name"] for one in _tree(archive.read("xl/workbook.xml"))[0]]
        return {
            name: dict(_cells(archive.read(f"xl/worksheets/sheet{number}.xml"))) for number, name in enumerate(names, 1)
        }


def _tree(xml: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314 - what we wrote ourselves


def _cells(xml: bytes) -> Iterator[tuple[str, Any]]:
    for cell in _tree(xml).iter(f"{_SPREADSHEET}c"):
        formula, value = cell.find(f"{_SPREADSHEET}f"), cell.find(f"{_SPREADSHEET}v")
        if cell.get("t") == "inlineStr":
            yield cell.attrib["r"], "".join(cell.itertext())
        elif value is not None:
            number = Decimal(value.text or "")
            yield cell.attrib["r"], Formula(text=formula.text or "", value=number) if formula is not None else number


def calculated(sheets: dict[str, Cells], sheet: str, text: str) -> Decimal:
    """What a spreadsheet makes of a formula of products, sums and SUM() over a column. It knows nothing else."""

    def cell(match: re.Match[str]) -> str:
        where = (match["sheet"] or sheet).rstrip("!")
        value = sheets[where].get(match["cell"].replace("$", ""), Decimal(0))
        value = calculated(sheets, where, value.text) if isinstance(value, Formula) else value
        return f"Decimal('{value}')"

    def added(match: re.Match[str]) -> str:
        column, first, last = match["column"], int(match["first"]), int(match["last"])
        return "(" + "+".join(f"{match['sheet']}{column}{n}" for n in range(first, last + 1)) + ")"

    spread = re.sub(r"SUM\((?P<sheet>\w+!)(?P<column>[A-Z]+)(?P<first>\d+):[A-Z]+(?P<last>\d+)\)", added, text)
    filled = re.sub(r"(?P<sheet>\w+!)?(?P<cell>\$?[A-Z]{1,3}\$?\d+)", cell, spread)
    assert re.fullmatch(r"(Decimal\('[-\d.E+]+'\)|[()+*-])+", filled), filled
    result: Decimal = eval(filled, {"Decimal": Decimal})  # noqa: S307 - held to the grammar just above
    return result


def assert_recalculates(sheets: dict[str, Cells]) -> int:
    formulas = [
        (sheet, place, cell)
        for sheet, cells in sheets.items()
        for place, cell in cells.items()
        if isinstance(cell, Formula)
    ]
    for sheet, place, formula in formulas:
        assert calculated(sheets, sheet, formula.text) == formula.value, (sheet, place, formula)
    return len(formulas)


def file(client: Client, path: str) -> bytes:
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.streaming) == (200, True), answer.content
    data: bytes = answer.getvalue()
    return data


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


@pytest.fixture
def growing(world: World) -> Estimate:
    """An estimate whose months differ."""
    return frozen("=Growing", growth_per_month=Interval.exact(0.07), requests_per_day=Decimal(400_000_000))


def test_workbook_recalculates_to_the_frozen_totals(reader: Client, growing: Estimate) -> None:
    sheets = sheets_of(file(reader, f"estimates/{growing.pk}.xlsx"))

    assert list(sheets) == ["Summary", "Rows", "Assumptions"]
    assert assert_recalculates(sheets) == 2 * 12 * len(growing.content["rows"]) + 2 * len(growing.content["rows"])
    summary = sheets["Summary"]
    for number, row in enumerate(growing.content["rows"], 10):
        assert summary[f"A{number}"] == row["title"]
        assert round(summary[f"D{number}"].value, 2) == Decimal(row["monthly_cost"]["p50"])
        assert round(summary[f"E{number}"].value, 2) == Decimal(row["year_cost"]["p50"])


def test_a_changed_assumption_changes_every_bill(reader: Client, growing: Estimate) -> None:
    sheets = sheets_of(file(reader, f"estimates/{growing.pk}.xlsx"))
    total = sheets["Summary"]["E10"]

    sheets["Assumptions"]["B2"] *= 2

    assert calculated(sheets, "Summary", total.text) == 2 * total.value


def test_workbook_of_all_estimates_calculates_each_row_again(reader: Client, world: World, growing: Estimate) -> None:
    sheets = sheets_of(file(reader, "estimates.xlsx"))

    rows = len(world.estimate.content["rows"]) + len(growing.content["rows"])
    assert assert_recalculates({"Rows": sheets["Rows"]}) == 12 * rows
    assert sheets["Columns"]["A2"] == "estimate_id"


def test_text_in_a_workbook_stays_text(reader: Client, growing: Estimate) -> None:
    sheets = sheets_of(file(reader, f"estimates/{growing.pk}.xlsx"))

    assert sheets["Summary"]["B1"] == "=Growing"


def test_hostile_text_makes_no_broken_workbook() -> None:
    texts = ["=1+1", 'a<b>&"c"', "\x00\x1f\uffff", "\ud800", "x" * 40_000, "ü漢\u202e", "  spaced  "]

    (cells,) = sheets_of(b"".join(workbook([Sheet(name="A", rows=[["head"], *([text] for text in texts)])]))).values()

    found = [cells[f"A{number}"] for number in range(2, len(texts) + 2)]
    assert found[:2] == texts[:2] and found[5:] == texts[5:]
    assert [len(text) for text in found[2:5]] == [3, 1, 32_767]


def _numbers() -> Iterator[Row]:
    yield ["n"]
    yield from ([n] for n in range(7))


def test_rows_beyond_a_sheet_go_on_in_the_next_with_the_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ROWS_OF_A_SHEET < 1_048_576
    monkeypatch.setattr("estimator.exports.xlsx.ROWS_OF_A_SHEET", 4)

    sheets = sheets_of(b"".join(workbook([Sheet(name="A", rows=_numbers())])))

    assert [list(cells.values()) for cells in sheets.values()] == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]
    assert list(sheets) == ["A", "A 2", "A 3"]


def test_workbook_is_handed_on_while_its_rows_are_read() -> None:
    read = 0

    def rows() -> Iterator[list[int]]:
        nonlocal read
        for read in range(200_000):
            yield [read]

    largest = max(len(piece) for piece in workbook([Sheet(name="A", rows=rows(), headings=0)]))

    assert read == 199_999
    assert largest < 100_000


@pytest.mark.parametrize(("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")])
def test_columns_are_named_as_spreadsheets_name_them(index: int, name: str) -> None:
    assert column_name(index) == name


def test_json_and_csv_hold_the_same_rows(reader: Client, world: World, growing: Estimate) -> None:
    rows = json.loads(file(reader, "estimates.json"))

    table = records(file(reader, "estimates.csv").decode())
    assert next(row["estimate"] for row in rows if row["estimate_id"] == growing.pk) == "=Growing"
    for name in ("estimate_id", "stack", "month", "monthly_cost_p50", "year_cost_p90", "instances"):
        assert [str(row[name]) for row in rows] == [row[name] for row in table]
    assert {type(row["monthly_cost_p50"]) for row in rows} == {str}
    assert json.loads(file(reader, "estimates.json?target_name=nobody")) == []


def focus_of(client: Client, estimate: Estimate, version: str = "1.4") -> list[dict[str, str]]:
    return records(file(client, f"estimates/{estimate.pk}.focus.csv?version={version}").decode())


def test_focus_rows_of_a_framework_are_one_fleet_whose_months_make_its_year(reader: Client, growing: Estimate) -> None:
    rows = focus_of(reader, growing)

    for stack in ("fastapi", "flask", "django"):
        own = [row for row in rows if row["x_Framework"] == stack]
        cheapest = min(
            (row for row in growing.content["rows"] if row["stack"] == stack),
            key=lambda row: Decimal(row["monthly_cost"]["p50"]),
        )
        assert len(own) == 12
        assert round(sum(Decimal(row["BilledCost"]) for row in own), 2) == Decimal(cheapest["year_cost"]["p50"])
        assert [row["BillingPeriodStart"] for row in own[1:]] == [row["BillingPeriodEnd"] for row in own[:-1]]


def test_focus_says_in_each_row_that_it_is_no_bill(reader: Client, growing: Estimate) -> None:
    for row in focus_of(reader, growing):
        assert row["x_IsEstimate"] == "true"
        assert row["ChargeDescription"].startswith("Estimate, no bill")
        assert row["ChargePeriodStart"] > f"{growing.created_at:%Y-%m-%dT%H:%M:%SZ}"
        assert Decimal(row["x_CostLowerBound"]) <= Decimal(row["BilledCost"]) <= Decimal(row["x_CostUpperBound"])
        assert row["x_EstimateId"] == str(growing.pk)


def test_focus_in_another_version_is_refused(reader: Client, world: World) -> None:
    for version in ("1.0", "1.3", "", "=1"):
        answer = reader.get(f"/api/v1/estimates/{world.estimate.pk}.focus.csv?version={version}")

        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (400, "version")
        assert "1.4 and 1.2" in error["detail"]


def test_focus_data_toolkit_finds_nothing(reader: Client, growing: Estimate) -> None:
    assert lint_focus_1_4_structure("Cost and Usage", focus_of(reader, growing)).messages() == []


def test_focus_data_toolkit_reads_version_1_2_and_finds_nothing_when_it_lifts_it_to_1_4(
    reader: Client, growing: Estimate
) -> None:
    rows = focus_of(reader, growing, version="1.2")

    schema = detect_focus_schema(rows[0], dataset="Cost and Usage", version="1.2")
    lifted = convert_to_focus_1_4(rows, source_version="1.2")

    assert mandatory_columns("Cost and Usage", "1.2") <= set(rows[0])
    assert (schema.unknown_columns, schema.additional_focus_columns) == ((), ())
    assert [text for one in lifted.reports.values() for text in one.messages()] == []
    assert lifted.diagnostics == []


def test_versions_of_focus_differ_in_names_and_not_in_values(reader: Client, growing: Estimate) -> None:
    new, old = focus_of(reader, growing), focus_of(reader, growing, version="1.2")

    assert [list(row.values()) for row in new] == [list(row.values()) for row in old]
    assert set(old[0]) - set(new[0]) == {"ProviderName", "PublisherName"}
    assert set(new[0]) - set(old[0]) == {"ServiceProviderName", "HostProviderName"}


def test_csv_loads_into_pandas_with_the_right_types(reader: Client, growing: Estimate) -> None:
    table = pandas.read_csv(io.BytesIO(file(reader, f"estimates/{growing.pk}.csv")))

    for name, column in COLUMNS.items():
        if column.unit != "text":
            assert table[name].dtype.kind in "if", name
    assert pandas.to_datetime(table["frozen_at"]).dt.tz is not None
    assert table["estimate"].unique().tolist() == ["'=Growing"]


def test_markdown_shows_figures_and_no_mark_up_of_others(reader: Client, world: World) -> None:
    hostile = freeze_estimate(
        title="<b>*A*\n# B|", target_name="T", cost_centre="4711", content=world.estimate.content, created_by=None
    )

    text = file(reader, f"estimates/{hostile.pk}.md").decode()

    assert text.startswith("# \\<b\\>\\*A\\* \\# B\\|\n")
    assert world.estimate.content["rows"][0]["monthly_cost"]["p50"] in text
    assert all(part in text for part in ("4711", hostile.content_hash, "not a bill", "Not counted"))


ENDINGS = ("csv", "xlsx", "focus.csv", "md")


def test_files_have_their_names_and_are_not_sent_twice(reader: Client, world: World) -> None:
    for ending in ENDINGS:
        address = f"/api/v1/estimates/{world.estimate.pk}.{ending}"
        first = reader.get(address)

        again = reader.get(address, headers={"If-None-Match": first["ETag"]})

        assert f'filename="estimate-{world.estimate.pk}.{ending}"' in first["Content-Disposition"]
        assert (again.status_code, again.getvalue()) == (304, b"")


def test_files_of_all_say_which_estimate_was_edited_and_show_no_figure_of_it(
    reader: Client, world: World, growing: Estimate
) -> None:
    Estimate.objects.filter(pk=growing.pk).update(cost_centre="1", monthly_cost=None)

    edited, *others = json.loads(file(reader, "estimates.json"))

    reason = edited.pop("refused_because")
    assert f"estimate {growing.pk} was changed after it was frozen" in reason
    assert {name: value for name, value in edited.items() if value is not None} == {"estimate_id": growing.pk}
    assert {row["estimate_id"] for row in others} == {world.estimate.pk}
    (row, *_) = records(file(reader, "estimates.csv").decode())
    assert (row["refused_because"], row["estimate"], row["monthly_cost_p50"]) == (reason, "", "")
    cells = sheets_of(file(reader, "estimates.xlsx"))["Rows"]
    assert (cells["A2"], reason in cells.values()) == (growing.pk, True)
    assert len([place for place in cells if place.endswith("2") and place[:-1].isalpha()]) == 2


def test_formulas_beyond_a_sheet_name_the_rows_of_their_own(
    reader: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("estimator.exports.xlsx.ROWS_OF_A_SHEET", 20)

    sheets = sheets_of(file(reader, "estimates.xlsx"))

    assert "Rows 2" in sheets
    assert all(assert_recalculates({name: cells}) for name, cells in sheets.items() if name.startswith("Rows"))
