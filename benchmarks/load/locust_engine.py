"""The second engine: Locust, as a child process, sends the same prepared requests to confirm what the first found."""

import math
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import EngineError
from benchmarks.guarded_process import GuardedProcess, Program, ShouldStop, guarded, module_program
from benchmarks.load.conversation import Conversation
from benchmarks.load.engine import Target
from benchmarks.load.network import LoadNetwork
from estimator.domain.measuring.journeys import Users
from estimator.domain.measuring.measurement import Histogram, Sender

_LOCUSTFILE = Path(__file__).with_name("locustfile.py")
RATE_PER_USER = 10.0  # requests/s; a user waits for its answer, so fast ones would fall behind a slow server
_MOST_USERS = 100  # each holds a connection; more only where the target takes more
_START_LIMIT_S = 60.0
_LOOPBACK = "127.0.0.1"
_SPREAD_S = 2.0  # until users are spread over processes


@dataclass(frozen=True, kw_only=True)
class LocustResult:
    """What Locust saw in its counted window. Rates in right answers per second; percentiles are exact, not bucketed."""

    offered_rate: float
    achieved_rate: float
    users: int
    duration_s: float
    requests: int
    errors: int
    wrong: int
    p50_ms: float | None
    p99_ms: float | None
    latency: Histogram
    parts: Mapping[str, Histogram]  # of a journey: right answers of each workload
    generator_cpu_s: float
    first_error: str
    senders: tuple[Sender, ...] = ()  # on other hosts


@dataclass(frozen=True, kw_only=True)
class UserLoad:
    """What Locust's users do: send `rate` requests/s for `warm_s`, and then for the `duration_s` that count.

    A user sends at most `rate_per_user`, so an answer may take 1 / `rate_per_user` s before the rate falls behind.
    Users of a journey are `thinking`: so many, with pauses instead of a rate of their own. Those of a locustfile
    `own_file` pace themselves: what they asked for is the offered rate. More than one of `processes` send under one
    that measures; with a `network` workers on other hosts do. Raises EngineError for a rate of nothing.
    """

    rate: float
    duration_s: float
    warm_s: float = 2.0
    rate_per_user: float = RATE_PER_USER
    thinking: Users | None = None
    own_file: Path | None = None
    processes: int = 1
    network: LoadNetwork | None = None

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise EngineError(f"Locust cannot offer {self.rate:g} requests/s; the rate must be above 0")

    def plan(self, connections: int) -> dict[str, Any]:
        """Plain values for the locustfile; the target takes so many `connections`, and each user holds one."""
        most = max(_MOST_USERS, connections)
        users = self.thinking.count if self.thinking else max(1, min(most, math.ceil(self.rate / self.rate_per_user)))
        senders = self.network.workers if self.network else max(1, min(self.processes, users))
        return {
            "rate": self.rate,
            "users": users,
            "warm_s": self._warm_up_s(users, senders),
            "duration_s": self.duration_s,
            "think_s": self.thinking.think_s if self.thinking else None,
            "own_file": None if self.own_file is None else str(self.own_file),
            "processes": senders,
            "wait_s": self.network.wait_s if self.network else None,
        }

    def _warm_up_s(self, users: int, senders: int) -> float:
        """A user begins at a random moment of its first period, so a slow one may need longer than asked for."""
        period_s = users / self.rate
        if self.own_file and self.thinking:  # they pace themselves
            period_s = 4 / 3 * self.thinking.think_s[1]
        return max(self.warm_s, 1.5 * period_s) + (_SPREAD_S if senders > 1 else 0.0)


