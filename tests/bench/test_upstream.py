import asyncio
import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.bench_host import BenchUpstream, bench_upstream
from benchmarks.errors import BenchmarkError
from tests.bench.programs import CORES, never


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchUpstream]:
    folder = tmp_path_factory.mktemp("upstream")
    with bench_upstream(
        cpus=CORES, log=folder / "upstream.log", record_folder=folder / "records", should_stop=never
    ) as running:
        yield running


def connect(upstream: BenchUpstream) -> http.client.HTTPConnection:
    place = urlsplit(upstream.url)
    return http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)


def test_each_answer_takes_a_tenth_of_a_second_on_one_connection(upstream: BenchUpstream) -> None:
    with closing(connect(upstream)) as connection:
        for item in (0, 7, 123_456):
            before = time.monotonic()
            connection.request("GET", f"/score?item={item}")
            response = connection.getresponse()
            body = response.read()

            assert time.monotonic() - before >= 0.095
            assert (response.status, response.getheader("Content-Type")) == (200, "application/json")
            assert json.loads(body) == {"item": item, "score": item * 7919 % 1000}
            assert connection.sock is not None, "kept alive"


@pytest.mark.parametrize("path", ["/", "/score", "/score?item=", "/score?item=-1", "/score?item=x", "/other?item=1"])
def test_anything_else_is_not_found(upstream: BenchUpstream, path: str) -> None:
    with closing(connect(upstream)) as connection:
        connection.request("GET", path)

        assert connection.getresponse().status == 404


def test_client_that_asks_for_the_end_gets_it_after_its_answer(upstream: BenchUpstream) -> None:
    with closing(connect(upstream)) as connection:
        connection.request("GET", "/score?item=1", headers={"Connection": "close"})
        assert connection.getresponse().read() == b'{"item":1,"score":919}'
        assert connection.sock is None or connection.sock.recv(1) == b""


def test_a_thousand_requests_wait_together(upstream: BenchUpstream) -> None:
    """One after the other they would take 100 s; the limit is one of liveness."""
    place = urlsplit(upstream.url)

    async def ask(item: int) -> bool:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(f"GET /score?item={item} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return f'"item":{item},'.encode() in answer

    async def ask_all() -> list[bool]:
        return await asyncio.gather(*(ask(item) for item in range(1000)))

    assert all(asyncio.run(asyncio.wait_for(ask_all(), 30)))


def test_upstream_comes_back_on_its_port_and_leaves_nobody_there(tmp_path: Path) -> None:
    log, records = tmp_path / "upstream.log", tmp_path / "records"
    with bench_upstream(cpus=CORES, log=log, record_folder=records, should_stop=never) as first:
        port = urlsplit(first.url).port or 0
    with closing(connect(first)) as connection, pytest.raises(ConnectionRefusedError):
        connection.request("GET", "/score?item=1")

    with bench_upstream(cpus=CORES, log=log, record_folder=records, should_stop=never, port=port) as second:
        assert second.url == first.url


def test_upstream_that_cannot_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.bench_host.sys.executable", "/bin/false")
    records = tmp_path / "records"

    with (
        pytest.raises(BenchmarkError, match=r"^the upstream server (did not|could not be) start"),
        bench_upstream(cpus=CORES, log=tmp_path / "x.log", record_folder=records, should_stop=never),
    ):
        pass
