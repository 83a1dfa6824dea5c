"""Answers that are not sent twice: ETags on everything that is read, and 304 to whoever has it already."""

import pytest
from django.test import Client

from estimator.api.conditional import strong_etag, weak_etag
from estimator.models import Estimate
from tests.api.conftest import Keys, World, frozen, signed_in, with_key
from tests.api.endpoints import endpoints
from tests.api.test_targets_and_plans import send

GOES_ON = ("/api/v1/docs/",)  # a page for people


def test_everything_that_is_read_has_an_etag_and_is_not_sent_twice(reader: Client, world: World) -> None:
    addresses = [one.address(world) for one in endpoints() if one.reads and one.template not in GOES_ON]

    for address in addresses:
        first = reader.get(address)
        again = reader.get(address, headers={"If-None-Match": first["ETag"]})

        assert first.status_code == 200 and first.getvalue(), address
        assert (again.status_code, again.getvalue()) == (304, b""), address
        for header in ("ETag", "Cache-Control", "Vary"):
            assert again[header] == first[header], address


@pytest.mark.parametrize("path", ["nothing", "stacks?x=1", "plans/0", "estimates.csv?x=1", "projections"])
def test_an_error_has_no_etag(reader: Client, path: str) -> None:
    answer = reader.get(f"/api/v1/{path}", headers={"If-None-Match": "*"})

    assert answer.status_code in (400, 404)
    assert "ETag" not in answer


def test_a_refusal_has_no_etag_and_is_never_taken_for_what_was_kept(world: World, secret: Keys) -> None:
    kept = with_key(secret("read")).get("/api/v1/stacks")["ETag"]

    for client in (Client(), with_key(secret("run")), with_key("unknown")):
        answer = client.get("/api/v1/stacks", headers={"If-None-Match": kept})
        assert answer.status_code in (401, 403)
        assert "ETag" not in answer


def test_answers_depend_on_who_asks(world: World, reader: Client) -> None:
    for answer in (reader.get("/api/v1/stacks"), signed_in("viewer").get("/api/v1/stacks")):
        assert set(answer["Cache-Control"].split(", ")) == {"private", "no-cache"}
        assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))


@pytest.mark.parametrize("named", ["*", '"x", {}', "W/{}", 'W/"a", {}, "b"'])
def test_any_way_to_name_an_etag_is_understood(reader: Client, world: World, named: str) -> None:
    etag = reader.get("/api/v1/stacks")["ETag"]

    assert reader.get("/api/v1/stacks", headers={"If-None-Match": named.format(etag)}).status_code == 304


@pytest.mark.parametrize("named", ["", "nonsense", '"x"', 'W/"x"'])
def test_another_etag_is_answered_in_full(reader: Client, world: World, named: str) -> None:
    assert reader.get("/api/v1/stacks", headers={"If-None-Match": named}).status_code == 200


def test_a_head_tells_the_etag_that_a_get_has(reader: Client, world: World) -> None:
    assert reader.head("/api/v1/stacks")["ETag"] == reader.get("/api/v1/stacks")["ETag"]


def test_json_has_a_strong_etag_and_a_file_a_weak_one(reader: Client, world: World) -> None:
    assert reader.get("/api/v1/stacks")["ETag"].startswith('"')
    for path in ("estimates.csv", f"estimates/{world.estimate.pk}.xlsx", f"runs/{world.measured.run.pk}/latency.hlog"):
        assert reader.get(f"/api/v1/{path}")["ETag"].startswith('W/"'), path


def test_the_file_of_all_estimates_changes_with_each_estimate_and_each_filter(reader: Client, world: World) -> None:
    path = "/api/v1/estimates.csv"
    before = reader.get(path)["ETag"]
    filtered = reader.get(f"{path}?target_name=nobody")["ETag"]

    frozen("Another")

    assert len({before, filtered, reader.get(path)["ETag"]}) == 3
    assert reader.get(path, headers={"If-None-Match": before}).status_code == 200
    assert reader.get(f"{path}?target_name=nobody", headers={"If-None-Match": filtered}).status_code == 304


def test_an_edited_estimate_is_refused_to_whoever_has_its_file_already(reader: Client, world: World) -> None:
    path = f"/api/v1/estimates/{world.estimate.pk}.csv"
    etag = reader.get(path)["ETag"]
    Estimate.objects.filter(pk=world.estimate.pk).update(title="Another")

    assert reader.get(path, headers={"If-None-Match": etag}).status_code == 500


def test_writing_is_never_answered_with_304(writer: Client, world: World) -> None:
    path = f"/api/v1/traffic-targets/{world.target.pk}"

    answer = writer.patch(path, {"headroom": 0.4}, content_type="application/json", headers={"If-None-Match": "*"})

    assert (answer.status_code, "ETag" in answer) == (200, False)
    assert send(writer, "PATCH", path.removeprefix("/api/v1/"), {"headroom": 0.3}).status_code == 200


def test_etags_differ_with_what_they_are_made_of() -> None:
    assert strong_etag(b"a") != strong_etag(b"b")
    assert weak_etag(["a", "bc"]) != weak_etag(["ab", "c"])