def confirm_with_locust(  # noqa: PLR0913 - one call a run, each argument named
    target: Target,
    load: UserLoad,
    *,
    cpus: Sequence[int],
    log: Path,
    record_folder: Path,
    should_stop: ShouldStop,
    started: Callable[[GuardedProcess], object] | None = None,
    opened: Callable[[], object] | None = None,
    closed: Callable[[], object] | None = None,
) -> LocustResult:
    """What Locust's FastHttpUser sees under this load.

    `started` is told Locust's process before it sends anything, so that a sampler can take it for the generator;
    `opened` and `closed` are called at the bounds of the counted window. Raises EngineError, or Stopped on request.
    """
    plan = load.plan(target.connections)
    bounds = {name: call for name, call in (("opened", opened), ("closed", closed)) if call}
    senders = _of_other_hosts(load.network) if load.network else _of_several(plan["processes"])
    limit_s = _START_LIMIT_S + (plan["wait_s"] or 0.0) + plan["warm_s"] + load.duration_s
    with guarded(_program([*_options(target, plan["users"]), *senders], cpus, log, record_folder)) as process:
        if started:
            started(process)
        conversation = Conversation(process, should_stop)
        conversation.send({**target.to_json(), **plan}, _START_LIMIT_S)
        said = conversation.result(limit_s, bounds)
    _refuse_failure(said, load.network)
    return _result(None if load.own_file else load.rate, plan["users"], said)


def _options(target: Target, users: int) -> list[str]:
    """A host given here stands before one that a locustfile names: users meet nobody but the app."""
    told = {"--host": f"http://{target.host}:{target.port}", "--users": users, "--spawn-rate": users}
    options = [word for name, value in told.items() for word in (name, str(value))]
    return [*options, "--headless", "--loglevel", "WARNING", "--only-summary"]


def _of_several(processes: int) -> list[str]:
    """Senders are forked after the locustfile was read, and find the one that measures on a port of this machine."""
    if processes == 1:
        return []
    with socket.create_server((_LOOPBACK, 0)) as free:
        port = str(free.getsockname()[1])
    bind = ["--master-bind-host", _LOOPBACK, "--master-bind-port", port, "--master-port", port]
    return ["--processes", str(processes), *bind, "--expect-workers-max-wait", f"{_START_LIMIT_S / 2:.0f}"]


def _of_other_hosts(network: LoadNetwork) -> list[str]:
    bind = ["--master-bind-host", network.address, "--master-bind-port", str(network.port)]
    return ["--master", *bind, "--expect-workers", str(network.workers)]


def _program(options: Sequence[str], cpus: Sequence[int], log: Path, record_folder: Path) -> Program:
    return module_program(
        "Locust",
        "locust",
        "-f",
        _LOCUSTFILE,
        *options,
        cpus=cpus,
        log=log,
        record_folder=record_folder,
        grace_s=0.5,
        piped=True,
    )


def _refuse_failure(said: Mapping[str, Any], network: LoadNetwork | None) -> None:
    """Raises EngineError where its last message says why there is no result."""
    if network and "connected" in said:
        raise EngineError(network.missing(said["connected"]))
    if "failure" in said:
        raise EngineError(f"Locust could not count: {said['failure']}")


def _result(rate: float | None, users: int, said: dict[str, Any]) -> LocustResult:
    """Without a rate of their own users were offered what they asked for."""
    right_us: list[int] = sorted(said["right_us"])
    requests = len(right_us) + said["errors"] + said["wrong"]
    return LocustResult(
        offered_rate=requests / said["duration_s"] if rate is None else rate,
        achieved_rate=len(right_us) / said["duration_s"],
        users=users,
        duration_s=said["duration_s"],
        requests=requests,
        errors=said["errors"],
        wrong=said["wrong"],
        p50_ms=_percentile_ms(right_us, 50),
        p99_ms=_percentile_ms(right_us, 99),
        latency=Histogram.of(right_us),
        parts={part: Histogram.of(values_us) for part, values_us in said["parts"].items()},
        generator_cpu_s=said["generator_cpu_s"],
        first_error=said["first_error"],
        senders=tuple(_senders(said)),
    )


def _senders(said: dict[str, Any]) -> Iterator[Sender]:
    """Workers by host, each with the share of a core that it used."""
    for sender in sorted(said["senders"], key=lambda sender: str(sender["host"])):
        yield Sender(host=sender["host"], requests=sender["requests"], core_share=sender["cpu_s"] / said["duration_s"])


def _percentile_ms(sorted_us: Sequence[int], percent: float) -> float | None:
    """Nearest rank, as everywhere in this project."""
    if not sorted_us:
        return None
    return sorted_us[math.ceil(percent / 100 * len(sorted_us)) - 1] / 1000
