"""What Locust runs: users who send the workload's prepared requests, or those of a locustfile that the plan names.

Run by locust_engine.py, never imported. The plan is the first line of standard input; the bounds of the counted window
and then the raw response times go to standard output as JSON lines. Of several processes the first measures and the
others send: both sides talk by Locust's own messages. Workers on other hosts (remote_worker.py) ask for the plan so.
"""

import hashlib
import itertools
import json
import os
import random
import socket
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import gevent
import locust.stats
from gevent.event import Event
from locust import FastHttpUser, between, constant_throughput, events, task
from locust.argument_parser import parse_locustfile_option
from locust.env import Environment
from locust.rpc.protocol import Message
from locust.rpc.zmqrpc import Client
from locust.runners import MasterRunner, WorkerRunner
from locust.util.load_locustfile import load_locustfile

from benchmarks.load.ring import RingItem

MOST_PARTS = 20  # names of requests; a file that numbers them has thousands
REPORT_LIMIT_S = 30.0
PLAN_PATIENCE_S = 2.0


def _asked_plan(address: str, port: int) -> dict[str, Any]:
    """The plan of whoever measures, on another host; asked for until somebody answers.

    Each time on a new connection: what is sent before anybody listens would be delivered all at once.
    """
    while True:
        name = f"{socket.gethostname()}_{uuid4().hex}"
        client = Client(address, port, name)  # type: ignore[no-untyped-call]
        try:
            with gevent.Timeout(PLAN_PATIENCE_S, exception=False):
                client.send(Message("plan", None, name))  # type: ignore[no-untyped-call]
                return _checked(json.loads(client.recv().data))  # type: ignore[no-untyped-call]
        finally:
            client.close(linger=0)  # type: ignore[no-untyped-call]


def _checked(plan: dict[str, Any]) -> dict[str, Any]:
    """Whoever measures and whoever sends must run the same code, or figures would hold both."""
    if plan["code"] != _code(plan["own_file"]):
        own = f" and {plan['own_file']}" if plan["own_file"] else ""
        sys.exit(f"benchmarks/load{own} are not as on the host that measures; bring both hosts to one version")
    return plan


def _code(own_file: str | None) -> str:
    """A hash of all that sends: this folder, and the user's own locustfile, empty where it is missing."""
    own = Path(own_file) if own_file else None
    sources = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    return hashlib.sha256(b"\0".join([*sources, own.read_bytes() if own and own.is_file() else b""])).hexdigest()


OPTIONS: Any = parse_locustfile_option()  # as Locust reads it; says --worker on other hosts only
PLAN = _asked_plan(OPTIONS.master_host, OPTIONS.master_port) if OPTIONS.worker else json.loads(sys.stdin.readline())
ADDRESS = f"{PLAN['host']}:{PLAN['port']}"
RING = [RingItem(ADDRESS, data) for data in PLAN["ring"]]
ITEMS = itertools.cycle(RING)
PER_USER_RATE: float = PLAN["rate"] / PLAN["users"]
THINK_S: list[float] | None = PLAN["think_s"]
OWN_FILE: str | None = PLAN["own_file"]
WAIT_S: float | None = PLAN["wait_s"]  # for workers on other hosts; None without them
BEGUN, TOLD = Event(), Event()  # the test has started; its result is out

# Only we speak on standard output; what a locustfile prints goes to the log.
OUT = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

# Locust rounds response times to two digits before it counts them; its own statistics keep whole ms here, ours us.
setattr(locust.stats, "bucket_response_time", round)  # noqa: B010 - declared for buckets of its own


