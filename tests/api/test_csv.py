"""CSV for spreadsheets: typed, flat, and no cell is a formula."""

import csv
import io
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from estimator.domain.statistics import Interval
from estimator.exports.csv_text import BYTE_ORDER_MARK, cell_text, csv_lines
from estimator.exports.estimate_lines import estimate_lines
from estimator.services.estimates import freeze_estimate
from tests.api.conftest import World, frozen, refrozen

FINITE: Any = {"allow_nan": False, "allow_infinity": False}
NUMBERS = {
    "estimate_id",
    "requests_per_day",
    "slo_p99_ms",
    "month",
    "instances",
    *(f"instances_{part}" for part in ("p10", "p50", "p90")),
    *(f"{span}_cost_{part}" for span in ("monthly", "year") for part in ("p10", "p50", "p90")),
    "cost_per_million_requests",
    "headroom",
    "run",
}


def table(client: Client, path: str) -> list[dict[str, str]]:
    """The rows, as the csv module reads them."""
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.streaming
    text = answer.getvalue().decode()
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


def test_each_row_is_a_month_of_a_stack_on_a_machine_with_the_frozen_figures(reader: Client, world: World) -> None:
    rows = table(reader, f"estimates/{world.estimate.pk}.csv")

    expected = world.estimate.content["rows"]
    first = [row for row in rows if row["month"] == "1"]
    assert [(row["stack"], row["hardware"]) for row in first] == [(row["stack"], row["hardware"]) for row in expected]
    assert [round(Decimal(row["monthly_cost_p50"]), 2) for row in first] == [
        Decimal(row["monthly_cost"]["p50"]) for row in expected
    ]
    assert [row["month"] for row in rows] == [str(month) for month in range(1, 13)] * len(expected)
    assert {row["currency"] for row in rows} == {"USD"}
    assert {row["cost_scope"] for row in rows} == {"compute only"}
    assert {row["content_hash"] for row in rows} == {world.estimate.content_hash}


def test_months_add_up_to_the_year_exactly(reader: Client, world: World) -> None:
    growing = frozen("Growing", growth_per_month=Interval.exact(0.07))
    rows = table(reader, f"estimates/{growing.pk}.csv")

    assert len({row["requests_per_day"] for row in rows}) == 12
    for part in ("p10", "p50", "p90"):
        years = {(row["stack"], row["hardware"]): Decimal(row[f"year_cost_{part}"]) for row in rows}
        sums = dict.fromkeys(years, Decimal(0))
        for row in rows:
            sums[row["stack"], row["hardware"]] += Decimal(row[f"monthly_cost_{part}"])
        assert sums == years


def test_each_month_stands_for_the_calendar_month_after_the_freezing(reader: Client, world: World) -> None:
    estimate = world.estimate
    estimate.created_at = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)

    starts = [line.starts_at for line in estimate_lines(refrozen(estimate))][:3]

    assert starts == [
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2027, 2, 1, tzinfo=UTC),
    ]


def test_an_estimate_older_than_its_months_still_has_its_first(reader: Client, world: World) -> None:
    content = deepcopy(world.estimate.content)
    for row in content["rows"]:
        for name in ("months", "upfront_per_instance_month", "scenario"):
            del row[name]
    old = freeze_estimate(title="Old", target_name="Old", content=content, created_by=None)

    rows = table(reader, f"estimates/{old.pk}.csv")

    assert [row["monthly_cost_p50"] for row in rows] == [row["monthly_cost"]["p50"] for row in content["rows"]]
    assert [row["year_cost_p50"] for row in rows] == [row["year_cost"]["p50"] for row in content["rows"]]
    assert reader.get(f"/api/v1/estimates/{old.pk}.xlsx").getvalue()


def test_columns_of_numbers_hold_plain_decimals_and_nothing_else(reader: Client, world: World) -> None:
    for row in table(reader, "estimates.csv"):
        for name in NUMBERS:
            assert row[name].replace(".", "", 1).removeprefix("-").isdecimal(), (name, row[name])


def test_all_estimates_come_in_one_file_that_filters_narrow(reader: Client, world: World) -> None:
    other = frozen("Another", "Shop")

    assert {row["estimate_id"] for row in table(reader, "estimates.csv")} == {str(world.estimate.pk), str(other.pk)}
    assert {row["target"] for row in table(reader, "estimates.csv?target_name=Shop")} == {"Shop"}


def test_a_name_that_looks_like_a_formula_arrives_as_text(reader: Client, world: World) -> None:
    names = [f"{start}1+1" for start in ("=", "+", "-", "@", "\t", "\r")]
    for name in names:
        freeze_estimate(title=name, target_name=name, cost_centre=name, content=world.estimate.content, created_by=None)

    rows = table(reader, "estimates.csv")

    assert {row["estimate"] for row in rows} == {*(f"'{name}" for name in names), "Budget 2027"}
    assert {row["target"] for row in rows} == {*(f"'{name}" for name in names), "Ten million"}
    assert {row["cost_centre"] for row in rows} == {*(f"'{name}" for name in names), ""}


def test_a_name_with_quotes_commas_and_lines_stays_one_cell(reader: Client, world: World) -> None:
    name = 'a "b", c;\r\nd\u202e ü 漢'
    estimate = frozen(name)

    assert {row["estimate"] for row in table(reader, f"estimates/{estimate.pk}.csv")} == {name}


def test_a_refused_stack_has_its_reasons_and_no_figure(reader: Client, world: World) -> None:
    content = world.estimate.content
    refused = {"stack": "flask", "reasons": ["hangs", "=cmd"], "warnings": [], "run": "1"}
    estimate = freeze_estimate(
        title="A", target_name="B", created_by=None, content={**content, "rows": [], "refused": [refused]}
    )

    (row,) = table(reader, f"estimates/{estimate.pk}.csv")

    assert (row["stack"], row["refused_because"]) == ("flask", "hangs; =cmd")
    assert {row[name] for name in row if "cost_p" in name or name.startswith("instances")} == {""}


def test_an_empty_list_is_a_file_with_its_header(reader: Client) -> None:
    assert table(reader, "estimates.csv?cost_centre=nobody-s") == []


def test_an_unchanged_file_is_not_sent_again(reader: Client, world: World) -> None:
    address = f"/api/v1/estimates/{world.estimate.pk}.csv"
    etag = reader.get(address)["ETag"]

    again = reader.get(address, headers={"If-None-Match": etag})

    assert (again.status_code, again["ETag"], again.content) == (304, etag, b"")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_ever_becomes_a_formula_and_none_is_lost(text: str) -> None:
    lines = "".join(csv_lines(["a"], [[text, "end"]]))

    _, (cell, _) = csv.reader(io.StringIO(lines.removeprefix(BYTE_ORDER_MARK), newline=""))

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
    assert cell in (text, f"'{text}")


@given(st.integers() | st.floats(**FINITE) | st.decimals(**FINITE, places=6))
def test_every_number_stays_the_same_number_without_exponent(number: int | float | Decimal) -> None:
    text = cell_text(number)

    assert Decimal(text) == Decimal(str(number))
    assert "E" not in text.upper()
