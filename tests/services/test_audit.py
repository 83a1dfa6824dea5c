"""The audit: written with the deed or not at all, and changed by nobody."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from estimator.models import AuditEntry, Estimate, TrafficTarget
from estimator.models.audit import Verb
from estimator.services.approvals import approve_estimate
from estimator.services.audit import Actor, acting, record, record_export
from estimator.services.errors import Refused
from estimator.services.estimates import freeze_estimate
from estimator.services.shares import revoke_share, share_estimate
from estimator.services.targets import delete_target, save_target

pytestmark = pytest.mark.django_db
CONTENT: dict[str, Any] = {"rows": [], "refused": [], "traffic": {"currency": "USD"}}


def told() -> list[tuple[str, str, str, str]]:
    """Who did what to what, in the order in which it happened."""
    return list(AuditEntry.objects.order_by("id").values_list("actor", "verb", "noun", "label"))


def frozen(by: User) -> Estimate:
    return freeze_estimate(title="Budget 2027", target_name="Shop", content=CONTENT, created_by=by)


def test_the_life_of_an_estimate_is_told_with_names_and_numbers() -> None:
    author, controller = User.objects.create_user("author"), User.objects.create_user("controller")

    estimate = frozen(author)
    approve_estimate(estimate=estimate, by=controller)
    share = share_estimate(estimate=estimate, by=author)
    record_export("page behind a link", estimate, through=f"link {share.pk}")
    revoke_share(share=share, by=controller)
    revoke_share(share=share, by=controller)

    assert told() == [
        ("author", "froze", "estimate", "Budget 2027"),
        ("controller", "approved", "estimate", "Budget 2027"),
        ("author", "shared", "estimate", "Budget 2027"),
        ("", "exported", "estimate", "Budget 2027"),
        ("controller", "revoked", "estimate", "Budget 2027"),
    ]
    assert {entry.object_id for entry in AuditEntry.objects.all()} == {str(estimate.pk)}
    seen = AuditEntry.objects.get(verb="exported")
    assert (seen.through, seen.detail) == (f"link {share.pk}", "page behind a link")
    assert estimate.content_hash in AuditEntry.objects.get(verb="froze").detail


@pytest.mark.parametrize("sql", ["UPDATE {} SET actor = 'nobody'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_delete_an_entry(sql: str) -> None:
    record(Verb.ADDED, noun="target", label="Shop")

    refused = pytest.raises(IntegrityError, match="rows are only ever added")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(AuditEntry._meta.db_table))

    assert [label for *_, label in told()] == ["Shop"]


def test_a_deed_that_is_rolled_back_leaves_no_entry() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        frozen(User.objects.create_user("author"))
        raise ZeroDivisionError

    assert not Estimate.objects.exists()
    assert told() == []


def test_an_entry_that_cannot_be_written_takes_the_deed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise IntegrityError("no room")

    monkeypatch.setattr(AuditEntry.objects, "create", full)

    with pytest.raises(IntegrityError):
        save_target(TrafficTarget(name="Shop"), changes={"requests_per_day": Decimal(1000)})

    assert not TrafficTarget.objects.exists()


def test_what_was_refused_is_no_deed() -> None:
    author = User.objects.create_user("author")
    estimate = frozen(author)

    with pytest.raises(Refused):
        approve_estimate(estimate=estimate, by=author)

    assert [verb for _, verb, *_ in told()] == ["froze"]


def test_targets_name_the_fields_and_the_actor_of_the_request() -> None:
    with acting(lambda: Actor(name="analyst", through="key abcdefgh", address="192.0.2.7")):
        target = save_target(TrafficTarget(name="Shop"), changes={"requests_per_day": Decimal(1000)})
        save_target(target, changes={"headroom": 0.5})
        delete_target(target)

    assert [(verb, label) for _, verb, _, label in told()] == [
        ("added", "Shop"),
        ("changed", "Shop"),
        ("removed", "Shop"),
    ]
    entry = AuditEntry.objects.get(verb="changed")
    assert (entry.actor, entry.through, entry.address) == ("analyst", "key abcdefgh", "192.0.2.7")
    assert entry.detail == "headroom"


@pytest.mark.parametrize("address", ["", "unix:", "no address"])
def test_an_address_that_is_none_is_left_out(address: str) -> None:
    with acting(lambda: Actor(name="analyst", address=address)):
        record(Verb.ADDED, noun="target", label="x" * 900)

    entry = AuditEntry.objects.get()
    assert (entry.address, len(entry.label)) == (None, 200)


def test_a_command_acts_for_the_service_itself() -> None:
    call_command("load_catalogue", stdout=StringIO())

    entry = AuditEntry.objects.get(noun="exchange rate")
    assert (entry.actor, entry.through, entry.verb) == ("", "the service itself", "imported")
