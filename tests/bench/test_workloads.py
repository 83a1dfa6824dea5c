import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.workloads import USER_COUNT, UnknownWorkload, request_ring, user_token, wrong_token_request


@given(seed=st.integers(), size=st.integers(min_value=1, max_value=50))
def test_same_seed_gives_the_same_ring(seed: int, size: int) -> None:
    first = request_ring("user_lookup", "/user", seed, size)

    assert first == request_ring("user_lookup", "/user", seed, size)
    assert len(first) == size


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
    with pytest.raises(UnknownWorkload, match=r"'jason' is not known; choose one of: json, user_lookup"):
        request_ring("jason", "/json", 1)


@pytest.mark.parametrize("size", [0, -1, USER_COUNT + 1])
def test_impossible_ring_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="choose 1 to 10000"):
        request_ring("user_lookup", "/user", 1, size=size)
