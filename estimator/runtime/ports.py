"""Loopback ports: chosen free, remembered, chosen again when somebody else has taken them."""

import random
import socket
from pathlib import Path

from estimator.runtime.errors import ServiceError
from estimator.runtime.private_files import read_private, write_private

LOOPBACK = "127.0.0.1"
# Below Linux's ephemeral range (32768-60999), or any outgoing connection might hold the port when the server starts.
PORTS = range(20_000, 32_768)


def port_number(text: str) -> int:
    """A port as typed. Raises ValueError (which argparse words for the user)."""
    port = int(text)
    if not 0 < port < 65_536:
        raise ValueError(f"{port} is no port: they go from 1 to 65535")
    return port


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now; connections of an earlier one in TIME_WAIT do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def remembered_port(file: Path) -> int | None:
    """The port in `file`, or None when there is none."""
    text = read_private(file)
    try:
        return port_number(text or "")
    except ValueError:
        return None


def remembered_or_free_port(file: Path) -> int:
    """The port in `file` while it is free, else a new one, written there."""
    known = remembered_port(file)
    if known is not None and is_free(known):
        return known
    port = _free_port()
    write_private(file, str(port))
    return port


def _free_port() -> int:
    for port in random.sample(PORTS, 200):
        if is_free(port):
            return port
    raise ServiceError(
        f"No free port found on {LOOPBACK} between {PORTS.start} and {PORTS.stop - 1}: close some servers."
    )
