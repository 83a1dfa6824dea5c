"""Reads CSV and XLSX files that people upload into rows of text, and trusts none of them."""

import csv
import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from estimator.catalogue.reader import CatalogueError

MIB = 1 << 20
LARGEST_FILE = 5 * MIB
MOST_ROWS = 20_000
_MOST_COLUMNS = 64
_LARGEST_UNPACKED = 64 * MIB
_MOST_PARTS = 200
# What openpyxl raises for files that are no workbooks, or broken ones.
_BROKEN = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,  # an encrypted part
    TypeError,
    ValueError,
)


class SheetError(CatalogueError):
    """A file cannot be read at all; the message holds the fact and the remedy."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Rows of text, each as wide as the heading. Row 1 of the file is the heading, `rows[0]` is its row 2."""

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    digest: str  # of the file


def read_csv(content: bytes) -> Sheet:
    """A file with commas and a heading, in UTF-8. Raises SheetError."""
    _refuse_size(content)
    try:
        text = content.decode("utf-8-sig")
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        return _sheet(rows, content=content)
    except UnicodeDecodeError:
        raise SheetError("The file is not UTF-8; save it as `CSV UTF-8`.") from None
    except csv.Error as error:
        raise SheetError(f"The file is no CSV ({error}); save it as `CSV UTF-8`.") from error


def read_xlsx(content: bytes) -> Sheet:
    """The first sheet of a workbook. Formulas come as their text, which starts with `=`. Raises SheetError."""
    _refuse_size(content)
    try:
        _refuse_bomb(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=_MOST_COLUMNS, values_only=True)
        return _sheet(([_text(cell) for cell in row] for row in rows), content=content)
    except CatalogueError:
        raise
    except _BROKEN as error:
        raise SheetError("The file is no workbook that can be read; save it as `Excel workbook (.xlsx)`.") from error


def _refuse_size(content: bytes) -> None:
    if len(content) > LARGEST_FILE:
        size = len(content) / MIB
        raise SheetError(f"The file has {size:.1f} MiB; at most {LARGEST_FILE // MIB} MiB are read: split it.")


def _refuse_bomb(content: bytes) -> None:
    """A workbook is a ZIP of XML: neither may swell."""
    with ZipFile(io.BytesIO(content)) as parts:
        members = parts.infolist()
        if len(members) > _MOST_PARTS or sum(part.file_size for part in members) > _LARGEST_UNPACKED:
            limit = _LARGEST_UNPACKED // MIB
            raise SheetError(f"The workbook unpacks to more than {limit} MiB; save the one sheet as CSV.")
        if any(b"<!DOCTYPE" in parts.read(part) for part in members):
            raise SheetError("The workbook defines its own XML entities, as no spreadsheet does; save it anew.")


def _text(cell: Any) -> str:
    """As a person would have typed it into a CSV file."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return str(cell.date()) if cell.time() == time(0) else cell.isoformat(" ")
    return str(cell) if isinstance(cell, str | int | float) else f"={type(cell).__name__}"  # array formulas


def _sheet(rows: Iterable[list[str]], *, content: bytes) -> Sheet:
    found = iter(rows)
    heading = _trimmed(next(found, []))
    if not heading:
        raise SheetError("The file is empty; its first row must name the columns.")
    body = []
    for number, cells in enumerate(found, start=2):
        if number > MOST_ROWS + 1:
            raise SheetError(f"The file has more than {MOST_ROWS:,} rows; split it.")
        row = _trimmed(cells)
        if len(row) > len(heading):
            raise SheetError(f"Row {number} has {len(row)} cells, the heading {len(heading)}; quote cells with commas.")
        body.append((*row, *[""] * (len(heading) - len(row))))
    while body and not any(body[-1]):
        body.pop()
    if not body:
        raise SheetError("The file has a heading and no rows; nothing is there to import.")
    return Sheet(heading=tuple(heading), rows=tuple(body), digest=sha256(content).hexdigest())


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end that spreadsheets leave behind."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
