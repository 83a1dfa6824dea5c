"""Workbooks as Office Open XML (ECMA-376), written row by row: memory does not grow with the number of rows.

Formulas carry the value they had when the file was written, so that a viewer that calculates nothing shows it too.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, count, islice
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from estimator.exports.csv_text import FORMULA_STARTS

ROWS_OF_A_SHEET = 500_000  # below Excel's 1,048,576, and a sheet stays below 2 GiB before it is packed
LONGEST_TEXT = 32_767  # characters in a cell
_MADE = (1980, 1, 1, 0, 0, 0)  # the same rows make the same bytes
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 has no way to write these
_PLAIN, _BOLD, _TEXT, _MONEY = range(4)


@dataclass(frozen=True, kw_only=True)
class Formula:
    """`text` without the sign of equality; `value` is what it gives now."""

    text: str
    value: Decimal


XlsxCell = str | int | float | Decimal | Formula | None
Row = Sequence[XlsxCell]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A name of at most 31 characters, rows, and how many of them are headings. `widths` in characters."""

    name: str
    rows: Iterable[Row]
    headings: int = 1
    widths: Sequence[int] = ()


def workbook(sheets: Iterable[Sheet]) -> Iterator[bytes]:
    """The file in pieces. A sheet with more rows than fit goes on in a next one, with its headings."""
    sink = _Sink()
    names: list[str] = []
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name, sheet in chain.from_iterable(map(_parts, sheets)):
            names.append(name)
            with archive.open(_entry(f"xl/worksheets/sheet{len(names)}.xml"), "w") as file:
                for xml in _sheet_xml(sheet):
                    file.write(xml.encode("utf-8", "replace"))
                    yield sink.take()
        for path, text in _around(names):
            archive.writestr(_entry(path), text)
    yield sink.take()


class _Sink(io.RawIOBase):
    """Where the archive writes to: cannot seek, and hands on what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def _entry(path: str) -> ZipInfo:
    entry = ZipInfo(path, _MADE)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _parts(sheet: Sheet) -> Iterator[tuple[str, Sheet]]:
    """One sheet, or as many as its rows need; each is written before the next is asked for."""
    rows = iter(sheet.rows)
    headings = list(islice(rows, sheet.headings))
    room = ROWS_OF_A_SHEET - len(headings)
    yield sheet.name, replace(sheet, rows=chain(headings, islice(rows, room)))
    for number in count(2):
        start = list(islice(rows, 1))
        if not start:
            return
        yield f"{sheet.name} {number}", replace(sheet, rows=chain(headings, start, islice(rows, room - 1)))


def _sheet_xml(sheet: Sheet) -> Iterator[str]:
    yield f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    if sheet.headings:
        yield f'<pane ySplit="{sheet.headings}" topLeftCell="A{sheet.headings + 1}" state="frozen"/>'
    yield "</sheetView></sheetViews>"
    if sheet.widths:
        columns = (f'<col min="{i}" max="{i}" width="{w}" customWidth="1"/>' for i, w in enumerate(sheet.widths, 1))
        yield f"<cols>{''.join(columns)}</cols>"
    yield "<sheetData>"
    for number, row in enumerate(sheet.rows, 1):
        cells = (_cell_xml(f"{column_name(i)}{number}", cell, number <= sheet.headings) for i, cell in enumerate(row))
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData></worksheet>"


def _cell_xml(place: str, cell: XlsxCell, heading: bool) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        style = _BOLD if heading else _TEXT if cell.startswith(FORMULA_STARTS) else _PLAIN
        text = escape(_FORBIDDEN.sub("\ufffd", cell)[:LONGEST_TEXT])
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    if isinstance(cell, Formula):
        return f'<c r="{place}" s="{_MONEY}"><f>{escape(cell.text)}</f><v>{cell.value:f}</v></c>'
    return f'<c r="{place}"><v>{Decimal(str(cell)):f}</v></c>'


def row_number(index: int, *, headings: int = 1) -> int:
    """Where the row with this index below the headings stands, in whichever sheet that is."""
    return headings + 1 + index % (ROWS_OF_A_SHEET - headings)


def column_name(index: int) -> str:
    """A for 0, Z for 25, AA for 26."""
    higher, letter = divmod(index, 26)
    return (column_name(higher - 1) if higher else "") + chr(ord("A") + letter)


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Styles in the order of the constants above: plain, headings, text that only looks like a formula, money.
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.00"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4">'
    '<xf fontId="0"/><xf fontId="1" applyFont="1"/><xf fontId="0" quotePrefix="1"/>'
    '<xf numFmtId="164" fontId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _around(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """All files of the package beside the sheets."""
    numbers = range(1, len(names) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
    )
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{overrides}</Types>',
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    listed = [*(("worksheet", f"worksheets/sheet{n}.xml") for n in numbers), ("styles", "styles.xml")]
    yield "xl/_rels/workbook.xml.rels", _relations(listed)
    sheets = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets>'
        '<calcPr fullCalcOnLoad="1"/></workbook>',
    )
    yield "xl/styles.xml", _STYLES


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
