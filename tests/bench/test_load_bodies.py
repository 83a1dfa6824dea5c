"""Answers in pieces, and requests with bodies, over connections that stay open: under both engines."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.app_process import RunningApp, start_app
from benchmarks.load.engine import LoadEngine, Target, load_engine
from benchmarks.load.locust_engine import UserLoad, confirm_with_locust
from benchmarks.workloads import PreparedRequest, order_request, request_ring
from tests.bench.loads import accounted, closed_loop, open_loop
from tests.bench.programs import CORES, JSON, Bench, never

STREAMS = request_ring("stream", "/stream", 1, size=10)
ORDERS = tuple(
    replace(
        order_request("/orders", user_id=user, sku="SKU-9 é", quantity=2),
        expected_status=201,
        expected_json={"user_id": user, "sku": "SKU-9 é", "quantity": 2},
    )
    for user in range(10)
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[RunningApp]:
    bench = Bench(tmp_path)
    with start_app(bench.app("{python}", "streaming.py", "{fd}"), workload=JSON, should_stop=never) as running:
        yield running


def target(app: RunningApp, ring: tuple[PreparedRequest, ...]) -> Target:
    return Target(host=app.host, port=app.port, ring=ring, connections=4, patience_s=1.5)


def engine(app: RunningApp, ring: tuple[PreparedRequest, ...], folder: Path) -> Iterator[LoadEngine]:
    with load_engine(
        target(app, ring), cpus=CORES, log=folder / "load.log", record_folder=folder / "records", should_stop=never
    ) as running:
        yield running


@pytest.mark.parametrize("ring", [STREAMS, ORDERS, (JSON,)], ids=["stream", "orders", "chunked"])
def test_pieces_and_bodies_keep_their_connections(
    app: RunningApp, tmp_path: Path, ring: tuple[PreparedRequest, ...]
) -> None:
    for loaded in engine(app, ring, tmp_path):
        assert loaded.verify(2).failures == 0
        results = [loaded.run_step(step) for step in (closed_loop(0.3), open_loop(40, 0.3))]
        assert loaded.verify().failures == 0

        for result in results:
            assert accounted(result)
            assert result.completed > 0
            assert (result.errors, result.wrong, result.reconnects, result.first_error) == (0, 0, 0, "")


def test_stream_is_answered_when_its_last_event_is_there(app: RunningApp, tmp_path: Path) -> None:
    for loaded in engine(app, STREAMS, tmp_path):
        loaded.verify()
        result = loaded.run_step(closed_loop(0.3))

        assert (result.latency.percentile_ms(1) or 0) >= 9 * 2


def test_wrong_event_and_wrong_order_are_seen(app: RunningApp, tmp_path: Path) -> None:
    other_text = replace(STREAMS[0], expected_text=str(STREAMS[1].expected_text))
    other_json = replace(ORDERS[0], expected_json=ORDERS[1].expected_json)
    for loaded in engine(app, (STREAMS[0], other_text, ORDERS[0], other_json), tmp_path):
        found = loaded.verify()

        assert (found.checked, found.failures) == (4, 2)
        assert "another body than expected: " in found.first_failure


def test_locust_sends_and_reads_the_same(app: RunningApp, tmp_path: Path) -> None:
    result = confirm_with_locust(
        target(app, STREAMS + ORDERS),
        UserLoad(rate=50, rate_per_user=5, duration_s=1, warm_s=0.3),
        cpus=CORES,
        log=tmp_path / "locust.log",
        record_folder=tmp_path / "records",
        should_stop=never,
    )

    assert (result.users, result.errors, result.wrong, result.first_error) == (10, 0, 0, "")
    assert result.requests > 0
