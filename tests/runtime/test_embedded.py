"""The embedded services: there while anybody uses them, gone with the last user, however it ends."""

import os
import shutil
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from estimator.runtime import embedded, valkey
from estimator.runtime.embedded import Layout, find_services, no_services, services
from estimator.runtime.locks import exclusive
from estimator.runtime.processes import is_running
from tests.runtime.probing import eventually, kill_now, leave, processes_of, servers_of, user_of

GIVEN = {"DATABASE_URL": "postgresql://them@db/them", "REDIS_URL": "redis://them", "SECRET_KEY": "theirs"}


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)


def give(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        monkeypatch.setenv(name, GIVEN[name])


def test_addresses_and_key_are_in_the_environment_while_inside(open_folder: Path) -> None:
    with services(open_folder) as found:
        assert found.postgres is not None
        assert found.valkey is not None
        assert os.environ["DATABASE_URL"] == found.postgres.url
        assert os.environ["REDIS_URL"] == found.valkey.url
        assert os.environ["SECRET_KEY"]
        assert found.dead() is None
        assert find_services(open_folder).environment() == found.environment()
    assert not set(GIVEN) & set(os.environ)


def test_both_servers_have_stopped_when_the_only_user_has_left(used_folder: Path) -> None:
    with services(used_folder) as found:
        pass

    assert found.dead() == "PostgreSQL"
    assert found.valkey is not None
    assert not found.valkey.is_alive()


def test_key_and_addresses_are_the_same_next_time(used_folder: Path) -> None:
    with services(used_folder):
        first = [os.environ[name] for name in GIVEN]
    with services(used_folder):
        assert [os.environ[name] for name in GIVEN] == first
    assert (used_folder / "secret-key").stat().st_mode & 0o777 == 0o600


def test_deployment_that_gives_both_urls_gets_nothing_and_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "DATABASE_URL", "REDIS_URL")

    with services(tmp_path / "var") as found:
        assert found.environment() == {}
        assert "SECRET_KEY" not in os.environ
    assert not (tmp_path / "var").exists()


def test_given_database_is_left_alone_and_only_the_queue_started(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "DATABASE_URL", "SECRET_KEY")

    with services(open_folder) as found:
        assert list(found.environment()) == ["REDIS_URL"]
        assert os.environ["DATABASE_URL"] == GIVEN["DATABASE_URL"]
        assert os.environ["SECRET_KEY"] == GIVEN["SECRET_KEY"]
    assert not (open_folder / "postgres").exists()


def test_settings_can_load_without_any_server(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, "REDIS_URL")

    with no_services():
        assert os.environ["REDIS_URL"] == GIVEN["REDIS_URL"]
        assert ":1/" in os.environ["DATABASE_URL"]
        assert os.environ["SECRET_KEY"]
    assert "DATABASE_URL" not in os.environ


def test_last_one_out_stops_the_servers(used_folder: Path) -> None:
    with user_of(used_folder) as first, user_of(used_folder) as second:
        servers = servers_of(first)
        assert servers_of(second) == servers

        leave(first)
        assert all(map(is_running, servers))

        leave(second)
        assert not any(map(is_running, servers))


def test_many_users_that_come_at_once_share_one_pair_of_servers(used_folder: Path) -> None:
    with ExitStack() as stack:
        users = [stack.enter_context(user_of(used_folder)) for _ in range(4)]
        assert len({tuple(servers_of(user)) for user in users}) == 1
        for user in users:
            leave(user)


def test_killed_user_takes_nothing_from_the_others(used_folder: Path) -> None:
    with user_of(used_folder) as first, user_of(used_folder) as second:
        servers = servers_of(first)
        servers_of(second)

        kill_now(first.pid)

        assert not exits_soon(servers)
        leave(second)
        assert not any(map(is_running, servers))


def exits_soon(pids: list[int]) -> bool:
    """Give what ought not to happen two seconds to happen."""
    try:
        eventually(lambda: not all(map(is_running, pids)), within_s=2)
    except AssertionError:
        return False
    return True


def test_servers_end_with_their_last_user_even_when_it_is_killed(used_folder: Path) -> None:
    with user_of(used_folder) as only:
        servers = servers_of(only)
        kill_now(only.pid)

        eventually(lambda: not any(map(is_running, servers)), within_s=10)
        eventually(lambda: not processes_of(used_folder))


def test_next_user_finds_what_a_killed_one_left(used_folder: Path) -> None:
    for _ in range(2):
        with user_of(used_folder) as only:
            servers = servers_of(only)
            kill_now(only.pid)
    with user_of(used_folder) as last:
        servers = servers_of(last)
        leave(last)
        assert not any(map(is_running, servers))


def test_ctrl_c_reaches_the_user_and_not_the_servers(used_folder: Path) -> None:
    with user_of(used_folder) as first, user_of(used_folder) as second:
        servers = servers_of(first)
        servers_of(second)

        os.killpg(first.pid, signal.SIGINT)
        first.wait(30)

        assert all(map(is_running, servers))
        leave(second)


def test_server_that_died_is_started_again_for_the_next_user(used_folder: Path) -> None:
    with user_of(used_folder) as first:
        before = servers_of(first)
        for pid in before:
            kill_now(pid)
        with user_of(used_folder) as second:
            assert not set(servers_of(second)) & set(before)
            leave(first)
            leave(second)


def test_servers_stop_even_when_their_folder_was_cleared_away(open_folder: Path) -> None:
    with services(open_folder / "var") as found:
        shutil.rmtree(open_folder / "var")

    assert found.dead() == "PostgreSQL"
    assert found.valkey is not None
    assert not found.valkey.is_alive()


def test_busy_gate_is_left_to_the_keeper(used_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LEAVE_TIMEOUT_S", 0.1)
    with ExitStack() as busy:
        with services(used_folder) as found:
            busy.enter_context(exclusive(Layout(var=used_folder).gate_lock, timeout_s=1))
        assert found.dead() is None

    assert found.postgres is not None
    assert found.valkey is not None
    servers = [found.postgres.pid, found.valkey.pid]
    eventually(lambda: not any(map(is_running, servers)), within_s=10)


def test_interrupted_start_leaves_nothing_behind(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(valkey, "start", interrupt)

    with pytest.raises(KeyboardInterrupt), services(open_folder):
        pass
    eventually(lambda: not processes_of(open_folder), within_s=5)
