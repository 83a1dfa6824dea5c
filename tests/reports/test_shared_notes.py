"""What holds for all stacks alike is told once below their bills, not in each row."""

from typing import Any

from estimator.reports.sheet import sheet_of
from tests.reports.test_sections import sheet

PRICE = {
    "region": "us-east-1",
    "hourly_price": "0.1",
    "currency": "USD",
    "priced_as_of": "2026-11-01",
    "price_source": "a list",
}
EMPTY = {**sheet().data, "rows": [], "answers": []}


def row(stack: str, hardware: str, *warnings: str) -> dict[str, Any]:
    cost = {"p10": "1.00", "p50": "2.00", "p90": "3.00"}
    common = {"stack": stack, "title": stack, "run": "1", "assumptions": [], "monthly_cost": cost, "instances": 3}
    return {**PRICE, **common, "hardware": hardware, "warnings": list(warnings)}


def shown(*rows: dict[str, Any]) -> tuple[tuple[str, ...], str | None]:
    found = sheet_of({**EMPTY, "rows": rows, "sweep": []})
    machine = found.shared_machine
    return found.shared_warnings, str(machine["hardware"]) if machine else None


def test_warning_and_machine_of_all_are_told_once() -> None:
    assert shown(row("a", "m7i.large", "indicative", "slow"), row("b", "m7i.large", "indicative")) == (
        ("indicative",),
        "m7i.large",
    )


def test_what_differs_stays_in_its_row() -> None:
    assert shown(row("a", "m7i.large", "slow"), row("b", "e2-medium", "indicative")) == ((), None)


def test_one_stack_alone_shares_nothing() -> None:
    assert shown(row("a", "m7i.large", "indicative")) == ((), None)
