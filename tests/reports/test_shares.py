"""Estimates in the hands of others: links without sign-in, approval by a second person, versions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from estimator.models import Estimate, EstimateApproval, EstimateShare
from estimator.queries.projections import cost_report, frozen_json, target_value
from estimator.services import shares
from estimator.services.approvals import approve_estimate
from estimator.services.errors import Refused
from estimator.services.estimates import Tampered, freeze_estimate
from estimator.services.shares import revoke_share, share_estimate
from tests.reports.test_run_pages import text

pytestmark = pytest.mark.django_db
People = Callable[[str], User]


@pytest.fixture
def estimate(measured: Any, person: People) -> Estimate:
    """What an analyst froze."""
    return frozen_by(person("analyst"), measured)


def frozen_by(author: User, target: Any) -> Estimate:
    content = frozen_json(cost_report(target=target_value(target)))
    return freeze_estimate(title="Budget 2027", target_name=target.name, content=content, created_by=author)


def link(estimate: Estimate, **fields: Any) -> EstimateShare:
    assert estimate.created_by is not None
    return share_estimate(estimate=estimate, by=estimate.created_by, **fields)


def test_link_shows_the_frozen_figures_to_a_stranger_and_to_no_robot(estimate: Estimate) -> None:
    token = link(estimate).plain_token
    lead = estimate.content["rows"][0]

    for path in (f"/shared/{token}/", f"/shared/{token}.csv"):
        answer = Client().get(path)

        assert answer.status_code == 200
        assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")
        assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
        assert lead["title"] in answer.getvalue().decode()
    page = Client().get(f"/shared/{token}/").content.decode()
    assert estimate.content_hash in page
    assert "Sign out" not in page and "/estimates/" not in page


def test_link_shows_nothing_once_it_is_revoked_or_over(estimate: Estimate) -> None:
    revoked, over = link(estimate), link(estimate, expires_at=timezone.now() + timedelta(seconds=0.3))
    revoke_share(share=revoked, by=revoked.created_by)
    while timezone.now() <= over.expires_at:  # type: ignore[operator]
        pass

    for token in (revoked.plain_token, over.plain_token, "unknown", "x" * 300):
        for path in (f"/shared/{token}/", f"/shared/{token}.csv"):
            assert Client().get(path).status_code == 404


def test_secret_of_a_link_is_stored_nowhere(estimate: Estimate) -> None:
    share = link(estimate)

    row = EstimateShare.objects.values().get()

    assert len(share.plain_token) >= 43
    assert share.plain_token not in str(row)


def test_edited_estimate_shows_no_figure_through_a_link_and_gets_no_new_one(estimate: Estimate) -> None:
    token = link(estimate).plain_token
    Estimate.objects.filter(pk=estimate.pk).update(cost_centre="1")

    page = Client().get(f"/shared/{token}/").content.decode()

    assert "cannot be trusted" in page
    assert estimate.content["rows"][0]["monthly_cost"]["p50"] not in page
    assert Client().get(f"/shared/{token}.csv").status_code == 500
    with pytest.raises(Tampered):
        link(Estimate.objects.get())


def test_one_address_cannot_try_links_without_end(estimate: Estimate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "TRIES_PER_MINUTE", 3)

    answers = [Client().get("/shared/guess/").status_code for _ in range(5)]

    assert answers == [404, 404, 404, 429, 429]


def test_analyst_makes_and_revokes_a_link_on_the_page(estimate: Estimate, client_of: Any) -> None:
    browser = Client()
    browser.force_login(estimate.created_by)  # type: ignore[arg-type]

    page = text(browser.post(f"/estimates/{estimate.pk}/share/", {"days": "7"}, follow=True))
    share = EstimateShare.objects.get()
    assert "/shared/" in page and share.expires_at is not None
    browser.post(f"/estimate-shares/{share.pk}/revoke/")

    share.refresh_from_db()
    assert (share.revoked_by, share.revoked_at is not None) == (estimate.created_by, True)
    assert "Revoke" not in text(browser.get(f"/estimates/{estimate.pk}/"))


@pytest.mark.parametrize("days", ["0", "-1", "x", "99999", "1.5"])
def test_link_with_a_nonsensical_end_is_not_made(estimate: Estimate, days: str) -> None:
    browser = Client()
    browser.force_login(estimate.created_by)  # type: ignore[arg-type]

    page = text(browser.post(f"/estimates/{estimate.pk}/share/", {"days": days}, follow=True))

    assert "enter a whole number" in page
    assert not EstimateShare.objects.exists()


def test_only_somebody_else_approves_and_only_once(estimate: Estimate, person: People) -> None:
    boss = person("admin")

    approve_estimate(estimate=estimate, by=boss)

    for by in (boss, estimate.created_by):
        with pytest.raises(Refused):
            approve_estimate(estimate=estimate, by=by)  # type: ignore[arg-type]
    approval = EstimateApproval.objects.get()
    assert (approval.approved_by, approval.content_hash) == (boss, estimate.content_hash)


def test_page_says_who_approved(estimate: Estimate, client_of: Any) -> None:
    browser = client_of("admin")
    assert "by nobody yet" in text(browser.get(f"/estimates/{estimate.pk}/"))

    page = text(browser.post(f"/estimates/{estimate.pk}/approve/", follow=True))

    assert "by admin" in page


def test_database_forgets_no_approval_and_no_link(estimate: Estimate, person: People) -> None:
    approve_estimate(estimate=estimate, by=person("admin"))
    share = link(estimate)
    revoke_share(share=share, by=share.created_by)

    for change in (
        EstimateApproval.objects.all().delete,
        lambda: EstimateApproval.objects.update(content_hash="0" * 64),
        EstimateShare.objects.all().delete,
        lambda: EstimateShare.objects.update(revoked_at=None, revoked_by=None),
        lambda: EstimateShare.objects.update(expires_at=None, token_hash="0" * 64),
    ):
        with pytest.raises(IntegrityError, match="rows are only ever added"), transaction.atomic():
            change()


def test_next_estimate_of_the_same_name_is_the_next_version(estimate: Estimate, measured: Any) -> None:
    second = frozen_by(estimate.created_by, measured)  # type: ignore[arg-type]

    assert (estimate.version, second.version, second.previous) == (1, 2, estimate)
    Estimate.objects.filter(pk=second.pk).update(version=3)
    with pytest.raises(Tampered):
        link(Estimate.objects.get(pk=second.pk))
