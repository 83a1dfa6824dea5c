"""Two runs compared for a pipeline: over the API and on the command line the same answer."""

import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from estimator.models import Estimate, Price, Run, RunState, TrafficTarget
from estimator.services.roles import ANALYST, VIEWER
from tests.api.conftest import signed_in
from tests.api.endpoints import schema
from tests.api.test_problems import assert_problem, fields
from tests.api.test_schema import _complaints
from tests.reports import measured_run

# FastAPI takes twice as much CPU as before, the others what they did.
SLOWER = {**measured_run.DEMANDS_S, "fastapi": 2 * measured_run.DEMANDS_S["fastapi"]}
BUSY = "10B/day"
Runs = tuple[int, int]


@pytest.fixture
def runs(price: Price) -> Runs:
    """Before the change, and after it."""
    return measured_run.measure().run.pk, measured_run.measure(demands_s=SLOWER).run.pk


def ask(client: Client, runs: Runs, **body: Any) -> Any:
    asked = {"base": runs[0], "head": runs[1], **({} if "target" in body else {"traffic": BUSY}), **body}
    return client.post("/api/v1/comparisons", asked, content_type="application/json")


def compared(client: Client, runs: Runs, **body: Any) -> dict[str, Any]:
    answer = ask(client, runs, **body)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def command(runs: Sequence[int], *arguments: str) -> str:
    output = StringIO()
    call_command("compare", *map(str, runs), *arguments, stdout=output)
    return output.getvalue()


def test_a_stack_that_got_slower_stops_the_pipeline_with_the_reason(reader: Client, runs: Runs) -> None:
    found = compared(reader, runs, max_increase_percent=5)

    assert not found["passed"]
    assert found["reason"].startswith("FastAPI on Uvicorn is ") and "dearer, more than 5 %" in found["reason"]
    verdicts = {row["stack"]: row["verdict"] for row in found["stacks"]}
    assert verdicts.pop("fastapi") == "dearer"
    assert set(verdicts) == {"flask", "django"} and set(verdicts.values()) <= {"same cost", "too close to call"}
    slower = found["stacks"][0]
    assert slower["increase_percent"] > 60 and slower["probability_dearer"] > 0.95
    assert slower["capacity_ratio"]["high"] < 1 and slower["capacity_ratio"]["basis"] == "stated prior"
    answers = schema()["paths"]["/api/v1/comparisons"]["post"]["responses"]
    assert _complaints(answers["200"]["content"]["application/json"]["schema"], found) == []
    for role in (VIEWER, ANALYST):  # whoever may read may ask: nothing is stored
        assert compared(signed_in(role), runs, max_increase_percent=500)["passed"]
    assert (Run.objects.count(), Estimate.objects.count()) == (2, 0)


def test_what_makes_no_sense_or_says_nothing_is_refused_by_field(reader: Client, runs: Runs) -> None:
    wrong: dict[str, Any] = {
        "head": 987654321,
        "base": "x",
        "max_increase_percent": -1,
        "max_cost_per_million": "much",
        "traffic": "lots",
        "monthly_budget": 5,
    }
    for field, value in wrong.items():
        answer = ask(reader, runs, **{field: value})
        assert fields(assert_problem(answer, status=400, name="invalid")) == {field}
    itself = ask(reader, (runs[0], runs[0]))
    Run.objects.filter(pk=runs[1]).update(host=measured_run.host("another-machine"))
    elsewhere = ask(reader, runs)
    Run.objects.filter(pk=runs[1]).update(state=RunState.CANCELLED, host=Run.objects.get(pk=runs[0]).host)
    cancelled = ask(reader, runs)

    assert fields(assert_problem(itself, status=422, name="refused")) == {"head"}
    assert "measured on two hosts" in assert_problem(elsewhere, status=422, name="refused")["detail"]
    assert "is cancelled" in assert_problem(cancelled, status=422, name="refused")["detail"]


def test_the_command_answers_like_the_api_and_ends_with_0_1_or_2(
    reader: Client, runs: Runs, standing: TrafficTarget
) -> None:
    printed = json.loads(command(runs, "--json", "--max-increase=500"))
    passed = command(runs, f"--traffic={BUSY}", "--max-increase=500%")
    with pytest.raises(CommandError, match="dearer, more than 5 %") as failed:
        command(runs, f"--traffic={BUSY}", "--max-increase", "5%")

    assert printed == compared(reader, runs, target=standing.pk, max_increase_percent=500)
    assert "FastAPI on Uvicorn dearer (+" in passed and "per million requests; capacity x 0." in passed
    assert "\nPassed. No stack exceeds an increase of 500 %" in passed
    assert failed.value.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [([], "There is no run 1"), (["--traffic=lots"], "traffic: "), (["--max-increase=much"], "is no amount")],
)
def test_what_cannot_be_compared_is_told_from_what_does_not_pass(
    db: None, arguments: list[str], complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint) as refused:
        command([1, 2], *arguments)

    assert refused.value.returncode == 2 or "argument" in str(refused.value)  # argparse itself ends with 2
