"""Uploaded files: what is read, what is named as bad, and hostile ones."""

import io
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from estimator.catalogue import sheets
from estimator.catalogue.sheet_import import PRICES, PROFILES, compare_sheet
from estimator.catalogue.sheets import Sheet, SheetError, read_csv, read_xlsx
from estimator.models import HardwareProfile
from estimator.services.differences import Differences, Kind
from tests.admin.cast import a_profile

TODAY = date(2026, 11, 22)
PRICE_HEADING = "provider,name,region,term,hourly,currency,as_of,source"
PRICE_ROW = "aws,m7i.large,us-east-1,on_demand,0.1008,USD,2026-09-01,a list"
PROFILE_ROW = "aws,m7i.large,m7i,x86_64,2,8192,hyperthread,Intel,,3.2,,false,780,false,data sheet,,2026-09-01,"


def csv_file(*rows: str, heading: str = PRICE_HEADING) -> bytes:
    return "\r\n".join([heading, *rows]).encode()


def xlsx_file(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def zip_file(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return content.getvalue()


def compared(content: bytes) -> Differences:
    return compare_sheet(read_csv(content), noun=PRICES, today=TODAY)


@pytest.mark.django_db
def test_csv_and_workbook_say_the_same() -> None:
    a_profile()
    row = ["aws", "m7i.large", "us-east-1", "on_demand", 0.1008, "USD", datetime(2026, 9, 1), "a list"]  # noqa: DTZ001

    workbook = compare_sheet(read_xlsx(xlsx_file(PRICE_HEADING.split(","), row)), noun=PRICES, today=TODAY)

    assert workbook == compared(csv_file(PRICE_ROW))
    assert workbook.counts[Kind.NEW] == 1


@pytest.mark.django_db
def test_a_price_of_a_workbook_is_exact() -> None:
    a_profile()
    sheet = read_xlsx(xlsx_file(["hourly"], [0.1008], [1], [1e-05], [0.30000000000000004]))

    assert [Decimal(row[0]) for row in sheet.rows[:3]] == [Decimal("0.1008"), Decimal(1), Decimal("0.00001")]


@pytest.mark.django_db
def test_every_bad_cell_is_named_with_its_row_field_and_remedy() -> None:
    a_profile()
    differences = compared(
        csv_file(
            PRICE_ROW,
            "",
            "aws,m7i.large,us-east-1,weekly,0,XXQ,soon,",
            "aws,m7i.large,eu-west-1,on_demand,0.1,USD,2026-09-01,=HYPERLINK(1)",
        )
    )

    told = {(refusal.row, refusal.field): refusal.message for refusal in differences.refusals}
    assert list(told) == [(4, "term"), (4, "hourly"), (4, "currency"), (4, "as_of"), (4, "source"), (5, "source")]
    assert told[4, "hourly"].endswith("so delete the row.")
    assert told[4, "currency"] == "'XXQ' is no currency of ISO 4217; write it like USD."
    assert told[4, "source"] == "the cell is empty; enter it."
    assert "begins like a formula" in told[5, "source"]
    assert differences.counts[Kind.NEW] == 1


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1", "-1", "a\x00b", "a\tb", "=cmd|' /C calc'!A0"])
@pytest.mark.parametrize("column", ["name", "region", "source", "hourly"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused_in_any_column(text: str, column: str) -> None:
    a_profile()
    cells = dict(zip(PRICE_HEADING.split(","), PRICE_ROW.split(","), strict=True)) | {column: text}

    differences = compare_sheet(
        Sheet(heading=tuple(cells), rows=(tuple(cells.values()),), digest=""), noun=PRICES, today=TODAY
    )

    if (text, column) != ("+1", "hourly"):  # which is a number
        assert column in {refusal.field for refusal in differences.refusals}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("heading", "told"),
    [
        (f"{PRICE_HEADING},cross_check", "'cross_check' is no column"),
        (PRICE_HEADING.replace("as_of", "day"), "as_of: is missing in the heading"),
        (f"{PRICE_HEADING},source", "source: stands in the heading more than once"),
    ],
)
def test_a_heading_that_does_not_fit_is_told_before_any_row(heading: str, told: str) -> None:
    differences = compared(csv_file(PRICE_ROW, heading=heading))

    assert any(told in str(refusal) for refusal in differences.refusals)
    assert not differences.rows


@pytest.mark.django_db
def test_profiles_are_read_with_what_is_unknown() -> None:
    content = csv_file(PROFILE_ROW, heading=PROFILES.heading)
    found = compare_sheet(read_csv(content), noun=PROFILES, today=TODAY)

    assert (found.refusals, found.counts[Kind.NEW]) == ((), 1)
    assert not HardwareProfile.objects.exists()


@pytest.mark.django_db
def test_a_profile_file_without_a_column_does_not_wipe_what_is_known() -> None:
    heading = PROFILES.heading.replace(",single_thread_score", "")

    [refusal] = compare_sheet(read_csv(csv_file("aws", heading=heading)), noun=PROFILES, today=TODAY).refusals

    assert str(refusal) == "row 1, single_thread_score: is missing in the heading; add the column."


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (csv_file(), "no rows"),
        (csv_file("", ""), "no rows"),
        (b"a,b\n1,2,3", "Row 2 has 3 cells, the heading 2"),
        (b'a,b\n"1', "no CSV"),
        (b"a\n\xff", "not UTF-8"),
        ("a\n1".encode("utf-16"), "not UTF-8"),
        (b"a\n" + b"1\n" * (sheets.MOST_ROWS + 1), "more than 20,000 rows"),
        (b"a\n" + b"1" * sheets.LARGEST_FILE, "at most 5 MiB"),
        (b"a\n" + b"1" * 200_000, "field larger than field limit"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused_in_one_sentence(content: bytes, told: str) -> None:
    with pytest.raises(SheetError, match=told):
        read_csv(content)


BOMB = zip_file(**{"xl/workbook.xml": b"0" * (65 << 20)})
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no workbook"),
        (b"not a zip", "no workbook"),
        (csv_file(PRICE_ROW), "no workbook"),
        (zip_file(**{"a.txt": b"hello"}), "no workbook"),
        (zip_file(**{"xl/workbook.xml": b"<broken", "[Content_Types].xml": b"<broken"}), "no workbook"),
        (BOMB, "unpacks to more than 64 MiB"),
        (zip_file(**{f"part-{number}": b"" for number in range(300)}), "unpacks to more"),
        (zip_file(**{"[Content_Types].xml": ENTITIES}), "own XML entities"),
        (xlsx_file(["a"]), "no rows"),
        (xlsx_file(), "empty"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused_in_one_sentence(content: bytes, told: str) -> None:
    with pytest.raises(SheetError, match=told):
        read_xlsx(content)


def test_a_formula_of_a_workbook_is_seen_as_one_and_not_as_its_result() -> None:
    assert read_xlsx(xlsx_file(["hourly"], ["=1/10"])).rows == (("=1/10",),)


def test_a_cell_far_away_costs_no_memory() -> None:
    book = Workbook()
    book.active["A1"], book.active["A2"], book.active["XFD1048576"] = "hourly", 1, 2
    content = io.BytesIO()
    book.save(content)

    with pytest.raises(SheetError, match="more than 20,000 rows"):
        read_xlsx(content.getvalue())


@settings(max_examples=40)
@given(content=st.binary(max_size=300))
def test_no_file_breaks_the_readers(content: bytes) -> None:
    for read in (read_csv, read_xlsx):
        try:
            read(content)
        except SheetError as error:
            assert str(error).endswith((".", "it.", "anew."))


@settings(max_examples=40)
@given(cut=st.integers(0, 4000), to=st.integers(0, 255))
def test_no_damage_to_a_workbook_breaks_the_reader(cut: int, to: int) -> None:
    content = bytearray(xlsx_file(["a"], [1]))
    content[cut % len(content)] = to
    with suppress(SheetError):
        read_xlsx(bytes(content))
