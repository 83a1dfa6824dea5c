"""Claim sets are entered row by row or as a file, all of it or nothing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from estimator.catalogue.reader import DATA
from estimator.models import Claim, ClaimSet
from tests.admin.cast import address, errors, signed_in, text

pytestmark = pytest.mark.django_db

SHIPPED = (DATA / "claims.csv").read_text(encoding="utf-8")
HEADING, FIRST, *_ = SHIPPED.splitlines()


def sent(client: Client, content: str | bytes, **fields: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    form = {"name": "A blog", "source": "a blog of 2026", "note": "", "file": SimpleUploadedFile("claims.csv", data)}
    return client.post(address(ClaimSet, "add"), form | fields)


def test_an_analyst_imports_a_whole_set_as_a_file() -> None:
    response = sent(signed_in("analyst"), "\ufeff" + SHIPPED)

    assert response.status_code == 302
    assert ClaimSet.objects.get().claims.count() == 29
    assert Claim.history.filter(history_type="+").count() == 29
    assert Claim.objects.get(claim_id="ratio_fastapi_django").to_domain().value_text == "7 to 8 ratio"


def test_a_file_with_a_wrong_row_names_it_and_changes_nothing() -> None:
    response = sent(signed_in("analyst"), SHIPPED.replace("52,52,ms", "52,5,ms"))

    assert errors(response)["file"][0].startswith("line 7: low and high")
    assert not ClaimSet.objects.exists()


def test_a_file_that_is_no_text_is_refused() -> None:
    assert "not UTF-8" in errors(sent(signed_in("analyst"), b"\xff\xfe\x00"))["file"][0]


def test_a_new_file_replaces_all_claims_of_its_set() -> None:
    client = signed_in("analyst")
    sent(client, SHIPPED)

    client.post(
        address(ClaimSet.objects.get(), "change"),
        {"name": "A blog", "source": "b", "file": SimpleUploadedFile("c.csv", f"{HEADING}\n{FIRST}".encode())},
    )

    assert [claim.claim_id for claim in ClaimSet.objects.get().claims.all()] == ["rps_json_fastapi"]


def test_a_claim_without_what_its_check_needs_is_refused_at_the_field() -> None:
    client = signed_in("analyst")
    sent(client, f"{HEADING}\n{FIRST}")
    form = {"claim_set": ClaimSet.objects.get().pk, "claim_id": "p99", "topic": "latency", "metric": "p99"}

    response = client.post(address(Claim, "add"), form | {"check_by": "crowd_p99", "unit": "ms"})

    assert set(errors(response)) == {"stack", "workload", "connections", "low"}


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_may_only_look_imports_nothing(role: str) -> None:
    client = signed_in(role)

    assert sent(client, SHIPPED).status_code == 403
    assert text(client.get(address(ClaimSet, "changelist")))
    assert not ClaimSet.objects.exists()
