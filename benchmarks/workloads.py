"""What is asked of an app under test: seeded rings of prepared requests with their expected answers."""

import hashlib
import html
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from benchmarks.errors import BenchmarkError
from benchmarks.seed_data import (
    ARTICLE_COUNT,
    PRODUCT_COUNT,
    USER_COUNT,
    article_row,
    product_price_cents,
    product_sku,
    upstream_score,
    user_email,
    user_name,
    user_token,
)
from estimator.domain.measuring.workload import STATEMENTS

LARGEST_RING = 10_000
PAGE_SIZE = 20
STREAM_EVENTS = 10
PBKDF2_ROUNDS = 5000


class UnknownWorkload(BenchmarkError):
    """A workload name that nothing here can prepare requests for."""


@dataclass(frozen=True, kw_only=True)
class PreparedRequest:
    """One request, ready to send, and the only answer that counts as right.

    Its body is compared as JSON with `expected_json`, or, but for whitespace, as text with `expected_text`; where both
    are None any body is right.
    """

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    expected_status: int = 200
    expected_json: object = None
    expected_text: str | None = None
    part: str = ""  # of a journey: the workload it belongs to


@dataclass(frozen=True, kw_only=True)
class WorkloadFacts:
    """How a workload is measured: `connections` of the load (None: the profile's), and the largest ring.

    Where an answer takes long, a ring of 1,000 would take a server with few threads half a minute to verify.
    """

    statements: int = 0
    connections: int | None = None
    ring_size: int = LARGEST_RING
    waits: bool = False  # most of an answer's time is nobody's CPU
    writes: bool = False  # leaves orders behind, which are counted
    calls_upstream: bool = False


WORKLOADS: Mapping[str, WorkloadFacts] = MappingProxyType(
    {
        "json": WorkloadFacts(statements=STATEMENTS["json"]),
        "user_lookup": WorkloadFacts(statements=STATEMENTS["user_lookup"]),
        "user_lookup_raw": WorkloadFacts(statements=STATEMENTS["user_lookup_raw"]),
        "article_page": WorkloadFacts(statements=STATEMENTS["article_page"]),
        "create_order": WorkloadFacts(statements=STATEMENTS["create_order"], writes=True),
        "upstream": WorkloadFacts(
            statements=STATEMENTS["upstream"], connections=256, ring_size=200, waits=True, calls_upstream=True
        ),
        "cpu": WorkloadFacts(statements=STATEMENTS["cpu"], ring_size=200),
        "stream": WorkloadFacts(statements=STATEMENTS["stream"], connections=256, ring_size=200, waits=True),
    }
)


def workload_facts(workload: str) -> WorkloadFacts:
    """How a workload is measured. Raises UnknownWorkload."""
    if workload not in WORKLOADS:
        raise UnknownWorkload(f"Workload {workload!r} is not known; choose one of: {', '.join(sorted(WORKLOADS))}.")
    return WORKLOADS[workload]


def request_ring(workload: str, path: str, seed: int, size: int = 1000) -> tuple[PreparedRequest, ...]:
    """`size` requests (1..LARGEST_RING) to `path`; the same arguments always give the same ring.

    Rows are distinct as long as there are enough, so that none is hot. Raises UnknownWorkload, or ValueError for the
    size.
    """
    workload_facts(workload)
    if not 1 <= size <= LARGEST_RING:
        raise ValueError(f"A request ring cannot hold {size} requests; choose 1 to {LARGEST_RING}.")
    return _RINGS[workload](path, random.Random(seed), size)


