"""What is asked of an app under test: seeded rings of prepared requests with their expected answers."""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.errors import BenchmarkError

USER_COUNT = 10_000


class UnknownWorkload(BenchmarkError):
    """A workload name that nothing here can prepare requests for."""


@dataclass(frozen=True, kw_only=True)
class PreparedRequest:
    """One request, ready to send, and the only answer that counts as right (`expected_json` None: any body)."""

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    expected_status: int = 200
    expected_json: object = None


def user_token(user_id: int) -> str:
    """The bearer token of user `user_id` (1..USER_COUNT), as the benchmark database holds it."""
    return hashlib.sha256(f"user-token-{user_id}".encode()).hexdigest()


def user_name(user_id: int) -> str:
    """The name of user `user_id`, as the benchmark database holds it."""
    return f"User {user_id}"


def user_email(user_id: int) -> str:
    """The address of user `user_id`, as the benchmark database holds it."""
    return f"user{user_id}@example.org"


def request_ring(workload: str, path: str, seed: int, size: int = 1000) -> tuple[PreparedRequest, ...]:
    """`size` requests (1..USER_COUNT) to `path`; the same arguments always give the same ring.

    The users of `user_lookup` are distinct, so that no row is hot. Raises UnknownWorkload, or
    ValueError for the size.
    """
    if workload not in _RINGS:
        raise UnknownWorkload(f"Workload {workload!r} is not known; choose one of: {', '.join(sorted(_RINGS))}.")
    if not 1 <= size <= USER_COUNT:
        raise ValueError(f"A request ring cannot hold {size} requests; choose 1 to {USER_COUNT}.")
    return _RINGS[workload](path, random.Random(seed), size)


def wrong_token_request(path: str) -> PreparedRequest:
    """A well-formed `user_lookup` request whose token belongs to nobody."""
    return PreparedRequest(
        path=path, headers=(_bearer(user_token(0)),), expected_status=401, expected_json={"detail": "Invalid token"}
    )


def _json_ring(path: str, _rng: random.Random, size: int) -> tuple[PreparedRequest, ...]:
    return (PreparedRequest(path=path, expected_json={"message": "Hello, World!"}),) * size


def _user_lookup_ring(path: str, rng: random.Random, size: int) -> tuple[PreparedRequest, ...]:
    return tuple(_user_lookup(path, user_id) for user_id in rng.sample(range(1, USER_COUNT + 1), size))


def _user_lookup(path: str, user_id: int) -> PreparedRequest:
    expected = {"id": user_id, "name": user_name(user_id), "email": user_email(user_id)}
    return PreparedRequest(path=path, headers=(_bearer(user_token(user_id)),), expected_json=expected)


def _bearer(token: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {token}")


_RINGS: dict[str, Callable[[str, random.Random, int], tuple[PreparedRequest, ...]]] = {
    "json": _json_ring,
    "user_lookup": _user_lookup_ring,
}
