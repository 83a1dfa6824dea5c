"""`manage.py estimate`: the documented shape, refusals in one sentence, and no server needed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from estimator.queries.projections import cost_report, standing_target, target_value
from tests.reports import measured_run

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module", autouse=True)
def catalogue(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Set up once for all tests of this file: each is rolled back to this, and this in the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("set_up", stdout=StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def measured(db: None) -> None:
    measured_run.measure()


def estimate(*arguments: str) -> str:
    output = StringIO()
    call_command("estimate", *arguments, stdout=output)
    return output.getvalue()


def estimate_json(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(estimate(*arguments, "--json"))
    return answer


@pytest.mark.usefixtures("measured")
def test_json_has_the_documented_shape() -> None:
    answer = estimate_json("10M/day", "--slo-p99-ms", "100")
    assert {"traffic", "rows", "verdict", "not_counted"} <= set(answer)
    documented = {
        "stack",
        "hardware",
        "region",
        "term",
        "instances",
        "currency",
        "monthly_cost",
        "cost_per_million_requests",
        "binding_constraint",
        "priced_as_of",
        "run",
    }
    assert all(documented <= set(row) for row in answer["rows"])
    assert {row["stack"] for row in answer["rows"]} == {"fastapi", "flask", "django"}


@pytest.mark.usefixtures("measured")
def test_money_is_a_decimal_string_in_rising_order() -> None:
    for row in estimate_json("10M/day")["rows"]:
        cost = row["monthly_cost"]
        assert Decimal(cost["p10"]) <= Decimal(cost["p50"]) <= Decimal(cost["p90"])
        assert row["currency"] == "USD"


@pytest.mark.usefixtures("measured")
def test_one_named_type_of_each_provider_and_the_cheapest_are_priced() -> None:
    rows = [row for row in estimate_json("10M/day")["rows"] if row["stack"] == "flask"]
    providers = {row["hardware"].partition(" ")[0] for row in rows if row["reference_type"]}
    assert providers >= {"aws", "azure", "gcp"}
    shown = min(Decimal(row["monthly_cost"]["p50"]) for row in rows)
    target = standing_target()
    assert target is not None
    everything = cost_report(target=target_value(target)).projection.rows_of("flask")
    assert shown == min(row.monthly_cost.p50.rounded() for row in everything)


@pytest.mark.usefixtures("measured")
def test_the_standing_example_needs_three_instances_and_not_six() -> None:
    reference = [row for row in estimate_json("10M/day")["rows"] if row["reference_type"]]
    assert {row["instances"] for row in reference} == {3}
    assert {row["binding_constraint"] for row in reference} == {"redundancy minimum"}


@pytest.mark.usefixtures("measured")
def test_the_table_names_capacity_cost_verdict_assumptions_and_what_is_not_counted() -> None:
    text = estimate("10M/day")
    for part in (
        "compute only",
        "capacity req/s",
        "P50",
        "Verdict: ",
        "Assumed, not measured:",
        "Not counted: ",
        "indicative",
    ):
        assert part in text
    assert "one vCPU does the work of one core" in text


@pytest.mark.usefixtures("measured")
def test_a_failed_stack_is_named_with_its_reason_and_the_others_are_costed() -> None:
    measured_run.measure(failing={"flask": "flask_app exited with code 1: no module named app"})
    text = estimate("10M/day")
    assert "No cost for Flask on Gunicorn: flask_app exited with code 1" in text
    assert {row["stack"] for row in estimate_json("10M/day")["rows"]} == {"fastapi", "django"}


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize("traffic", ["10Q/day", "ten", "-5/day", "0/day"])
def test_traffic_that_makes_no_sense_is_refused_with_exit_code_2(traffic: str) -> None:
    with pytest.raises(CommandError, match="traffic: ") as refused:
        estimate("--", traffic)
    assert refused.value.returncode == 2


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("option", "value", "field"),
    [
        ("--slo-p99-ms", "0", "slo_p99_ms"),
        ("--headroom", "-1", "headroom"),
        ("--budget", "0", "monthly_budget"),
        ("--growth", "much", "growth_per_month"),
    ],
)
def test_options_that_make_no_sense_are_refused_by_name(option: str, value: str, field: str) -> None:
    with pytest.raises(CommandError, match=f"{field}: ") as refused:
        estimate("10M/day", f"{option}={value}")
    assert refused.value.returncode == 2


@pytest.mark.usefixtures("measured")
def test_a_workload_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(CommandError, match=r"workload: there is no 'nobody'; choose one of .*user_lookup") as refused:
        estimate("10M/day", "--workload=nobody")
    assert refused.value.returncode == 2


@pytest.mark.django_db
@pytest.mark.parametrize("size", ["0", "-1", "2.5", "many"])
def test_a_size_of_disk_that_makes_no_sense_is_refused(size: str) -> None:
    with pytest.raises(CommandError, match=r"--disk-gb: .* is no whole number above 0"):
        estimate("10M/day", f"--disk-gb={size}")


@pytest.mark.usefixtures("measured")
def test_a_budget_is_answered_in_the_text_and_in_json() -> None:
    assert "A budget of USD 1.00 a month is already exceeded, by P50 and by P90." in estimate("10M/day", "--budget=1")

    answers = json.loads(estimate("10M/day", "--budget=1", "--json"))["answers"]
    assert {one["budget"]["first_month_over"]["p50"] for one in answers} == {1}


@pytest.mark.usefixtures("measured")
def test_growth_in_doubt_is_said_above_the_figures_and_widens_the_year() -> None:
    assert "headroom 25%, growth 2%/5%/9% a month" in estimate("10M/day", "--growth=2%/5%/9%")

    rows = estimate_json("1B/day", "--growth=2%/5%/9%")["rows"]
    assert all(Decimal(row["year_cost"]["p10"]) < Decimal(row["year_cost"]["p90"]) for row in rows)


@pytest.mark.usefixtures("measured")
def test_burstable_types_are_left_out_unless_allowed_and_then_bounded_by_what_they_sustain() -> None:
    left_out = {one["reason"]: one["hardware"] for one in estimate_json("10M/day")["excluded"]}
    assert "aws t3.nano" in left_out["burstable: it cannot sustain a benchmarked CPU"]

    allowed = estimate_json("1B/day", "--allow-burstable")
    assert not [one for one in allowed["excluded"] if "cannot sustain a benchmarked" in one["reason"]]


@pytest.mark.django_db
def test_without_measurements_it_says_which_command_makes_some() -> None:
    with pytest.raises(CommandError, match="make demo"):
        estimate("10M/day")


def test_it_works_with_the_service_down_and_stops_the_servers_it_started() -> None:
    var = settings.VAR_DIR / "service-down"
    shutil.rmtree(var, ignore_errors=True)
    keep = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
    environment = {name: value for name, value in os.environ.items() if name not in keep}
    argv = [sys.executable, "manage.py", "estimate", "10Q/day"]
    environment["VAR_DIR"] = str(var)
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip().count("\n") == 0
    assert "10Q/day" in done.stderr
    assert not list(var.rglob("postmaster.pid"))
