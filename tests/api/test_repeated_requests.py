"""Idempotency-Key on every POST: done once, answered the same, for a day."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from estimator.models import AnsweredRequest, BenchmarkPlan, Estimate, EstimateShare, Run, TrafficTarget
from estimator.services.repeated_requests import KEPT_FOR, forget_old_answers
from estimator.services.runs import request_run
from tests.api.conftest import Keys, World, with_key
from tests.api.endpoints import Endpoint, endpoints
from tests.api.test_problems import assert_problem, fields

TARGET = {"name": "Shop", "requests_per_day": 2_500_000}
POSTS = [one for one in endpoints() if one.method == "POST" and not one.template.endswith("/comparisons")]
KEY = {"Idempotency-Key": "order 4711"}


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(f"/api/v1/{path}", text, content_type="application/json", headers=headers or KEY)


@pytest.mark.parametrize("endpoint", POSTS, ids=str)
def test_every_post_is_carried_out_once_and_answered_the_same(
    endpoint: Endpoint, administrator: Client, fresh_world: World
) -> None:
    address = endpoint.address(fresh_world)
    if endpoint.template.endswith("/cancel"):
        address = f"/api/v1/runs/{request_run(plan=fresh_world.measured.plan).pk}/cancel"

    first, again = (
        administrator.post(address, endpoint.body(fresh_world), content_type="application/json", headers=KEY)
        for _ in range(2)
    )

    assert first.status_code in (200, 201, 202), first.content
    assert again.status_code == first.status_code
    assert (again.get("Location"), again["Idempotent-Replayed"]) == (first.get("Location"), "true")
    told_once = {"address"} & set(first.json())
    assert {**first.json(), **dict.fromkeys(told_once)} == again.json()
    assert "Idempotent-Replayed" not in first


def test_a_repeated_request_stores_nothing_twice(writer: Client, fresh_world: World) -> None:
    targets, estimates = TrafficTarget.objects.count(), Estimate.objects.count()

    for _ in range(3):
        post(writer, "traffic-targets", TARGET)
        post(writer, "estimates", {"traffic": "1M/day"}, **{"Idempotency-Key": "another"})

    assert (TrafficTarget.objects.count(), Estimate.objects.count()) == (targets + 1, estimates + 1)


def test_the_same_values_written_in_another_way_are_the_same_request(writer: Client) -> None:
    post(writer, "traffic-targets", '{"name": "Shop", "requests_per_day": 5}')

    again = post(writer, "traffic-targets/", ' {"requests_per_day":5, "name":"\\u0053hop"}')

    assert again["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(("path", "body"), [("traffic-targets", {**TARGET, "zones": 2}), ("estimates", TARGET)])
def test_a_key_that_came_with_another_request_is_refused_by_name(writer: Client, path: str, body: Any) -> None:
    post(writer, "traffic-targets", TARGET)

    answer = post(writer, path, body)

    assert fields(assert_problem(answer, status=422, name="refused")) == {"Idempotency-Key"}
    assert TrafficTarget.objects.count() == 1


def test_what_was_refused_may_be_mended_under_the_same_key(writer: Client) -> None:
    refused = post(writer, "traffic-targets", {"name": "Shop"})

    mended = post(writer, "traffic-targets", TARGET)

    assert (refused.status_code, mended.status_code) == (400, 201)


def test_a_row_that_was_changed_or_removed_meanwhile_is_told_as_it_was(writer: Client) -> None:
    first = post(writer, "traffic-targets", TARGET)
    TrafficTarget.objects.all().delete()

    again = post(writer, "traffic-targets", TARGET)

    assert (again.status_code, again.json()) == (201, first.json())
    assert not TrafficTarget.objects.exists()


def test_two_people_may_use_the_same_idempotency_key(writer: Client, secret: Keys, django_user_model: Any) -> None:
    other = with_key(secret("run", owner=django_user_model.objects.create_superuser("other")))

    post(writer, "traffic-targets", TARGET)
    answer = post(other, "traffic-targets", {**TARGET, "name": "Theirs"})

    assert (answer.status_code, answer.json()["name"]) == (201, "Theirs")


def test_a_person_s_keys_share_their_idempotency_keys(writer: Client, secret: Keys) -> None:
    first = post(writer, "traffic-targets", TARGET)

    assert post(with_key(secret("run")), "traffic-targets", TARGET).json() == first.json()


def test_a_link_s_secret_is_told_once_and_stored_nowhere(writer: Client, fresh_world: World) -> None:
    first, again = (post(writer, "estimate-shares", {"estimate": fresh_world.estimate.pk}) for _ in range(2))

    secret = first.json()["address"].rstrip("/").rpartition("/")[2]
    assert (again.json()["id"], again.json()["address"]) == (first.json()["id"], None)
    assert EstimateShare.objects.count() == 2  # with the fresh_world's own
    assert secret not in str(list(AnsweredRequest.objects.values()))


def test_neither_keys_nor_who_used_them_are_kept_in_words(writer: Client) -> None:
    post(writer, "traffic-targets", TARGET)

    assert "4711" not in str(list(AnsweredRequest.objects.values()))


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_idempotency_key_has_a_length(writer: Client, key: str) -> None:
    answer = post(writer, "traffic-targets", TARGET, **{"Idempotency-Key": key})

    assert fields(assert_problem(answer, status=400, name="invalid")) == {"Idempotency-Key"}


@pytest.mark.django_db(transaction=True)
def test_equal_requests_at_once_make_one_row_and_get_one_answer(secret: Keys) -> None:
    key, found = secret("run"), []

    def ask() -> None:
        try:
            found.append(post(with_key(key), "traffic-targets", TARGET))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in found] == [201] * 6
    assert len({answer["Location"] for answer in found}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in found) == 1
    assert TrafficTarget.objects.count() == AnsweredRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_when_the_first_of_two_equal_requests_fails_the_second_is_carried_out(
    secret: Keys, plan: BenchmarkPlan, settings: Any
) -> None:
    settings.MAXIMUM_QUEUED_RUNS = 0
    client = with_key(secret("run"))
    refused = post(client, "runs", {"plan": plan.pk})
    settings.MAXIMUM_QUEUED_RUNS = 1

    answer = post(client, "runs", {"plan": plan.pk})

    assert (refused.status_code, answer.status_code, Run.objects.count()) == (409, 202, 1)


def test_answers_are_forgotten_after_a_day(writer: Client) -> None:
    post(writer, "traffic-targets", TARGET)
    assert forget_old_answers() == 0

    AnsweredRequest.objects.update(asked_at=timezone.now() - KEPT_FOR - timedelta(seconds=1))

    assert forget_old_answers() == 1
    assert post(writer, "traffic-targets", {**TARGET, "name": "Another"}).status_code == 201
