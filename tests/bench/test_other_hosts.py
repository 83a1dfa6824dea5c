"""Locust's workers on other hosts: a real one in a network namespace of its own drives an app of this one."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from benchmarks.app_process import start_app
from benchmarks.bench_host import BenchHost, reachable
from benchmarks.errors import BenchmarkError, EngineError
from benchmarks.guarded_process import guarded
from benchmarks.load.engine import Target
from benchmarks.load.locust_engine import UserLoad, confirm_with_locust
from benchmarks.load.network import LoadNetwork, load_network
from benchmarks.resources import split_cores
from estimator.runtime.environment import PROJECT
from tests.bench.programs import CORES, JSON, Bench, never, within

NEAR = "127.0.0.2"  # not where apps listen, and every Linux has it


@dataclass(frozen=True)
class OtherHost:
    """How a command runs there, and our `address` on the network between us; `own` where it is more than loopback."""

    address: str
    command: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        return bool(self.command)


@contextmanager
def namespace() -> Iterator[OtherHost]:
    """A network namespace joined to ours by a pair of interfaces. Raises where it may not be made."""
    ip, name = shutil.which("ip") or "ip", f"load-{os.getpid()}"
    ours, theirs, network = f"lo{os.getpid()}a", f"lo{os.getpid()}b", f"198.18.{os.getpid() % 256}"
    steps = (
        f"link add {ours} type veth peer name {theirs} netns {name}",
        f"address add {network}.1/30 dev {ours}",
        f"link set {ours} up",
        f"-n {name} address add {network}.2/30 dev {theirs}",
        f"-n {name} link set {theirs} up",
    )
    subprocess.run([ip, "netns", "add", name], check=True, capture_output=True)
    try:
        for step in steps:
            subprocess.run([ip, *step.split()], check=True, capture_output=True)
        yield OtherHost(f"{network}.1", (ip, "netns", "exec", name))
    finally:
        subprocess.run([ip, "netns", "delete", name], check=True, capture_output=True)


@pytest.fixture(scope="module")
def other_host() -> Iterator[OtherHost]:
    """A second host where one can be made; else a second address, over which all but the network is the same."""
    with ExitStack() as stack:
        try:
            host = stack.enter_context(namespace())
        except (OSError, subprocess.CalledProcessError):
            host = OtherHost(NEAR)
        yield host


def free_port() -> int:
    """A port that is free, as the one after it is."""
    while True:
        with socket.create_server((NEAR, 0)) as first:
            port: int = first.getsockname()[1]
            try:
                socket.create_server((NEAR, port + 1)).close()
            except (OSError, OverflowError):
                continue
            return port


def on(network: LoadNetwork, folder: Path) -> BenchHost:
    return BenchHost(folder=folder, stacks={}, cores=split_cores(), should_stop=never, load_network=network)


@contextmanager
def worker(there: OtherHost, port: int, folder: Path) -> Iterator[Path]:
    """What an operator starts on the other host; yields its log."""
    command = [sys.executable, "-m", "benchmarks.load.remote_worker", there.address, "--port", str(port)]
    with guarded(replace(Bench(folder).program(*there.command, *command), cwd=PROJECT)) as process:
        yield process.program.log


def refuses(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_users_are_driven_from_another_host(tmp_path: Path, other_host: OtherHost) -> None:
    bench, network = Bench(tmp_path), LoadNetwork(workers=1, address=other_host.address, port=free_port())
    (tmp_path / "there").mkdir()
    with (
        worker(other_host, network.port, tmp_path / "there") as said,
        start_app(bench.answering(), workload=JSON, should_stop=never) as app,
        reachable(Target(host=app.host, port=app.port, ring=(JSON,) * 20), on(network, tmp_path), run=1) as (target, _),
    ):
        result = confirm_with_locust(
            target,
            UserLoad(rate=50, duration_s=1, warm_s=0.5, network=network),
            cpus=CORES,
            log=tmp_path / "locust.log",
            record_folder=bench.records,
            should_stop=never,
        )
        assert within(10, lambda: "sent for one window" in said.read_text())

    (sender,) = result.senders
    assert (result.errors, result.wrong, result.offered_rate, result.users) == (0, 0, 50, 5)
    assert sender.requests == result.requests == result.latency.total > 0
    assert 0 < sender.core_share < 1
    assert result.generator_cpu_s > 0


def test_the_other_host_reaches_nothing_but_what_is_opened_for_it(tmp_path: Path, other_host: OtherHost) -> None:
    if not other_host.own:
        pytest.skip("no network namespace may be made here; it takes root, or CAP_NET_ADMIN, and iproute2")
    ask = "import sys, urllib.request as u; print(u.urlopen(f'http://{sys.argv[1]}/health', timeout=5).status)"

    def answer(port: int) -> str:
        argv = [*other_host.command, sys.executable, "-c", ask, f"{other_host.address}:{port}"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr.splitlines()[-1]

    network = LoadNetwork(workers=1, address=other_host.address, port=free_port())
    with start_app(Bench(tmp_path).answering(), workload=JSON, should_stop=never) as app:
        assert "Connection refused" in answer(app.port)
        with reachable(Target(host=app.host, port=app.port, ring=()), on(network, tmp_path), run=1) as (target, _):
            assert answer(target.port) == "200"
        assert "Connection refused" in answer(target.port)


def test_the_app_is_open_on_the_load_network_while_users_are_driven_and_only_then(tmp_path: Path) -> None:
    network = LoadNetwork(workers=1, address=NEAR, port=free_port())
    with start_app(Bench(tmp_path).answering(), workload=JSON, should_stop=never) as app:
        before = Target(host=app.host, port=app.port, ring=())
        assert refuses(NEAR, network.app_port)
        with reachable(before, on(network, tmp_path), run=1) as (target, passing_on):
            assert (target.host, target.port, len(passing_on)) == (NEAR, network.app_port, 1)
            with closing(http.client.HTTPConnection(target.host, target.port, timeout=10)) as connection:
                for _ in range(3):
                    connection.request("GET", "/json")
                    assert connection.getresponse().read() == b'{"message": "Hello, World!"}'
        assert refuses(NEAR, network.app_port)


def test_a_visitor_is_turned_away_when_the_app_is_gone(tmp_path: Path) -> None:
    network = LoadNetwork(workers=1, address=NEAR, port=free_port())
    with start_app(Bench(tmp_path).answering(), workload=JSON, should_stop=never) as app:
        gone = Target(host=app.host, port=app.port, ring=())
    with (
        reachable(gone, on(network, tmp_path), run=1) as (target, _),
        closing(http.client.HTTPConnection(target.host, target.port, timeout=10)) as connection,
        pytest.raises((ConnectionError, http.client.BadStatusLine)),
    ):
        connection.request("GET", "/json")
        connection.getresponse()


def test_a_taken_port_is_told_with_the_setting_that_changes_it(tmp_path: Path) -> None:
    network = LoadNetwork(workers=1, address=NEAR, port=free_port())
    here = reachable(Target(host="127.0.0.1", port=1, ring=()), on(network, tmp_path), run=1)
    with (
        socket.create_server((NEAR, network.app_port)),
        pytest.raises(EngineError, match=f"cannot be opened at {NEAR}:{network.app_port} .*set another LOAD_PORT"),
        here,
    ):
        pass


def test_on_one_host_nothing_stands_between_users_and_the_app(tmp_path: Path) -> None:
    host, target = on(LoadNetwork(workers=1, address=NEAR), tmp_path), Target(host="127.0.0.1", port=1, ring=())
    with reachable(target, replace(host, load_network=None), run=1) as reached:
        assert reached == (target, ())


def test_workers_that_do_not_come_are_told_with_the_command_that_starts_them(tmp_path: Path) -> None:
    network = LoadNetwork(workers=2, address=NEAR, port=free_port(), wait_s=0.5)
    with pytest.raises(EngineError) as caught:
        confirm_with_locust(
            Target(host=NEAR, port=network.app_port, ring=(JSON,)),
            UserLoad(rate=10, duration_s=1, network=network),
            cpus=CORES,
            log=tmp_path / "locust.log",
            record_folder=tmp_path,
            should_stop=never,
        )
    assert str(caught.value) == (
        "0 of 2 Locust workers connected within 0.5 s; start"
        f" `python -m benchmarks.load.remote_worker {NEAR} --port {network.port}` on the other hosts"
    )


GOOD = {"workers": 2, "address": NEAR, "port": 5557, "processes": 1}


def test_both_settings_make_a_network_and_neither_makes_none() -> None:
    network = load_network(workers=2, address=NEAR, port=5557, processes=1)

    assert network == LoadNetwork(workers=2, address=NEAR, port=5557)
    assert network is not None and network.app_port == 5558
    assert load_network(workers=0, address="", port=5557, processes=4) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": ""}, "LOCUST_REMOTE_WORKERS=2 is set without LOAD_ADDRESS"),
        ({"workers": 0}, f"LOAD_ADDRESS={NEAR} is set, and LOCUST_REMOTE_WORKERS is 0"),
        ({"workers": -1}, "LOCUST_REMOTE_WORKERS is -1"),
        ({"processes": 4}, "LOCUST_PROCESSES=4 and LOCUST_REMOTE_WORKERS=2 are both set"),
        ({"port": 80}, "LOAD_PORT=80 must be 1024 to 65534"),
        ({"port": 65535}, "LOAD_PORT=65535 must be 1024 to 65534"),
        ({"address": "0.0.0.0"}, "is not one address of one host"),  # noqa: S104 - refused
        ({"address": "239.0.0.1"}, "is not one address of one host"),
        ({"address": "8.8.8.8"}, "LOAD_ADDRESS=8.8.8.8 is public"),
        ({"address": "192.0.2.1"}, "LOAD_ADDRESS=192.0.2.1 is no address of this host"),
        ({"address": "load-1.example"}, "is no IPv4 address; write it in numbers"),
        ({"address": "::1"}, "is no IPv4 address"),
    ],
)
def test_a_mistake_in_the_settings_names_what_to_set(wrong: dict[str, int | str], said: str) -> None:
    with pytest.raises(BenchmarkError) as caught:
        load_network(**{**GOOD, **wrong})  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_a_mistake_is_told_when_the_service_starts(settings: Settings) -> None:
    settings.LOCUST_REMOTE_WORKERS = 2
    with pytest.raises(CommandError, match="is set without LOAD_ADDRESS"):
        call_command("register_stacks")