class Record:
    """Every request of this process that ended inside the counted window."""

    def __init__(self) -> None:
        self.counting = False
        self.right_us: list[int] = []
        self.parts: dict[str, list[int]] = {}  # the right ones of each part of a journey
        self.errors = self.wrong = 0
        self.first_error = ""
        self._cpu_s = 0.0

    def note(self, response_time_ms: float, reason: str, *, answered: bool, part: str) -> None:
        """A right answer when there is no reason against it."""
        if not self.counting:
            return
        if not reason:
            self.right_us.append(int(response_time_ms * 1000))
            if part:
                self.parts.setdefault(part, []).append(self.right_us[-1])
        elif answered:
            self.wrong += 1
        else:
            self.errors += 1
        self.first_error = self.first_error or reason

    def count(self, environment: Environment, msg: Any, **_: Any) -> None:
        """Told by whoever measures, at both bounds of the window; the second time it is answered with the record."""
        self.counting = bool(msg.data)
        self._cpu_s = time.process_time() - self._cpu_s
        if not self.counting:
            _runner(environment).send_message("recorded", self.result())

    def result(self) -> dict[str, Any]:
        """Plain values."""
        counts = {"errors": self.errors, "wrong": self.wrong, "first_error": self.first_error}
        own = {"host": socket.gethostname(), "cpu_s": self._cpu_s}
        return {"right_us": self.right_us, "parts": self.parts, **counts, **own}


RECORD = Record()
REPORTS: dict[str, dict[str, Any]] = {}  # by sender


class PlannedUser(FastHttpUser):
    """Sends the ring's next request at its share of the rate, or after a pause to think; begins at a random moment."""

    abstract = OWN_FILE is not None
    host = f"http://{ADDRESS}"
    wait_time = between(*THINK_S) if THINK_S else constant_throughput(PER_USER_RATE)
    max_redirects = 0
    connection_timeout = network_timeout = 10.0

    def on_start(self) -> None:
        """Users that begin together would send in bursts."""
        gevent.sleep(random.uniform(0, 1 / PER_USER_RATE))

    @task
    def next_request(self) -> None:
        """One prepared request; status and whole body are compared."""
        item = next(ITEMS)
        headers = {"Accept-Encoding": "identity", **dict(item.data["headers"])}
        path, body = item.data["path"], item.data["body"] or None
        known = {"part": item.data["part"], "status": item.status}
        with self.client.request(
            item.data["method"], path, name=item.label, data=body, headers=headers, context=known, catch_response=True
        ) as response:
            reason = _reason(item, response)
            if reason:
                response.failure(reason)
            else:
                response.success()


def _reason(item: RingItem, response: Any) -> str:
    """What is wrong, empty if nothing; Locust gives requests without an answer the status 0."""
    if not response.status_code:
        return f"{item.label}: no answer: {response.request_meta['exception']}"
    content = response.content or b""
    fault = item.fault(response.status_code, len(content), content)
    return f"{item.label}: {fault}" if fault else ""


def note(
    *,
    request_type: str,
    name: str,
    response_time: float,
    exception: Any,
    response: Any = None,
    context: Any = None,
    **_: Any,
) -> None:
    """Any user's request. Of a locustfile of one's own its name is the part, and what it calls a failure is one."""
    status = getattr(response, "status_code", 0)
    if OWN_FILE:
        part, answered = f"{request_type} {name}", 200 <= status < 400
        reason = f"{part}: {exception}" if exception else ""
    else:
        part, answered = context["part"], status == context["status"]
        reason = str(exception) if exception else ""
    RECORD.note(response_time, reason, answered=answered, part=part)


def _runner(environment: Environment) -> Any:
    assert environment.runner is not None  # noqa: S101 - it started us
    return environment.runner


def _say(message: dict[str, Any]) -> None:
    OUT.write(json.dumps(message) + "\n")
    OUT.flush()


def _measured(environment: Environment) -> None:
    runner = _runner(environment)
    gevent.sleep(PLAN["warm_s"])
    senders = set(runner.clients) if isinstance(runner, MasterRunner) else {"local"}
    started_s, own_cpu_s = time.monotonic(), time.process_time()
    runner.send_message("counting", True)
    _say({"event": "opened"})
    gevent.sleep(PLAN["duration_s"])
    duration_s, own_cpu_s = time.monotonic() - started_s, time.process_time() - own_cpu_s
    _say({"event": "closed"})
    runner.send_message("counting", False)
    with gevent.Timeout(REPORT_LIMIT_S, exception=False):
        while not senders <= REPORTS.keys():
            gevent.sleep(0.01)
    own_cpu_s = own_cpu_s if isinstance(runner, MasterRunner) else 0.0  # else it is in the one record
    _say(_result(senders, duration_s, own_cpu_s))
    TOLD.set()
    runner.quit()


