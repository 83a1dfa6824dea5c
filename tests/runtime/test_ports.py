"""Loopback ports."""

import socket
from pathlib import Path

import pytest

from estimator.runtime.ports import LOOPBACK, is_free, port_number, remembered_or_free_port, remembered_port


def test_chosen_port_is_remembered_and_below_the_ephemeral_range(tmp_path: Path) -> None:
    port = remembered_or_free_port(tmp_path / "port")

    assert is_free(port)
    assert 1024 < port < 32_768
    assert remembered_or_free_port(tmp_path / "port") == port == remembered_port(tmp_path / "port")


def test_taken_port_is_exchanged_for_another(tmp_path: Path) -> None:
    port = remembered_or_free_port(tmp_path / "port")

    with socket.create_server((LOOPBACK, port)):
        other = remembered_or_free_port(tmp_path / "port")

    assert other != port
    assert remembered_port(tmp_path / "port") == other


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "web"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no port|invalid literal"):
        port_number(text)


def test_unreadable_port_file_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("seven")

    assert remembered_port(tmp_path / "port") is None
    assert remembered_or_free_port(tmp_path / "port")
