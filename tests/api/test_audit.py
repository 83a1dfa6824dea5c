"""The audit over HTTP: who, by which key or link, from where; for administrators only."""

from typing import Any

import pytest
from django.test import Client

from estimator.models import ApiKey, AuditEntry
from estimator.services.shares import share_estimate
from tests.api.conftest import Keys, World, member, signed_in, with_key


def entries(verb: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(verb=verb).order_by("id"))


def test_a_key_is_named_with_its_owner_and_address(writer: Client, world: World) -> None:
    answer = writer.patch(
        f"/api/v1/traffic-targets/{world.target.pk}", {"headroom": 0.5}, content_type="application/json"
    )

    assert answer.status_code == 200
    (entry,) = entries("changed")
    assert (entry.actor, entry.through) == ("key-owner", f"key {ApiKey.objects.get().prefix}")
    assert (entry.noun, entry.label, entry.detail) == ("traffic target", "Ten million", "headroom")
    assert entry.address == "127.0.0.1"


@pytest.mark.parametrize("ending", ["csv", "xlsx", "focus.csv", "md"])
def test_a_file_that_leaves_is_told_and_one_that_did_not_change_is_not(
    ending: str, reader: Client, world: World
) -> None:
    address = f"/api/v1/estimates/{world.estimate.pk}.{ending}"
    first = reader.get(address)
    again = reader.get(address, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    (entry,) = entries("exported")
    assert (entry.noun, entry.object_id) == ("estimate", str(world.estimate.pk))
    assert entry.detail == f"estimate-{world.estimate.pk}.{ending}"


def test_the_file_of_all_estimates_is_told_with_its_filter(reader: Client, world: World) -> None:
    reader.get("/api/v1/estimates.csv?cost_centre=4711")

    (entry,) = entries("exported")
    assert (entry.label, entry.detail) == ("estimates.csv", "cost_centre=4711")


def test_a_link_is_named_where_nobody_signed_in(world: World) -> None:
    share = share_estimate(estimate=world.estimate, by=member("sharer", "analyst"))

    for path in (f"/shared/{share.plain_token}/", f"/shared/{share.plain_token}.csv"):
        assert Client().get(path).status_code == 200

    assert [(entry.actor, entry.through) for entry in entries("exported")] == [("", f"link {share.pk}")] * 2
    assert share.plain_token not in str(list(AuditEntry.objects.values()))


def test_administrators_read_and_filter_it_and_nobody_writes_it(world: World, secret: Keys) -> None:
    admin = signed_in("admin")

    found = admin.get(f"/api/v1/audit-entries?verb=froze&object_id={world.estimate.pk}").json()["results"]

    assert [(one["verb"], one["label"]) for one in found] == [("froze", world.estimate.title)]
    assert signed_in("analyst").get("/api/v1/audit-entries").status_code == 403
    key = with_key(secret("read", "run"))
    for method in ("post", "put", "patch", "delete"):
        answer: Any = getattr(key, method)(f"/api/v1/audit-entries/{found[0]['id']}")
        assert answer.status_code == 405


def test_the_admin_pages_tell_what_was_entered_changed_and_deleted(world: World, client: Client) -> None:
    person = member("keeper", "admin")
    person.is_staff = True
    person.save()
    client.force_login(person, "estimator.services.sign_in.ThrottledBackend")
    rate = {"base": "EUR", "quote": "CHF", "rate": "0.9437", "as_of": "2026-10-01", "source": "a central bank"}

    assert client.post("/admin/estimator/exchangerate/add/", rate).status_code == 302
    made = entries("added")[-1]
    changed = client.post(f"/admin/estimator/exchangerate/{made.object_id}/change/", {**rate, "rate": "0.95"})
    chosen = {"action": "delete_selected", "_selected_action": made.object_id, "post": "yes"}
    deleted = client.post("/admin/estimator/exchangerate/", chosen)

    assert (changed.status_code, deleted.status_code) == (302, 302)
    own = AuditEntry.objects.filter(noun="exchange rate", object_id=made.object_id).order_by("id")
    assert [(entry.actor, entry.verb) for entry in own] == [
        ("keeper", "added"),
        ("keeper", "changed"),
        ("keeper", "removed"),
    ]
    assert "rate" in own[1].detail.lower()
