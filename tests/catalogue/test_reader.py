"""The reader refuses a bad row in one sentence that names file, line, column and remedy."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from estimator.catalogue.reader import (
    HARDWARE_FILE,
    PRICES_FILE,
    CatalogueError,
    HardwareRow,
    PriceRow,
    parse_hardware,
    parse_prices,
    read_catalogue,
)

ORIGIN = {"source": "a list", "source_version": "1", "as_of": "2026-09-06", "licence": "MIT"}
HARDWARE = {
    "provider": "aws",
    "name": "m7i.large",
    "family": "m7i",
    "architecture": "x86_64",
    "vcpus": "2",
    "memory_mib": "8192",
    "vcpu_kind": "hyperthread",
    "cpu_vendor": "Intel",
    "cpu_model": "",
    "clock_ghz": "3.2",
    "single_thread_score": "",
    "burstable": "false",
    "network_mbps": "",
    "reference": "true",
    **ORIGIN,
}
PRICE = {
    "provider": "aws",
    "name": "m7i.large",
    "region": "us-east-1",
    "term": "on_demand",
    "upfront": "0",
    "hourly": "0.1008",
    "currency": "USD",
    **ORIGIN,
    "cross_check": "ok",
    "cross_check_note": "",
}


def as_csv(*rows: dict[str, str]) -> io.StringIO:
    lines = io.StringIO()
    writer = csv.DictWriter(lines, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    lines.seek(0)
    return lines


def hardware(**changes: str) -> tuple[HardwareRow, ...]:
    return parse_hardware(as_csv({**HARDWARE, **changes}), file_name="hardware.csv")


def prices(**changes: str) -> tuple[PriceRow, ...]:
    return parse_prices(as_csv({**PRICE, **changes}), file_name="prices.csv")


def test_prices_are_exact_decimals() -> None:
    (row,) = prices(hourly="0.00837643")
    assert row.hourly == Decimal("0.00837643")


def test_an_empty_optional_cell_is_unknown_and_not_zero() -> None:
    (row,) = hardware()
    assert (row.clock_ghz, row.single_thread_score, row.network_mbps) == (3.2, None, None)


@pytest.mark.parametrize(
    ("column", "value", "remedy"),
    [
        ("hourly", "0", "delete the row"),
        ("hourly", "", "delete the row"),
        ("hourly", "0.000", "delete the row"),
        ("hourly", "-0.1", "delete the row"),
        ("hourly", "cheap", "write it like 0.0956"),
        ("hourly", "NaN", "write it like 0.0956"),
        ("hourly", "Infinity", "write it like 0.0956"),
        ("upfront", "-1", "enter 0"),
        ("upfront", "", "write it like"),
        ("term", "reserved_5y", "use one of them"),
        ("cross_check", "fine", "use one of them"),
        ("currency", "usd", "write it like USD"),
        ("as_of", "06.09.2026", "write it like 2026-09-06"),
        ("source", "", "enter it"),
        ("licence", " ", "enter it"),
        ("region", "", "enter it"),
    ],
)
def test_a_bad_price_cell_is_refused_with_its_place_and_remedy(column: str, value: str, remedy: str) -> None:
    with pytest.raises(CatalogueError, match=remedy) as refused:
        prices(**{column: value})
    assert str(refused.value).startswith(f"prices.csv line 2 column {column}: {value!r} ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("column", "value", "remedy"),
    [
        ("vcpus", "0", "correct it"),
        ("vcpus", "2.5", "correct it"),
        ("vcpus", "²", "correct it"),
        ("memory_mib", "", "correct it"),
        ("vcpu_kind", "thread", "use one of them"),
        ("architecture", "amd64", "use one of them"),
        ("burstable", "yes", "use one of them"),
        ("clock_ghz", "0", "leave it empty"),
        ("network_mbps", "0", "correct it"),
        ("name", "", "enter it"),
    ],
)
def test_a_bad_hardware_cell_is_refused_with_its_place_and_remedy(column: str, value: str, remedy: str) -> None:
    with pytest.raises(CatalogueError, match=remedy) as refused:
        hardware(**{column: value})
    assert str(refused.value).startswith(f"hardware.csv line 2 column {column}: ")


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"prices.csv line 1 has an unknown column 'discount'"):
        prices(discount="10")


def test_a_missing_column_is_refused() -> None:
    row = {column: value for column, value in PRICE.items() if column != "licence"}
    with pytest.raises(CatalogueError, match="column licence 0 times"):
        parse_prices(as_csv(row), file_name="prices.csv")


@pytest.mark.parametrize("ending", [",extra", None])
def test_a_row_with_too_many_or_too_few_cells_is_refused(ending: str | None) -> None:
    heading, row, *_ = as_csv(PRICE).getvalue().split("\n")
    row = row + ending if ending else row.rpartition(",")[0]
    with pytest.raises(CatalogueError, match=r"prices.csv line 2 has not one cell per column"):
        parse_prices([heading, row], file_name="prices.csv")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(CatalogueError, match="line 1"):
        parse_prices([], file_name="prices.csv")


def test_a_repeated_price_is_refused_and_another_day_is_not() -> None:
    later = {**PRICE, "as_of": "2026-10-01", "hourly": "0.11"}
    assert len(parse_prices(as_csv(PRICE, later), file_name="prices.csv")) == 2
    with pytest.raises(CatalogueError, match=r"prices.csv line 4 repeats .* of line 2"):
        parse_prices(as_csv(PRICE, later, {**PRICE, "hourly": "0.2"}), file_name="prices.csv")


def test_a_price_of_a_type_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / HARDWARE_FILE).write_text(as_csv(HARDWARE).getvalue(), encoding="utf-8")
    (tmp_path / PRICES_FILE).write_text(as_csv({**PRICE, "name": "m9i.large"}).getvalue(), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"prices aws m9i.large, which hardware.csv does not have"):
        read_catalogue(tmp_path)
