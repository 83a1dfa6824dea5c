"""Who may press which button: every role against every change."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from estimator.models import TrafficTarget
from estimator.services.estimates import freeze_estimate
from estimator.services.shares import share_estimate
from tests.reports import measured_run
from tests.reports.test_run_pages import half_way

pytestmark = pytest.mark.django_db
MAY = {
    "": set(),
    "viewer": set(),
    "analyst": {"freeze", "reprice", "share", "revoke"},
    "operator": {"run", "cancel"},
    "admin": {"freeze", "reprice", "share", "revoke", "approve", "run", "cancel"},
}


def addresses() -> dict[str, str]:
    claim = half_way()
    target = TrafficTarget.objects.create(name="Shop", requests_per_day=1000)
    estimate = freeze_estimate(title="Budget", target_name="Shop", content={}, created_by=None)
    share = share_estimate(estimate=estimate, by=User.objects.create_user("colleague"))
    return {
        "share": f"/estimates/{estimate.pk}/share/",
        "revoke": f"/estimate-shares/{share.pk}/revoke/",
        "approve": f"/estimates/{estimate.pk}/approve/",
        "reprice": f"/estimates/{estimate.pk}/repriced/freeze/",
        "freeze": f"/reports/{target.pk}/freeze/",
        "run": f"/plans/{measured_run.register().pk}/run/",
        "cancel": f"/runs/{claim.run}/cancel/",
    }


@pytest.mark.parametrize("role", MAY)
def test_role_changes_what_it_may_and_nothing_else(client_of: Callable[[str], Client], role: str) -> None:
    client = client_of(role)

    answered = {name: client.post(address).status_code for name, address in addresses().items()}

    assert answered == {name: 302 if name in MAY[role] else 403 for name in answered}


def test_changes_are_never_made_by_reading(client_of: Callable[[str], Client]) -> None:
    client = client_of("admin")

    assert [client.get(address).status_code for address in addresses().values()] == [405] * 7


def test_change_without_the_page_s_token_is_refused(client_of: Callable[[str], Client]) -> None:
    trusting = client_of("admin")
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = trusting.cookies

    assert [careful.post(address).status_code for address in addresses().values()] == [403] * 7


@pytest.mark.parametrize("path", ["/", "/reports/", "/estimates/", "/runs/", "/plans/"])
def test_everybody_who_signed_in_may_read(client_of: Callable[[str], Client], path: str) -> None:
    assert client_of("viewer").get(path).status_code == 200
