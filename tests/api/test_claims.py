"""Claims over the API: a verdict on each, with its run; and files that spreadsheets and documents take."""

import csv
import io
from typing import Any

from django.test import Client

from estimator.exports.claims import HEADER
from tests.api.conftest import World, a_claim
from tests.reports import measured_run


def body(answer: Any) -> str:
    return bytes(answer.content).decode()


def test_a_claim_stands_beside_the_newest_measurement_with_its_run(reader: Client, fresh_world: World) -> None:
    found = reader.get(f"/api/v1/claims/{fresh_world.claim.pk}").json()

    run = str(fresh_world.measured.run.pk)
    (finding,) = found["findings"]
    assert (found["claim_id"], found["runs"], finding["unit"]) == ("rps", [run], "req/s per core")
    assert finding["claimed"] == {"low": 525, "mid": 525, "high": 525}
    assert found["verdict"] in ("reproduced", "not reproduced")
    newer = measured_run.measure().run
    assert reader.get(f"/api/v1/claims/{fresh_world.claim.pk}").json()["runs"] == [str(newer.pk)]


def test_what_was_not_measured_has_no_findings(reader: Client) -> None:
    claim = a_claim()

    (found,) = reader.get("/api/v1/claims").json()["results"]

    assert (found["id"], found["findings"], found["ours"]) == (claim.pk, [], "not measured")
    assert found["verdict"] == "unsupported"


def test_claims_are_narrowed_by_set_topic_and_stack(reader: Client) -> None:
    claim = a_claim()
    sibling = {"claim_set": claim.claim_set, "claim_id": "memory", "topic": "memory", "check_by": "none", "unit": ""}
    type(claim).objects.create(**sibling, metric="memory", stack="flask")

    def found(query: str) -> list[str]:
        return [one["claim_id"] for one in reader.get(f"/api/v1/claims?{query}").json()["results"]]

    assert found(f"claim_set={claim.claim_set_id}") == ["memory", "rps"]
    assert found("topic=speed") == ["rps"]
    assert found("stack=flask") == ["memory"]
    assert reader.get("/api/v1/claims?verdict=x").status_code == 400


def test_the_csv_has_numbers_as_numbers_and_no_formula(reader: Client) -> None:
    a_claim(subject="=HYPERLINK(1)", metric="@SUM(1)", conditions="-1+1", contradiction="+1")

    answer = reader.get("/api/v1/claims.csv")
    (row,) = csv.DictReader(io.StringIO(body(answer).removeprefix("\ufeff")))

    assert tuple(row) == HEADER
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert (float(row["claimed_low"]), row["ours_mid"]) == (4200, "")
    dangerous = [row[name] for name in ("subject", "metric", "conditions", "contradiction")]
    assert dangerous == ["'=HYPERLINK(1)", "'@SUM(1)", "'-1+1", "'+1"]


def test_the_markdown_keeps_hostile_text_in_its_cell(reader: Client) -> None:
    a_claim(subject="a | b\n<img src=x>", metric="[x](javascript:1)")

    text = body(reader.get("/api/v1/claims.md"))

    (line,) = (line for line in text.splitlines() if "javascript" in line)
    assert "a \\| b \\<img src=x\\>" in line
    assert "\\[x\\](javascript:1)" in line
    assert "0 reproduced, 0 not reproduced, 1 unsupported, 0 inconsistent with itself" in text
