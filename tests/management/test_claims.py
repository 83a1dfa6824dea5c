"""`manage.py claims`: the same verdicts on the command line."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from estimator.catalogue.claims import load_claim_sets

pytestmark = pytest.mark.django_db
SET = "A published comparison of FastAPI, Flask and Django"


def printed(*arguments: str) -> str:
    output = StringIO()
    call_command("claims", *arguments, stdout=output)
    return output.getvalue()


def test_the_text_counts_verdicts_and_gives_each_claim_its_reasons() -> None:
    load_claim_sets()

    text = printed()

    assert text.startswith(f"{SET}: 0 reproduced, 0 not reproduced, 21 unsupported, 8 inconsistent with itself")
    assert "INCONSISTENT WITH ITSELF: Django (Gunicorn), p99 latency" in text
    assert "claimed 98 ms; ours not measured" in text
    assert max(map(len, text.splitlines())) <= 220


def test_json_has_counts_and_every_claim() -> None:
    load_claim_sets()

    (found,) = json.loads(printed("--json", "--set", SET))

    assert found["claim_set"] == SET
    assert found["counts"]["inconsistent with itself"] == 8
    assert len(found["claims"]) == sum(found["counts"].values()) == 29
    assert {"claim_id", "verdict", "ours", "why", "holds_if", "runs"} <= set(found["claims"][0])


def test_without_claims_it_says_how_to_get_some() -> None:
    with pytest.raises(CommandError, match="set_up"):
        printed()


def test_an_unknown_set_is_refused_with_those_there_are() -> None:
    load_claim_sets()

    with pytest.raises(CommandError, match="there is 'A published comparison"):
        printed("--set", "another")
