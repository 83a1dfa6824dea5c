"""CSV that spreadsheets read as it is meant: UTF-8 with a byte order mark, dot decimals, no cell that is a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

Cell = str | int | float | Decimal | None

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the local code page
# A spreadsheet takes a text that starts so for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


class _Line:
    """Where the csv module writes one line: it is handed on at once, so that nothing is held in memory."""

    text = ""

    def write(self, text: str) -> int:
        self.text = text
        return len(text)


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file, line by line, as RFC 4180 has it."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow(header)
    yield BYTE_ORDER_MARK + line.text
    for row in rows:
        writer.writerow([cell_text(cell) for cell in row])
        yield line.text


def cell_text(cell: Cell) -> str:
    """Numbers as plain decimals; text that a spreadsheet would calculate is marked as text by an apostrophe."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
    if isinstance(cell, int):
        return str(cell)
    return f"{cell if isinstance(cell, Decimal) else Decimal(str(cell)):f}"
