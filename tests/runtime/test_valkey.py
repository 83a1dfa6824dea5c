"""A real Valkey in a folder of its own."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from estimator.runtime import valkey
from estimator.runtime.ports import LOOPBACK
from estimator.runtime.processes import command_line
from estimator.runtime.storage import make_folder
from estimator.runtime.valkey import ValkeyInstance, ValkeyServer
from tests.runtime.probing import kill_now


@pytest.fixture
def instance(open_folder: Path) -> Iterator[ValkeyInstance]:
    wanted = ValkeyInstance(folder=open_folder / "valkey")
    yield wanted
    left = valkey.find(wanted)
    if left is not None:
        valkey.stop(left)


def client(server: ValkeyServer) -> "redis.Redis":
    return redis.Redis.from_url(server.url)


def test_answers_at_its_url_and_keeps_nothing(instance: ValkeyInstance) -> None:
    with valkey.running(instance) as server, client(server) as connection:
        connection.set("hint", 1)
        assert connection.get("hint") == b"1"

    with valkey.running(instance) as again, client(again) as connection:
        assert again.port == server.port
        assert connection.get("hint") is None
    assert sorted(path.name for path in instance.folder.iterdir()) == ["password", "port", "valkey.log"]


def test_refuses_who_does_not_know_the_password(instance: ValkeyInstance) -> None:
    with valkey.running(instance) as server, socket.create_connection((LOOPBACK, server.port)) as stranger:
        stranger.sendall(b"PING\r\n")
        assert stranger.recv(100).startswith(b"-NOAUTH")


def test_password_is_in_a_file_of_mode_600_and_nowhere_else(instance: ValkeyInstance) -> None:
    with valkey.running(instance) as server:
        password = (instance.folder / "password").read_text().strip()
        assert (instance.folder / "password").stat().st_mode & 0o777 == 0o600
        assert password not in " ".join(command_line(server.pid)) + instance.log_file.read_text() + repr(server)


def test_starting_what_runs_already_finds_it(instance: ValkeyInstance) -> None:
    with valkey.running(instance) as server:
        assert valkey.start(instance).pid == server.pid
    assert valkey.find(instance) is None


def test_killed_server_is_noticed_and_started_again(instance: ValkeyInstance) -> None:
    server = valkey.start(instance)

    kill_now(server.pid)

    assert not server.is_alive()
    with valkey.running(instance) as again, client(again) as connection:
        assert connection.ping()


def test_taken_port_is_exchanged(instance: ValkeyInstance) -> None:
    with valkey.running(instance) as server:
        pass

    with socket.create_server((LOOPBACK, server.port)), valkey.running(instance) as after, client(after) as connection:
        assert after.port != server.port
        assert connection.ping()


def test_other_server_on_the_remembered_port_is_not_taken_for_ours(open_folder: Path, instance: ValkeyInstance) -> None:
    other = ValkeyInstance(folder=open_folder / "other")
    with valkey.running(instance) as ours:
        pass
    make_folder(other.folder)
    (other.folder / "port").write_text(str(ours.port))

    with valkey.running(other) as stranger, valkey.running(instance) as after:
        assert stranger.port == ours.port
        assert after.pid != stranger.pid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_root_starts_it_as_an_account_without_rights(instance: ValkeyInstance) -> None:
    with valkey.running(instance) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