def _result(senders: set[str], duration_s: float, own_cpu_s: float) -> dict[str, Any]:
    if silent := sorted(sender.rpartition("_")[0] for sender in senders - REPORTS.keys()):
        return {"failure": f"no record came from {', '.join(silent)} within {REPORT_LIMIT_S:g} s after the window"}
    reports = list(REPORTS.values())
    cpu_s = own_cpu_s + sum(report["cpu_s"] for report in reports)
    return {
        **_merged(reports),
        "duration_s": duration_s,
        "generator_cpu_s": cpu_s,
        "senders": [] if WAIT_S is None else [_share(report) for report in reports],
    }


def _share(report: dict[str, Any]) -> dict[str, Any]:
    requests = len(report["right_us"]) + report["errors"] + report["wrong"]
    return {"host": report["host"], "requests": requests, "cpu_s": report["cpu_s"]}


def _merged(reports: list[dict[str, Any]]) -> dict[str, Any]:
    sizes: Counter[str] = Counter()
    for report in reports:
        sizes.update({part: len(values_us) for part, values_us in report["parts"].items()})
    kept = {part for part, _ in sizes.most_common(MOST_PARTS)}
    parts: dict[str, list[int]] = {}
    for part, values_us in itertools.chain.from_iterable(report["parts"].items() for report in reports):
        parts.setdefault(part if part in kept else "others", []).extend(values_us)
    return {
        "right_us": [value for report in reports for value in report["right_us"]],
        "parts": parts,
        "errors": sum(report["errors"] for report in reports),
        "wrong": sum(report["wrong"] for report in reports),
        "first_error": next((report["first_error"] for report in reports if report["first_error"]), ""),
    }


def _recorded(environment: Environment, msg: Any, **_: Any) -> None:
    REPORTS[msg.node_id] = msg.data


def _tell_plan(environment: Environment, msg: Any, **_: Any) -> None:
    plan = {**PLAN, "code": _code(OWN_FILE)}
    _runner(environment).send_message("plan", json.dumps(plan), client_id=msg.node_id)


def _give_up(runner: Any) -> None:
    """Locust would wait for its workers for ever; our parent tells why it does not."""
    if not BEGUN.wait(WAIT_S) and runner.worker_count < PLAN["processes"]:
        _say({"connected": runner.worker_count})


def _left(**_: Any) -> None:
    """Locust ends with its last sender, and says nothing."""
    if not TOLD.is_set():
        _say({"failure": "the last of its senders left before the window was over"})


def meet(environment: Environment, runner: Any, **_: Any) -> None:
    """Who measures hears records, who sends hears when to count; of one process both are the same."""
    if not isinstance(runner, MasterRunner):
        runner.register_message("counting", RECORD.count)
        events.request.add_listener(note)  # type: ignore[no-untyped-call]
    if not isinstance(runner, WorkerRunner):
        runner.register_message("recorded", _recorded)
        runner.register_message("plan", _tell_plan)
        if isinstance(runner, MasterRunner):
            events.quitting.add_listener(_left)  # type: ignore[no-untyped-call]
        if WAIT_S is not None:
            gevent.spawn(_give_up, runner)


def begin(environment: Environment, **_: Any) -> None:
    """Whoever measures waits for the end of the warm-up; each of several senders begins somewhere in the ring."""
    BEGUN.set()
    if isinstance(_runner(environment), WorkerRunner):
        skipped = random.randrange(len(RING))
        next(itertools.islice(ITEMS, skipped, skipped), None)
    else:
        gevent.spawn(_measured, environment)


events.init.add_listener(meet)  # type: ignore[no-untyped-call]
events.test_start.add_listener(begin)  # type: ignore[no-untyped-call]
if OWN_FILE:  # Locust takes the users of this module, so they are made its own; a shape of load is not
    users, _ = load_locustfile(OWN_FILE)
    if not users:
        _say({"failure": f"{OWN_FILE} holds no class of users; derive one from FastHttpUser"})
    globals().update(users)
