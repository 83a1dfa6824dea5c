"""Starting and cancelling runs: one row, one message, one end."""

import json
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from redis import Redis

from estimator import jobs
from estimator.models import BenchmarkPlan, Run, RunEvent, RunState
from estimator.services import runs
from tests.api.conftest import Keys, with_key
from tests.api.test_problems import assert_problem, fields
from tests.reports import measured_run


@pytest.fixture
def queue() -> Iterator[Redis]:
    """The real broker; its bench queue is empty before and after."""
    with Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("bench")
        yield broker
        broker.delete("bench")


def ids_told(queue: Redis) -> list[int]:
    """The run ids in the messages that wait for a bench worker."""
    headers = [json.loads(message)["headers"] for message in queue.lrange("bench", 0, -1)]
    assert {header["task"] for header in headers} <= {jobs.RUN_BENCHMARK}
    return [int(header["argsrepr"].strip("[](),")) for header in headers]


def start(client: Client, plan: BenchmarkPlan, **headers: str) -> Any:
    return client.post("/api/v1/runs", {"plan": plan.pk}, content_type="application/json", headers=headers)


@pytest.mark.django_db(transaction=True)
def test_an_accepted_run_is_a_row_and_a_message_after_commit(writer: Client, plan: BenchmarkPlan, queue: Redis) -> None:
    answer = start(writer, plan)

    run = Run.objects.get()
    assert answer.status_code == 202
    assert answer["Location"] == answer.json()["status_url"] == f"http://testserver/api/v1/runs/{run.pk}"
    assert (answer.json()["state"], run.requested_by.username if run.requested_by else "") == ("pending", "key-owner")
    assert ids_told(queue) == [run.pk]


def test_the_status_address_tells_how_it_goes_and_what_happened(writer: Client, plan: BenchmarkPlan) -> None:
    address = start(writer, plan)["Location"]
    assert runs.claim_run(Run.objects.get().pk, host=measured_run.host()) is not None

    body = writer.get(address).json()

    assert (body["state"], body["host"], body["attempt"]) == ("running", "this-machine", 1)
    assert [event["kind"] for event in body["events"]] == ["requested", "claimed"]
    assert "fence" not in body


@pytest.mark.parametrize("plan_id", [0, -1, 1.5, "one", None, True, {}, [], 10**30, 1e300])
def test_a_plan_that_is_none_starts_nothing(writer: Client, plan: BenchmarkPlan, plan_id: Any) -> None:
    answer = writer.post("/api/v1/runs", {"plan": plan_id}, content_type="application/json")

    assert fields(assert_problem(answer, status=400, name="invalid")) == {"plan"}
    assert not Run.objects.exists()


def test_a_plan_without_a_stack_that_serves_it_is_refused_by_field(writer: Client, plan: BenchmarkPlan) -> None:
    plan.stacks.clear()

    assert fields(assert_problem(start(writer, plan), status=422, name="refused")) == {"stacks"}


def test_a_full_queue_takes_no_more(writer: Client, plan: BenchmarkPlan, settings: Any) -> None:
    settings.MAXIMUM_QUEUED_RUNS = 1
    start(writer, plan)

    assert_problem(start(writer, plan), status=409, name="conflict")
    assert Run.objects.count() == 1


def test_the_same_idempotency_key_starts_one_run(writer: Client, plan: BenchmarkPlan) -> None:
    key = {"Idempotency-Key": str(uuid4())}

    answers = [start(writer, plan, **key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202] * 3
    assert len({answer["Location"] for answer in answers}) == 1
    assert Run.objects.count() == 1


def test_another_key_or_none_starts_another_run(writer: Client, plan: BenchmarkPlan) -> None:
    for headers in ({"Idempotency-Key": "a"}, {"Idempotency-Key": "b"}, {}, {}):
        start(writer, plan, **headers)

    assert Run.objects.count() == 4


def test_an_idempotency_key_belongs_to_its_plan(writer: Client, plan: BenchmarkPlan) -> None:
    other = BenchmarkPlan.objects.create(name="Other")
    start(writer, plan, **{"Idempotency-Key": "a"})

    answer = start(writer, other, **{"Idempotency-Key": "a"})

    assert fields(assert_problem(answer, status=422, name="refused")) == {"Idempotency-Key"}


@pytest.mark.django_db(transaction=True)
def test_equal_requests_at_once_start_one_run(secret: Keys, plan: BenchmarkPlan) -> None:
    client, found = secret("run"), []

    def ask() -> None:
        try:
            found.append(start(with_key(client), plan, **{"Idempotency-Key": "a"})["Location"])
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(found), len(set(found)), Run.objects.count()) == (6, 1, 1)


def test_a_waiting_run_is_cancelled_by_name_and_cancelling_again_changes_nothing(
    writer: Client, plan: BenchmarkPlan
) -> None:
    address = start(writer, plan)["Location"]

    first, second = writer.post(f"{address}/cancel"), writer.post(f"{address}/cancel")

    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert first.json()["reason"] == "cancelled by key-owner"
    assert second.json() == first.json()
    assert RunEvent.objects.filter(kind="cancelled").count() == 1


def test_a_measuring_run_is_cancelled_at_once(writer: Client, plan: BenchmarkPlan) -> None:
    address = start(writer, plan)["Location"]
    claim = runs.claim_run(Run.objects.get().pk, host=measured_run.host())
    assert claim is not None

    writer.post(f"{address}/cancel")

    assert not runs.is_current(claim)


def test_a_run_that_succeeded_cannot_be_cancelled(writer: Client, db: None) -> None:
    run = measured_run.measure().run

    body = assert_problem(writer.post(f"/api/v1/runs/{run.pk}/cancel"), status=409, name="conflict")

    assert "succeeded already" in body["detail"]
    assert Run.objects.get().state == RunState.SUCCEEDED


def test_a_run_that_does_not_exist_cannot_be_cancelled(writer: Client) -> None:
    assert_problem(writer.post("/api/v1/runs/987654321/cancel"), status=404, name="not-found")
