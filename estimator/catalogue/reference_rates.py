"""The file of exchange rates: read into rows, and made again from the European Central Bank's.

`python -m estimator.catalogue.reference_rates --xml eurofxref-daily.xml --version WHERE_FROM` writes the shipped file.
"""

import argparse
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from estimator.catalogue.currencies import currency
from estimator.catalogue.reader import DATA, PRICE_COLUMNS, CatalogueError, Parser, parse_rows

FILE = "exchange_rates.csv"
KEY = ("base", "quote", "as_of")
_DAY = re.compile(r"""<Cube\s+time=['"](\d{4}-\d\d-\d\d)['"]""")
_RATE = re.compile(r"""<Cube\s+currency=['"]([A-Z]{3})['"]\s+rate=['"]([\d.]+)['"]""")

Row = Mapping[str, Any]


def _rate(value: str) -> Decimal:
    try:
        rate = Decimal(value)
    except InvalidOperation:
        raise ValueError("is not a decimal number; write it like 1.1298") from None
    if not (rate.is_finite() and rate > 0):
        raise ValueError("is not a rate above 0; correct it or delete the row")
    return rate


_COLUMNS: Mapping[str, Parser] = {
    "base": currency,
    "quote": currency,
    "rate": _rate,
    **{name: PRICE_COLUMNS[name] for name in ("source", "source_version", "as_of", "licence")},
}


def read_rates(directory: Path = DATA) -> tuple[Row, ...]:
    """The rates of a directory; none where it has no such file. Raises CatalogueError for a bad row."""
    path = directory / FILE
    if not path.exists():
        return ()
    with path.open(newline="", encoding="utf-8") as lines:
        return parse_rates(lines, file_name=FILE)


def parse_rates(lines: Iterable[str], *, file_name: str) -> tuple[Row, ...]:
    """Rates from CSV lines with a heading. Raises CatalogueError that names file, line, column and remedy."""
    return tuple(parse_rows(lines, columns=_COLUMNS, key=KEY, file_name=file_name))


def reference_rates(xml: str, *, source_version: str) -> list[str]:
    """CSV lines of the file from the Central Bank's eurofxref-daily.xml. Raises CatalogueError."""
    days, rates = _DAY.findall(xml), _RATE.findall(xml)
    if len(days) != 1 or not rates:
        raise CatalogueError("The file holds no rates of one day; save the Central Bank's eurofxref-daily.xml.")
    told = f'European Central Bank reference rates,"{source_version}",{days[0]},free reuse with the source named'
    return [",".join(_COLUMNS), *(f"EUR,{quote},{rate},{told}" for quote, rate in sorted(rates))]


def main() -> None:
    """Write the shipped file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--xml", type=Path, required=True, help="the Central Bank's eurofxref-daily.xml")
    parser.add_argument("--version", required=True, help="where the file was found")
    asked = parser.parse_args()
    lines = reference_rates(asked.xml.read_text(encoding="utf-8"), source_version=asked.version)
    parse_rates(lines, file_name=asked.xml.name)
    (DATA / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
