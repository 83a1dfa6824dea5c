"""Probes tell what is wrong, and are answered to anybody."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from estimator.services import heartbeats

NO_BROKER = "redis://127.0.0.1:1/0"


@pytest.fixture
def beating() -> None:
    heartbeats.beat(heartbeats.BENCH)


def checks(answer: Any) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in answer.json()["checks"]}


def test_healthz_answers_without_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "up"}


@pytest.mark.django_db
@pytest.mark.usefixtures("beating")
def test_readyz_is_ready_when_all_checks_pass(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert set(checks(answer)) == {"database", "migrations", "broker", "bench_worker"}
    assert checks(answer)["bench_worker"]["age_s"] < 30


@pytest.mark.django_db
def test_missing_bench_worker_degrades_but_keeps_serving(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert "wait until a bench worker starts" in checks(answer)["bench_worker"]["detail"]


@pytest.mark.django_db
def test_old_sign_of_life_counts_as_none(client: Client, settings: Any) -> None:
    heartbeats.beat(heartbeats.BENCH)
    settings.LEASE_S = -1.0

    assert client.get("/readyz").json()["status"] == "degraded"


@pytest.mark.django_db
@pytest.mark.usefixtures("beating")
def test_migration_that_is_not_applied_is_named_with_its_remedy(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert checks(answer)["migrations"]["detail"] == "1 not applied; run `manage.py migrate`"
    assert checks(answer)["database"]["passed"]


@pytest.mark.django_db
def test_missing_broker_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from estimator.celery import app

    monkeypatch.setattr(app.conf, "broker_write_url", NO_BROKER)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert checks(answer)["broker"] == {
        "name": "broker",
        "passed": False,
        "detail": "does not answer",
        "needed": True,
        "age_s": None,
    }


def test_beat_survives_a_missing_cache(settings: Any) -> None:
    backend = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": NO_BROKER}
    settings.CACHES = {"default": backend}

    assert heartbeats.beat("bench") is False
    assert heartbeats.age_s("bench") is None


def test_age_of_a_name_that_never_beat_is_unknown() -> None:
    assert heartbeats.age_s("nobody") is None
