"""What every app under test has to keep, whoever wrote it: started for real, on a database of its own."""

import json
import os
import signal
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest

from benchmarks.guarded_process import wait_until
from benchmarks.side_effects import asked_for, count_side_effects
from benchmarks.stack_catalogue import StackManifest
from benchmarks.workloads import WORKLOADS, PreparedRequest, order_request, wrong_token_request
from tests.apps.running import (
    STACKS,
    Answer,
    Client,
    Upstream,
    ask,
    most_seen,
    never,
    open_socket,
    skip_unless_served,
    started,
    upstream_in,
    wrong,
)
from tests.bench_cluster import BenchCluster, bench_cluster

CONTENT_TYPES = {"article_page": "text/html; charset=utf-8", "stream": "text/event-stream"}
IN_THE_DATABASE = [slug for slug, facts in WORKLOADS.items() if facts.statements]
every_workload = pytest.mark.parametrize("workload", WORKLOADS)
every_lookup = pytest.mark.parametrize("workload", ["user_lookup", "user_lookup_raw"])


@pytest.fixture(scope="module")
def cluster() -> Iterator[BenchCluster]:
    with bench_cluster() as running:
        running.log_what_the_app_sends()
        yield running


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    with upstream_in(tmp_path_factory.mktemp("upstream")) as running:
        yield running


@pytest.fixture(scope="module", params=STACKS, ids=lambda stack: stack.slug)
def stack(request: pytest.FixtureRequest) -> StackManifest:
    chosen: StackManifest = request.param
    return chosen


@pytest.fixture(scope="module")
def client(
    stack: StackManifest, cluster: BenchCluster, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    with started(stack, cluster, upstream.url, tmp_path_factory.mktemp(stack.slug)) as running:
        yield Client(stack=stack, app=running)


def some_of(client: Client, workload: str) -> tuple[PreparedRequest, ...]:
    """Few where each takes long."""
    return client.ring(workload, 16 if WORKLOADS[workload].ring_size < 1000 else 64)


# --- answers, and what they cost the database


@every_workload
def test_answers_are_right_and_send_exactly_their_statements(
    client: Client, cluster: BenchCluster, workload: str
) -> None:
    skip_unless_served(client.stack, workload)
    ring = some_of(client, workload)
    client.at_once(workload, ring, connections=16)  # every pooled connection is open and has prepared its statements
    written, mark = count_side_effects(cluster.app_url), cluster.mark()

    answers = client.at_once(workload, ring, connections=16)

    assert wrong(ring, answers) == []
    sent = cluster.statements_since(mark)
    assert len(sent) == WORKLOADS[workload].statements * len(ring), set(sent)
    assert {answer.headers["content-type"].partition("; ")[0] for answer in answers} == {
        CONTENT_TYPES.get(workload, "application/json").partition("; ")[0]
    }
    if WORKLOADS[workload].writes:
        assert count_side_effects(cluster.app_url).since(written) == asked_for(ring)


@every_workload
def test_bodies_are_compact_and_say_what_they_are(client: Client, workload: str) -> None:
    skip_unless_served(client.stack, workload)
    request = client.ring(workload, 1)[0]
    answer = client.ask(workload, request)

    assert answer.headers["content-type"].startswith(CONTENT_TYPES.get(workload, "application/json"))
    if request.expected_json is not None:
        assert answer.headers["content-length"] == str(len(answer.body))
        assert answer.body.strip() == json.dumps(json.loads(answer.body), separators=(",", ":")).encode()


def test_health_touches_no_database(client: Client, cluster: BenchCluster) -> None:
    mark = cluster.mark()

    with closing(client.connect()) as connection:
        answer = ask(connection, PreparedRequest(path=client.stack.health_path))

    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})
    assert cluster.statements_since(mark) == []


@every_lookup
def test_missing_or_malformed_token_is_refused_unasked(client: Client, cluster: BenchCluster, workload: str) -> None:
    skip_unless_served(client.stack, workload)
    request = client.ring(workload, 1)[0]
    token = request.headers[0][1].removeprefix("Bearer ")
    mark = cluster.mark()

    for header in (None, "", "Bearer", "Bearer ", f"Basic {token}", token, f"Bearer{token}", "é"):
        headers = () if header is None else (("Authorization", header),)
        answer = client.ask(workload, PreparedRequest(path=request.path, headers=headers))

        assert (answer.status, json.loads(answer.body)) == (401, {"detail": "Invalid token"}), header
    assert cluster.statements_since(mark) == []


@every_lookup
def test_unknown_token_is_refused_after_at_most_one_statement(
    client: Client, cluster: BenchCluster, workload: str
) -> None:
    skip_unless_served(client.stack, workload)
    request = wrong_token_request(client.stack.workloads[workload].path)
    mark = cluster.mark()

    answer = client.ask(workload, request)

    assert (answer.status, json.loads(answer.body)) == (request.expected_status, request.expected_json)
    assert len(cluster.statements_since(mark)) <= 1


# --- orders, upstream, stream


def test_refused_orders_write_nothing_and_keep_no_connection(client: Client, cluster: BenchCluster) -> None:
    skip_unless_served(client.stack, "create_order")
    path, before = client.stack.workloads["create_order"].path, count_side_effects(cluster.app_url)

    unknown = client.at_once("create_order", [order_request(path, user_id=1, sku="SKU-0", quantity=1)] * 24, 12)
    assert {(answer.status, answer.body.strip()) for answer in unknown} == {(404, b'{"detail":"Unknown product"}')}
    for quantity in (0, -1, 1.5, "many", None, [1]):
        answer = client.ask("create_order", order_request(path, user_id=1, sku="SKU-1", quantity=quantity))
        assert 400 <= answer.status < 500, quantity
    for body in (b"", b"{", b"[]", b'{"sku":"SKU-1"}'):
        headers = (("Content-Type", "application/json"),)
        answer = client.ask("create_order", PreparedRequest(path=path, method="POST", headers=headers, body=body))
        assert 400 <= answer.status < 500, body

    assert count_side_effects(cluster.app_url) == before
    ring = client.ring("create_order", 8)
    assert wrong(ring, client.at_once("create_order", ring, connections=8)) == []


