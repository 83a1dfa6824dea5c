"""How often one key may ask."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from estimator.api.throttling import PerKey, PerKeyCalculations
from tests.api.conftest import Keys, with_key
from tests.api.test_problems import assert_problem

Rates = Callable[..., None]


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> Rates:
    """Sets the rates; they are read when the module is."""

    def put(requests: str = "600/min", calculations: str = "60/min") -> None:
        monkeypatch.setattr(PerKey, "THROTTLE_RATES", {"requests": requests, "calculations": calculations})
        monkeypatch.setattr(PerKeyCalculations, "THROTTLE_RATES", PerKey.THROTTLE_RATES)

    return put


def test_a_key_that_asks_too_often_is_told_when_to_come_back(reader: Client, rates: Rates) -> None:
    rates(requests="3/min")

    answers = [reader.get("/api/v1/stacks") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert_problem(answers[-1], status=429, name="throttled")
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60


def test_each_key_has_its_own_rate(secret: Keys, rates: Rates) -> None:
    rates(requests="1/min")
    first, second = with_key(secret("read")), with_key(secret("read"))

    found = [client.get("/api/v1/stacks").status_code for client in (first, first, second, second)]

    assert found == [200, 429, 200, 429]


def test_calculations_have_a_rate_of_their_own(reader: Client, rates: Rates) -> None:
    rates(calculations="1/min")

    calculated = [reader.get("/api/v1/projections?traffic=1M/day").status_code for _ in range(2)]

    assert calculated == [409, 429]
    assert reader.get("/api/v1/stacks").status_code == 200


def test_a_refused_key_uses_up_nobodys_rate(secret: Keys, rates: Rates) -> None:
    rates(requests="1/min")
    text = secret("read")

    for _ in range(3):
        assert with_key(text[:-1] + "!").get("/api/v1/stacks").status_code == 401

    assert with_key(text).get("/api/v1/stacks").status_code == 200


def test_without_the_cache_everybody_is_served(reader: Client, rates: Rates, settings: Any) -> None:
    rates(requests="1/min")
    nowhere = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    here = settings.CACHES
    settings.CACHES = {"default": nowhere}

    found = [reader.get("/api/v1/stacks").status_code for _ in range(2)]

    settings.CACHES = here
    assert found == [200, 200]
    cache.clear()
