import hashlib
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.answers import is_right
from benchmarks.seed_data import USER_COUNT, article_row, user_token
from benchmarks.workloads import (
    WORKLOADS,
    PreparedRequest,
    UnknownWorkload,
    request_ring,
    workload_facts,
    wrong_token_request,
)
from estimator.domain.measuring.workload import STATEMENTS

every_workload = pytest.mark.parametrize("workload", WORKLOADS)


@every_workload
@given(seed=st.integers(), size=st.integers(min_value=1, max_value=20))
@settings(max_examples=20, deadline=None)
def test_same_seed_gives_the_same_ring(workload: str, seed: int, size: int) -> None:
    first = request_ring(workload, "/path", seed, size)

    assert first == request_ring(workload, "/path", seed, size)
    assert len(first) == size
    assert all(request.path.partition("?")[0] == "/path" for request in first)


@every_workload
def test_every_request_says_what_is_right(workload: str) -> None:
    for request in request_ring(workload, "/path", 1, size=20):
        assert (request.expected_json is None) != (request.expected_text is None)
        assert not right(request, b"")
        assert not right(request, b'{"detail":"Not found"}')


@every_workload
def test_no_row_is_hot(workload: str) -> None:
    ring = request_ring(workload, "/path", 5, size=min(500, WORKLOADS[workload].ring_size))

    assert len({(one.path, one.headers, one.body) for one in ring}) == (1 if workload == "json" else len(ring))


def test_facts_name_the_statements_of_the_domain() -> None:
    assert {slug: facts.statements for slug, facts in WORKLOADS.items()} == STATEMENTS


def right(request: PreparedRequest, body: bytes) -> bool:
    return is_right(body, expected_json=request.expected_json, expected_text=request.expected_text)


def test_another_seed_gives_another_ring() -> None:
    assert request_ring("user_lookup", "/user", 1) != request_ring("user_lookup", "/user", 2)


def test_ring_leaves_the_global_generator_alone() -> None:
    before = random.getstate()

    request_ring("user_lookup", "/user", 1)

    assert random.getstate() == before


def test_no_user_is_looked_up_twice_in_a_ring() -> None:
    ring = request_ring("user_lookup", "/user", 7, size=USER_COUNT)

    assert len({request.headers for request in ring}) == USER_COUNT


def test_lookup_expects_the_owner_of_its_token() -> None:
    for request in request_ring("user_lookup", "/me", 3, size=100):
        assert isinstance(request.expected_json, dict)
        user_id = request.expected_json["id"]
        assert request.headers == (("Authorization", f"Bearer {user_token(user_id)}"),)
        assert request.expected_json == {
            "id": user_id,
            "name": f"User {user_id}",
            "email": f"user{user_id}@example.org",
        }
        assert (request.method, request.path, request.body, request.expected_status) == ("GET", "/me", b"", 200)


def test_token_is_the_hash_the_contract_names() -> None:
    assert user_token(7) == hashlib.sha256(b"user-token-7").hexdigest()


def test_json_ring_needs_no_token() -> None:
    (request,) = set_of_one = request_ring("json", "/json", 1, size=1)

    assert (request.path, request.headers, request.expected_json) == ("/json", (), {"message": "Hello, World!"})
    assert set_of_one * 3 == request_ring("json", "/json", 2, size=3)


def test_wrong_token_belongs_to_nobody() -> None:
    request = wrong_token_request("/user")
    everybody = {one.headers for one in request_ring("user_lookup", "/user", 1, size=USER_COUNT)}

    assert request.headers not in everybody
    assert (request.expected_status, request.expected_json) == (401, {"detail": "Invalid token"})


def test_unknown_workload_names_the_known_ones() -> None:
    with pytest.raises(
        UnknownWorkload, match=r"'jason' is not known; choose one of: article_page, cpu, create_order, json,"
    ):
        request_ring("jason", "/json", 1)
    with pytest.raises(UnknownWorkload):
        workload_facts("jason")


@pytest.mark.parametrize("size", [0, -1, USER_COUNT + 1])
def test_impossible_ring_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="choose 1 to 10000"):
        request_ring("user_lookup", "/user", 1, size=size)


def test_page_holds_twenty_articles_escaped() -> None:
    (request,) = request_ring("article_page", "/articles", 4, size=1)
    after = int(request.path.removeprefix("/articles?after="))
    text = str(request.expected_text)

    assert (after % 20, text.count("<article>")) == (0, 20)
    for number in range(after + 1, after + 21):
        _, title, summary, author, published_on = article_row(number)
        escaped = f"<h2>{title}</h2><p>{summary}</p><footer>{author}, {published_on.isoformat()}</footer>"
        assert escaped.replace("&", "&amp;") in text


def test_page_is_right_however_it_is_indented_and_wrong_unescaped() -> None:
    (request,) = request_ring("article_page", "/articles", 4, size=1)
    body = str(request.expected_text).replace("><", ">\n    <").replace("told in", "told\n\tin").encode()

    assert right(request, body)
    assert not right(request, body.replace(b"&amp;", b"&"))
    assert not right(request, body.replace(b"told", b"to ld"))


def test_rounds_over_all_pages_repeat_none_before_its_turn() -> None:
    paths = [request.path for request in request_ring("article_page", "/articles", 1, size=1000)]

    assert len(set(paths[:500])) == len(set(paths[500:])) == 500
    assert paths[:500] != paths[500:]


def test_order_costs_quantity_times_price() -> None:
    for request in request_ring("create_order", "/orders", 2, size=50):
        asked = json.loads(request.body)
        number = int(asked["sku"].removeprefix("SKU-"))

        assert (request.method, request.expected_status) == ("POST", 201)
        assert request.headers == (("Content-Type", "application/json"),)
        assert 1 <= asked["user_id"] <= USER_COUNT
        assert request.expected_json == {
            "sku": asked["sku"],
            "quantity": asked["quantity"],
            "total_cents": asked["quantity"] * (100 + number % 900),
        }


def test_digest_and_score_are_those_of_the_contract() -> None:
    (cpu,), (upstream,) = (request_ring(slug, "/x", 1, size=1) for slug in ("cpu", "upstream"))
    n, item = (int(one.path.partition("=")[2]) for one in (cpu, upstream))

    digest = hashlib.pbkdf2_hmac("sha256", str(n).encode(), b"benchmark", 5000).hex()
    assert cpu.expected_json == {"n": n, "digest": digest}
    assert upstream.expected_json == {"item": item, "score": item * 7919 % 1000}


def test_stream_is_ten_events() -> None:
    (request,) = request_ring("stream", "/stream", 1, size=1)
    n = request.path.partition("=")[2]
    body = "".join(f"data: token-{n}-{k}\n\n" for k in range(10))

    assert right(request, body.encode())
    assert not right(request, body.replace("-3\n", "-4\n").encode())