def test_dead_upstream_is_a_bad_gateway_and_comes_back(client: Client, upstream: Upstream) -> None:
    skip_unless_served(client.stack, "upstream")
    ring = client.ring("upstream", 4)
    assert wrong(ring, client.at_once("upstream", ring, connections=4)) == []

    upstream.stop()
    try:
        failed = client.at_once("upstream", ring, connections=4)
    finally:
        upstream.start()

    assert {(answer.status, answer.body.strip()) for answer in failed} == {(502, b'{"detail":"Upstream failed"}')}
    assert wrong(ring, client.at_once("upstream", ring, connections=4)) == []


def test_stream_is_flushed_event_by_event(client: Client) -> None:
    """Nine pauses of 10 ms lie between its first and its last event; read late, it may take another try."""
    skip_unless_served(client.stack, "stream")
    request = client.ring("stream", 1)[0]

    assert any(first_to_last_s(client, request) > 0.06 for _ in range(5))


def first_to_last_s(client: Client, request: PreparedRequest) -> float:
    pieces, read_at = [], []
    with closing(client.connect("stream")) as connection:
        connection.request(request.method, request.path)
        response = connection.getresponse()
        while piece := response.read1():
            pieces.append(piece)
            read_at.append(time.monotonic())
    assert response.getheader("transfer-encoding") == "chunked"
    assert b"".join(pieces).decode() == request.expected_text, "every byte of it"
    return read_at[-1] - read_at[0]


# --- the pool


@pytest.mark.parametrize("workload", IN_THE_DATABASE)
def test_sixty_four_at_once_share_the_pool(client: Client, cluster: BenchCluster, workload: str) -> None:
    skip_unless_served(client.stack, workload)
    ring, pool_size = client.ring(workload, 96), int(client.stack.settings["pool_size"])
    answers: list[Answer] = []

    busiest = most_seen(cluster.busy_app_connections, lambda: answers.extend(client.at_once(workload, ring, 64)))

    assert wrong(ring, answers) == []
    assert busiest <= pool_size


def test_pool_is_as_large_as_it_is_told_and_the_app_ends_cleanly(
    stack: StackManifest, cluster: BenchCluster, upstream: Upstream, tmp_path: Path
) -> None:
    others = cluster.app_connections()
    with started(stack, cluster, upstream.url, tmp_path, pool_size=3) as running:
        client = Client(stack=stack, app=running)
        ring = client.ring("user_lookup", 64)
        answers: list[Answer] = []
        most = most_seen(cluster.app_connections, lambda: answers.extend(client.at_once("user_lookup", ring, 16)))
        assert wrong(ring, answers) == []
        assert 1 <= most - others <= 3

        with closing(client.connect("user_lookup")) as kept_alive:
            assert ask(kept_alive, ring[0]).status == 200
            os.kill(running.process.child_pid, signal.SIGTERM)
            assert wait_until(lambda: not running.process.running(), limit_s=15, should_stop=never)

        # Uvicorn shuts down and then ends by the signal it was sent.
        assert running.process.exit_code() in {0, 128 + signal.SIGTERM}
        assert "Traceback" not in running.app.log.read_text()
        for listener in {workload.listener for workload in stack.workloads.values()}:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((running.host, running.port_of(listener)), timeout=5).close()


def test_app_of_two_servers_ends_when_one_of_them_dies(
    stack: StackManifest, cluster: BenchCluster, upstream: Upstream, tmp_path: Path
) -> None:
    if 2 not in {workload.listener for workload in stack.workloads.values()}:
        pytest.skip("one server")
    with started(stack, cluster, upstream.url, tmp_path) as running:
        psutil.Process(running.process.child_pid).children()[0].kill()

        assert wait_until(lambda: not running.process.running(), limit_s=15, should_stop=never)


# --- connections


@every_workload
def test_second_request_uses_the_same_socket(client: Client, workload: str) -> None:
    skip_unless_served(client.stack, workload)
    with closing(client.connect(workload)) as connection:
        sockets = []
        for request in client.ring(workload, 3):
            answer = ask(connection, request)
            assert answer.status == request.expected_status
            assert answer.headers.get("connection", "keep-alive").lower() == "keep-alive"
            sockets.append(open_socket(connection))

    assert sockets[0] is sockets[1] is sockets[2]


def test_five_hundred_idle_connections_are_kept_and_served(client: Client) -> None:
    request = client.ring("json", 1)[0]
    with ExitStack() as stay_open:
        connections = [stay_open.enter_context(closing(client.connect("json"))) for _ in range(500)]
        for connection in connections:
            assert ask(connection, request).status == 200
        sockets = [open_socket(connection) for connection in connections]

        for connection in reversed(connections):
            assert json.loads(ask(connection, request).body) == request.expected_json

        assert [open_socket(connection) for connection in connections] == sockets


def test_no_answer_waits_for_an_acknowledgement(client: Client) -> None:
    """With Nagle's algorithm on, a body sent after its headers waits 40 ms for the client's delayed acknowledgement."""
    request = client.ring("json", 1)[0]
    waits_ms = []
    with closing(client.connect("json")) as connection:
        for _ in range(60):
            before = time.perf_counter()
            ask(connection, request)
            waits_ms.append((time.perf_counter() - before) * 1000)

    assert statistics.median(waits_ms[30:]) < 30, "switch TCP_NODELAY on"
