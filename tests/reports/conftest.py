"""The cast: people of each role, signed in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client

from estimator.services.roles import ensure_roles

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
