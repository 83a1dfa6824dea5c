"""The network on which Locust's workers of other hosts reach this one; nothing is open there but what is measured."""

import ipaddress
import socket
from dataclasses import dataclass

from benchmarks.errors import BenchmarkError

DEFAULT_PORT = 5557  # Locust's own
WAIT_S = 30.0  # for workers: each starts anew after every window
_LOWEST_PORT = 1024
_HIGHEST_PORT = 65534  # the app is behind the next one


@dataclass(frozen=True, kw_only=True)
class LoadNetwork:
    """So many `workers` send from other hosts; this one has the `address` there."""

    workers: int
    address: str
    port: int = DEFAULT_PORT
    wait_s: float = WAIT_S

    @property
    def app_port(self) -> int:
        """Where the app under test is reached while Locust sends."""
        return self.port + 1

    def missing(self, connected: int) -> str:
        """What to tell when fewer connected in time than are waited for."""
        command = f"python -m benchmarks.load.remote_worker {self.address}"
        option = "" if self.port == DEFAULT_PORT else f" --port {self.port}"
        return (
            f"{connected} of {self.workers} Locust workers connected within {self.wait_s:g} s;"
            f" start `{command}{option}` on the other hosts"
        )


def load_network(*, workers: int, address: str, port: int, processes: int) -> LoadNetwork | None:
    """The network that the settings tell of, None where they tell of none. Raises BenchmarkError for half of it.

    `processes` are those of Locust on this host, which send only where no others do.
    """
    if not workers and not address:
        return None
    problem = _problem(workers=workers, address=address, port=port, processes=processes)
    if problem:
        raise BenchmarkError(problem)
    return LoadNetwork(workers=workers, address=address, port=port)


def _problem(*, workers: int, address: str, port: int, processes: int) -> str:
    if not address:
        return (
            f"LOCUST_REMOTE_WORKERS={workers} is set without LOAD_ADDRESS;"
            " set this host's address on the network that it shares with the workers' hosts, or neither"
        )
    if workers < 1:
        return (
            f"LOAD_ADDRESS={address} is set, and LOCUST_REMOTE_WORKERS is {workers};"
            " set how many Locust workers on other hosts to wait for, or neither"
        )
    if processes > 1:
        return (
            f"LOCUST_PROCESSES={processes} and LOCUST_REMOTE_WORKERS={workers} are both set;"
            " users are driven from this host or from others, so leave one out"
        )
    if not _LOWEST_PORT <= port <= _HIGHEST_PORT:
        return f"LOAD_PORT={port} must be {_LOWEST_PORT} to {_HIGHEST_PORT}; the port after it is used too"
    return _problem_of_address(address)


def _problem_of_address(address: str) -> str:
    """Only one address, of this host, that the internet does not reach."""
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return f"LOAD_ADDRESS={address} is no IPv4 address; write it in numbers, such as 10.0.0.5"
    if parsed.is_unspecified or parsed.is_multicast:
        return f"LOAD_ADDRESS={address} is not one address of one host; name the one on the load network"
    if parsed.is_global:
        return f"LOAD_ADDRESS={address} is public; an app under test is opened on private networks only"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            trial.bind((address, 0))
    except OSError as error:
        return f"LOAD_ADDRESS={address} is no address of this host ({error.strerror}); `ip -4 address` lists them"
    return ""
