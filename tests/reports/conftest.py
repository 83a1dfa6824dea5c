"""The cast: people of each role, signed in; the standing example, and a measured run."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from estimator.catalogue.loader import load_catalogue
from estimator.catalogue.reader import Catalogue
from estimator.models import TrafficTarget
from estimator.services.first_start import ensure_targets
from estimator.services.roles import ensure_roles
from tests.catalogue.shipped import shipped_catalogue
from tests.kept import kept
from tests.reports import measured_run

PASSWORD = "correct horse battery staple"


@pytest.fixture
def person(db: None) -> Callable[[str], User]:
    """Make a person of a role; an empty role is a stranger with an account and nothing else."""
    ensure_roles()

    def make(role: str) -> User:
        user = User.objects.create_user(username=role or "stranger", password=PASSWORD)
        if role:
            user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def client_of(person: Callable[[str], User]) -> Callable[[str], Client]:
    """A browser in which a person of the role is signed in."""

    def make(role: str) -> Client:
        client = Client()
        client.force_login(person(role))
        return client

    return make


@pytest.fixture
def viewer(client_of: Callable[[str], Client]) -> Client:
    """Reads everything, changes nothing."""
    return client_of("viewer")


@pytest.fixture
def operator(client_of: Callable[[str], Client]) -> Client:
    """Runs benchmarks."""
    return client_of("operator")


@pytest.fixture
def analyst(client_of: Callable[[str], Client]) -> Client:
    """Freezes estimates."""
    return client_of("analyst")


@pytest.fixture(autouse=True)
def _plain_http(settings: Any) -> None:
    """As `manage.py up` serves it; and passwords hashed fast, since no test is about their strength."""
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _forgotten_tries() -> None:
    """Failed tries to sign in live in the cache, which no transaction rolls back."""
    cache.clear()


@pytest.fixture
def standing(db: None) -> TrafficTarget:
    """The standing example, with the shipped prices of the reference types and of some burstable ones."""
    return standing_example()


@pytest.fixture(scope="module")
def kept_measured(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The same, and all three stacks measured: made once for the tests of a file, each rolled back to it."""
    with kept(django_db_blocker):
        standing_example()
        measured_run.measure()
        yield


@pytest.fixture
def measured(kept_measured: None, db: None) -> TrafficTarget:
    """The standing example of a file whose tests all have the three stacks measured; not beside `standing`."""
    return TrafficTarget.objects.get(standing=True)


def standing_example() -> TrafficTarget:
    shipped = shipped_catalogue()
    hardware = tuple(row for row in shipped.hardware if row.reference or row.name.startswith("t3."))
    names = {row.name for row in hardware}
    prices = tuple(row for row in shipped.prices if row.name in names)
    load_catalogue(Catalogue(hardware=hardware, prices=prices))
    ensure_targets()
    return TrafficTarget.objects.get(standing=True)