def repeated(requests: Sequence[PreparedRequest], seed: int, size: int) -> tuple[PreparedRequest, ...]:
    """`size` of the requests in a seeded order: each as often as any other, but for one."""
    times = -(-size // len(requests))
    return tuple(random.Random(seed).sample([*requests] * times, size))


def wrong_token_request(path: str) -> PreparedRequest:
    """A well-formed `user_lookup` request whose token belongs to nobody."""
    return PreparedRequest(
        path=path, headers=(_bearer(user_token(0)),), expected_status=401, expected_json={"detail": "Invalid token"}
    )


def order_request(path: str, *, user_id: object, sku: object, quantity: object) -> PreparedRequest:
    """An order, of a quantity that may be refused; what is expected of it is the caller's."""
    body = json.dumps({"user_id": user_id, "sku": sku, "quantity": quantity}, separators=(",", ":")).encode()
    return PreparedRequest(path=path, method="POST", headers=(("Content-Type", "application/json"),), body=body)


def _json_ring(path: str, _rng: random.Random, size: int) -> tuple[PreparedRequest, ...]:
    return (PreparedRequest(path=path, expected_json={"message": "Hello, World!"}),) * size


def _user_lookup_ring(path: str, rng: random.Random, size: int) -> tuple[PreparedRequest, ...]:
    return tuple(_user_lookup(path, user_id) for user_id in rng.sample(range(1, USER_COUNT + 1), size))


def _user_lookup(path: str, user_id: int) -> PreparedRequest:
    expected = {"id": user_id, "name": user_name(user_id), "email": user_email(user_id)}
    return PreparedRequest(path=path, headers=(_bearer(user_token(user_id)),), expected_json=expected)


def _bearer(token: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {token}")


def _article_page_ring(path: str, rng: random.Random, size: int) -> tuple[PreparedRequest, ...]:
    """Rounds over all pages, each in an order of its own."""
    pages: list[int] = []
    while len(pages) < size:
        pages += rng.sample(range(0, ARTICLE_COUNT, PAGE_SIZE), ARTICLE_COUNT // PAGE_SIZE)
    return tuple(_article_page(path, after) for after in pages[:size])


def _article_page(path: str, after: int) -> PreparedRequest:
    items = "\n".join(map(_article_item, range(after + 1, after + PAGE_SIZE + 1)))
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Articles</title></head>'
        f"<body><h1>Articles</h1><ul>\n{items}\n</ul></body></html>"
    )
    return PreparedRequest(path=f"{path}?after={after}", expected_text=text)


@lru_cache(maxsize=ARTICLE_COUNT)
def _article_item(article_id: int) -> str:
    _, *texts, published_on = article_row(article_id)
    title, summary, author = map(html.escape, map(str, texts))
    footer = f"<footer>{author}, {published_on:%Y-%m-%d}</footer>"
    return f"<li><article><h2>{title}</h2><p>{summary}</p>{footer}</article></li>"


def _create_order_ring(path: str, rng: random.Random, size: int) -> tuple[PreparedRequest, ...]:
    users, products = (rng.sample(range(1, count + 1), size) for count in (USER_COUNT, PRODUCT_COUNT))
    return tuple(_create_order(path, *pair, rng.randint(1, 9)) for pair in zip(users, products, strict=True))


def _create_order(path: str, user_id: int, product_id: int, quantity: int) -> PreparedRequest:
    sku, total_cents = product_sku(product_id), quantity * product_price_cents(product_id)
    return replace(
        order_request(path, user_id=user_id, sku=sku, quantity=quantity),
        expected_status=201,
        expected_json={"sku": sku, "quantity": quantity, "total_cents": total_cents},
    )


def _upstream_ring(path: str, rng: random.Random, size: int) -> tuple[PreparedRequest, ...]:
    items = rng.sample(range(1_000_000), size)
    return tuple(
        PreparedRequest(path=f"{path}?item={item}", expected_json={"item": item, "score": upstream_score(item)})
        for item in items
    )


def _cpu_ring(path: str, rng: random.Random, size: int) -> tuple[PreparedRequest, ...]:
    numbers = rng.sample(range(LARGEST_RING), size)
    return tuple(PreparedRequest(path=f"{path}?n={n}", expected_json={"n": n, "digest": _digest(n)}) for n in numbers)


@lru_cache(maxsize=LARGEST_RING)
def _digest(n: int) -> str:
    """2 ms of CPU; kept, because each stack and block of a run asks again."""
    return hashlib.pbkdf2_hmac("sha256", str(n).encode(), b"benchmark", PBKDF2_ROUNDS).hex()


def _stream_ring(path: str, rng: random.Random, size: int) -> tuple[PreparedRequest, ...]:
    numbers = rng.sample(range(1_000_000), size)
    return tuple(PreparedRequest(path=f"{path}?n={n}", expected_text=_events(n)) for n in numbers)


def _events(n: int) -> str:
    return "".join(f"data: token-{n}-{k}\n\n" for k in range(STREAM_EVENTS))


_RINGS: dict[str, Callable[[str, random.Random, int], tuple[PreparedRequest, ...]]] = {
    "json": _json_ring,
    "user_lookup": _user_lookup_ring,
    "user_lookup_raw": _user_lookup_ring,
    "article_page": _article_page_ring,
    "create_order": _create_order_ring,
    "upstream": _upstream_ring,
    "cpu": _cpu_ring,
    "stream": _stream_ring,
}
